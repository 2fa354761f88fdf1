// Events a webhook did not get, kept with their payload until retention ends, and which of them are being resent.

import { z } from 'zod'
import { DivertedEventSchema } from '../../../engine/model/event-schema.ts'
import { type DivertedEvent, hasEnded, type Run, type Scope } from '../../../engine/model/index.ts'
import type { DivertedQuery } from '../../../engine/ports/index.ts'
import { frame, framedLine, unframe } from '../../../primitives/framed-json.ts'
import { AFTER_ALL_IDS, firstIdAt, timeOf } from '../../../primitives/ids.ts'
import { LOG } from '../../../tuning.ts'
import type { Table } from '../migrate.ts'
import { OccasionalColumn } from '../occasional.ts'
import { cutPage } from '../page.ts'
import { changes, rowOf, rowsOf } from '../rows.ts'
import type { DeliveryStore } from './delivery-store.ts'
import { type DivertedRetention, expiresAt } from './diverted-retention.ts'
import { MonitorTables } from './monitor-tables.ts'

/** Only what waits to be resent stands in it, so that a resend of many does not look through all for each step. */
const indexOf = (table: string) =>
  `CREATE INDEX IF NOT EXISTS ${table}_unsent ON ${table} (event_id) WHERE sent = 0 AND run IS NOT NULL`

/** As 0.1.0 made it; later columns are steps of their own (schema.ts). */
export const DIVERTED_TABLE = `
  CREATE TABLE IF NOT EXISTS diverted (
    event_id TEXT PRIMARY KEY,
    event_type TEXT NOT NULL,
    diverted_at INTEGER NOT NULL,
    -- The resend that is under way; null when there is none.
    run TEXT,
    -- 1 once the resend's message is sent.
    sent INTEGER NOT NULL DEFAULT 0,
    entry TEXT NOT NULL
  ) WITHOUT ROWID;
  ${indexOf('diverted')}`

/** Something of what a row keeps, as SQL. */
const inEntry = (path: string) => `json_extract(${framedLine('entry')}, '${path}')`

export const DIVERTED: Table = {
  name: 'diverted',
  columns: {
    event_type: {
      sql: "TEXT NOT NULL DEFAULT ''",
      restored: `UPDATE diverted SET event_type = ${inEntry('$.event.type')}`,
    },
    diverted_at: {
      sql: 'INTEGER NOT NULL DEFAULT 0',
      restored: `UPDATE diverted SET diverted_at = ${inEntry('$.divertedAt')}`,
    },
    run: { sql: 'TEXT' },
    sent: { sql: 'INTEGER NOT NULL DEFAULT 0' },
    // An event without its payload is nothing to keep.
    entry: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM diverted' },
    job: { sql: 'TEXT', since: 2 },
    // When it goes before the rest, because its event is kept for less long; Unix milliseconds.
    expires_at: { sql: 'INTEGER', occasional: true },
  },
  indexes: indexOf('diverted'),
}

const Entry = z.string().transform(unframe).pipe(DivertedEventSchema)
const Row = z.object({ entry: Entry }).transform(({ entry }) => entry)
const Unsent = z.object({ run: z.string(), entry: Entry })
const RunRow = z.object({ run: z.string().nullable().default(null) })
const Chosen = z.object({ event_id: z.string(), run: z.string().nullable(), source: z.string() })
const TypeRow = z.object({ event_id: z.string(), event_type: z.string() })

/** Events that were marked in one step: how many, the last of them, and whether none are left. */
interface Claimed {
  readonly count: number
  readonly last: string
  readonly isAll: boolean
}

export class DivertedStore {
  private readonly sql: SqlStorage
  /** By the times of their events; those that say for how long they are kept, by the day on which they go. */
  private readonly tables: MonitorTables<string>
  /** That of the former table: those by period have it from the begin. */
  private readonly expiry: OccasionalColumn
  private readonly retention: DivertedRetention
  private readonly deliveries: DeliveryStore

  constructor(sql: SqlStorage, retention: DivertedRetention, deliveries: DeliveryStore) {
    this.sql = sql
    this.retention = retention
    this.deliveries = deliveries
    this.expiry = new OccasionalColumn(sql, DIVERTED, 'expires_at')
    this.tables = new MonitorTables(sql, {
      table: DIVERTED,
      make: (table, columns) => `CREATE TABLE ${table} (event_id TEXT PRIMARY KEY, ${columns})
        WITHOUT ROWID; ${indexOf(table)}`,
      ...{ key: 'event_id', schema: z.string(), timeOf, keyAt: firstIdAt },
    })
  }

  put(diverted: DivertedEvent): void {
    const { event, divertedAt } = diverted
    const table = this.tables.for(event.id, event.retentionDays)
    const expires = expiresAt(diverted)
    if (table === DIVERTED.name && expires !== null) this.expiry.make()
    const told = { diverted_at: divertedAt, entry: frame(diverted) }
    const values = this.hasExpiry(table) ? { ...told, expires_at: expires } : told
    const names = Object.keys(values)
    // What a resend marked stays marked: another run of the event may end while that one is under way.
    const query = `INSERT INTO ${table} (event_id, event_type, ${names.join(', ')})
      VALUES (?, ?, ${names.map(() => '?').join(', ')})
      ON CONFLICT (event_id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`
    this.sql.exec(query, event.id, event.type, ...Object.values(values))
  }

  find(eventId: string): DivertedEvent | null {
    for (const table of this.tables.having(eventId)) {
      const query = `SELECT entry FROM ${table} WHERE event_id = ? AND ${this.isKept(table)}`
      const found = rowOf(this.sql, Row, query, eventId)
      if (found !== undefined) return found
    }
    return null
  }

  /** Newest event first, below `before`; as many as one answer carries. */
  list(page: { readonly limit: number; readonly offset: number; readonly before: string | null }) {
    const kept = this.tables.union(
      (table) =>
        `SELECT event_id, entry FROM ${table} WHERE event_id < ?1 AND ${this.isKept(table)}`,
    )
    const query = `${kept} ORDER BY event_id DESC LIMIT ?2 OFFSET ?3`
    const bounds = [page.before ?? AFTER_ALL_IDS, page.limit + 1, page.offset]
    return cutPage(rowsOf(this.sql, Row, query, ...bounds), page.limit)
  }

  /** The next events behind one, with what their scopes are. */
  *scopesBehind(eventId: string, limit: number): Generator<{ eventId: string; scope: Scope }> {
    const behind = this.tables.union(
      (table) => `SELECT event_id, entry FROM ${table} WHERE event_id > ?1`,
    )
    const query = `${behind} ORDER BY event_id LIMIT ?2`
    for (const { event } of rowsOf(this.sql, Row, query, eventId, limit)) {
      yield { eventId: event.id, scope: event.scope }
    }
  }

  /** The types of those of these events that are here. */
  typesOf(eventIds: readonly string[]): ReadonlyMap<string, string> {
    const query = this.tables.union(
      (table) => `SELECT event_id, event_type FROM ${table}
        WHERE event_id IN (SELECT value FROM json_each(?1))`,
    )
    const rows = rowsOf(this.sql, TypeRow, query, JSON.stringify(eventIds))
    return new Map([...rows].map(({ event_id, event_type }) => [event_id, event_type]))
  }

  delete(eventId: string): boolean {
    let deleted = 0
    for (const table of this.tables.having(eventId)) {
      this.sql.exec(`DELETE FROM ${table} WHERE event_id = ?`, eventId)
      deleted += changes(this.sql)
    }
    return deleted > 0
  }

  /**
   * Marks the next events of a query, those behind `after`, for a job that sends them again. Each joins the run of it that is
   * under way, and makes a run of the job's own where there is none.
   */
  claim({ since, until, eventTypes, eventId }: DivertedQuery, job: string, after: string): Claimed {
    const types = eventTypes === undefined ? null : JSON.stringify(eventTypes)
    const bounds = [since ?? 0, until ?? Number.MAX_SAFE_INTEGER]
    const chosen = this.tables.union(
      (table) => `SELECT event_id, run, '${table}' AS source FROM ${table}
        WHERE event_id > ?1 AND diverted_at >= ?2 AND diverted_at < ?3
          AND ${this.isKept(table)}
          AND (?4 IS NULL OR event_type IN (SELECT value FROM json_each(?4)))
          AND (?5 IS NULL OR event_id = ?5)`,
    )
    const query = `${chosen} ORDER BY event_id LIMIT ?6`
    const asked = [after, ...bounds, types, eventId ?? null, LOG.claimedEvents]
    const rows = [...rowsOf(this.sql, Chosen, query, ...asked)]
    for (const { event_id: id, run, source } of rows) {
      const joined = this.runToJoin(id, run)
      const marked = `UPDATE ${source} SET job = ?1, sent = 0, run = ?2 WHERE event_id = ?3`
      this.sql.exec(marked, job, joined ?? job, id)
      // The messages that carried this run until now only follow from here on.
      if (joined !== null && joined !== job)
        this.deliveries.carry({ eventId: id, run: joined }, job)
    }
    const last = rows.at(-1)?.event_id ?? after
    return { count: rows.length, last, isAll: rows.length < LOG.claimedEvents }
  }

  /** The run of an event that a job sends it again in; null when none does, or that has ended. */
  runOf(eventId: string): Run | null {
    for (const table of this.tables.having(eventId)) {
      const query = `SELECT run FROM ${table} WHERE event_id = ?`
      const row = rowOf(this.sql, RunRow, query, eventId)
      if (row !== undefined) return this.unlessEnded(eventId, row.run)
    }
    return null
  }

  /** Some events that a job has yet to send. */
  unsent(job: string, limit: number): { readonly run: Run; readonly diverted: DivertedEvent }[] {
    const found: { readonly run: Run; readonly diverted: DivertedEvent }[] = []
    for (const table of this.tables.all) {
      const query = `SELECT run, entry FROM ${table} WHERE run IS NOT NULL AND sent = 0 AND job = ? LIMIT ?`
      const rows = rowsOf(this.sql, Unsent, query, job, limit - found.length)
      for (const { run, entry: diverted } of rows) found.push({ run, diverted })
    }
    return found
  }

  markSent(eventId: string, job: string): void {
    for (const table of this.tables.having(eventId)) {
      this.sql.exec(`UPDATE ${table} SET sent = 1 WHERE event_id = ? AND job = ?`, eventId, job)
    }
  }

  /** What a job has not sent may be sent by others; a run that it only joined goes on without it. */
  unclaim(job: string): void {
    for (const table of this.tables.all) {
      const query = `UPDATE ${table} SET sent = 1, run = CASE WHEN run = ?1 THEN NULL ELSE run END
        WHERE run IS NOT NULL AND sent = 0 AND job = ?1`
      this.sql.exec(query, job)
    }
  }

  /** A resend ended without delivering. */
  release(eventId: string, run: Run): void {
    for (const table of this.tables.having(eventId)) {
      this.sql.exec(`UPDATE ${table} SET run = NULL WHERE event_id = ? AND run = ?`, eventId, run)
    }
  }

  /** Removes what was diverted before a time, and what is kept no longer `now`; whether any are left. */
  prune(before: number, now: number): boolean {
    const { name } = DIVERTED
    const former = `DELETE FROM ${name} WHERE diverted_at < ? OR NOT (${this.isKept(name, now)})`
    this.sql.exec(former, before)
    this.tables.prune(timeOf(this.retention.oldestKept(now)), now)
    // A table for the day that an event says may be much later: what was diverted is kept for less long.
    this.tables.deleteOwn(`expires_at < ${now - LOG.periodMs}`)
    return this.tables.hasMoreThan(0)
  }

  /** After a transaction that was undone. */
  reload(): void {
    this.expiry.reload()
    this.tables.reload()
  }

  /** The run that a resend joins: of those under way the one that was tried last, or that of another resend. */
  private runToJoin(eventId: string, marked: Run | null): Run | null {
    const open = this.deliveries.ofEvent(eventId).filter(({ status }) => !hasEnded(status))
    const [latest] = open.toSorted(
      (a, b) => (b.lastAttemptAt ?? 0) - (a.lastAttemptAt ?? 0) || (a.run < b.run ? 1 : -1),
    )
    return latest?.run ?? this.unlessEnded(eventId, marked)
  }

  /** A run may be one that a resend joined: the row outlives that. */
  private unlessEnded(eventId: string, run: Run | null): Run | null {
    const made = this.deliveries.ofEvent(eventId).find((one) => one.run === run)
    return made !== undefined && hasEnded(made.status) ? null : run
  }

  private hasExpiry(table: string): boolean {
    return table !== DIVERTED.name || this.expiry.exists
  }

  /**
   * Whether a row is still kept, as SQL: it goes with its event, whose id tells when that was accepted, and as any that is diverted where
   * that is kept for longer.
   */
  private isKept(table: string, now = Date.now()): string {
    const usual = `event_id >= '${this.retention.oldestKept(now)}'`
    return this.hasExpiry(table) ? `coalesce(expires_at > ${now}, ${usual})` : usual
  }
}
