// Events a webhook did not get, kept with their payload until retention ends, and which of them are being resent.

import { z } from 'zod'
import { DivertedEventSchema } from '../../../engine/model/event-schema.ts'
import type { DivertedEvent, Run, Scope } from '../../../engine/model/index.ts'
import type { DivertedQuery } from '../../../engine/ports/index.ts'
import { frame, framedLine, unframe } from '../../../primitives/framed-json.ts'
import { LOG } from '../../../tuning.ts'
import type { Table } from '../migrate.ts'
import { OccasionalColumn } from '../occasional.ts'
import { cutPage } from '../page.ts'
import { changes, rowOf, rowsOf } from '../rows.ts'
import { OPEN } from './delivery-store.ts'
import { type DivertedRetention, expiresAt } from './diverted-retention.ts'

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
  -- Only what waits to be resent stands in it, so that a resend of many does not look through all for each step.
  CREATE INDEX IF NOT EXISTS diverted_unsent ON diverted (event_id) WHERE sent = 0 AND run IS NOT NULL`

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
  indexes: `CREATE INDEX IF NOT EXISTS diverted_unsent ON diverted (event_id)
    WHERE sent = 0 AND run IS NOT NULL`,
}

const Entry = z.string().transform(unframe).pipe(DivertedEventSchema)
const Row = z.object({ entry: Entry }).transform(({ entry }) => entry)
const Unsent = z.object({ run: z.string(), entry: Entry })
const RunRow = z.object({ run: z.string().nullable().default(null) })
const Page = z.object({ count: z.number(), last: z.string().nullable() })

/** Events that were marked in one step: how many, the last of them, and whether none are left. */
interface Claimed {
  readonly count: number
  readonly last: string
  readonly isAll: boolean
}

/** Its run may be one that a resend joined: the row outlives that. */
const HAS_ENDED = `EXISTS (SELECT 1 FROM deliveries AS e WHERE e.event_id = diverted.event_id
  AND e.run = diverted.run AND e.status NOT IN ${OPEN})`

export class DivertedStore {
  private readonly sql: SqlStorage
  private readonly expiry: OccasionalColumn
  private readonly retention: DivertedRetention

  constructor(sql: SqlStorage, retention: DivertedRetention) {
    this.sql = sql
    this.retention = retention
    this.expiry = new OccasionalColumn(sql, DIVERTED, 'expires_at')
  }

  put(diverted: DivertedEvent): void {
    const { event, divertedAt } = diverted
    const expires = expiresAt(event)
    if (expires !== null) this.expiry.make()
    const told = { diverted_at: divertedAt, entry: frame(diverted) }
    const values = this.expiry.exists ? { ...told, expires_at: expires } : told
    const names = Object.keys(values)
    // What a resend marked stays marked: another run of the event may end while that one is under way.
    const query = `INSERT INTO diverted (event_id, event_type, ${names.join(', ')})
      VALUES (?, ?, ${names.map(() => '?').join(', ')})
      ON CONFLICT (event_id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`
    this.sql.exec(query, event.id, event.type, ...Object.values(values))
  }

  find(eventId: string): DivertedEvent | null {
    const query = `SELECT entry FROM diverted WHERE event_id = ? AND ${this.isKept()}`
    return rowOf(this.sql, Row, query, eventId) ?? null
  }

  /** Newest event first, below `before`; as many as one answer carries. */
  list(page: { readonly limit: number; readonly offset: number; readonly before: string | null }) {
    const query = `SELECT entry FROM diverted WHERE event_id < ? AND ${this.isKept()}
      ORDER BY event_id DESC LIMIT ? OFFSET ?`
    // 'g' sorts behind every id.
    const bounds = [page.before ?? 'g', page.limit + 1, page.offset]
    return cutPage(rowsOf(this.sql, Row, query, ...bounds), page.limit)
  }

  /** The next events behind one, with what their scopes are. */
  *scopesBehind(eventId: string, limit: number): Generator<{ eventId: string; scope: Scope }> {
    const query = 'SELECT entry FROM diverted WHERE event_id > ? ORDER BY event_id LIMIT ?'
    for (const { event } of rowsOf(this.sql, Row, query, eventId, limit)) {
      yield { eventId: event.id, scope: event.scope }
    }
  }

  delete(eventId: string): boolean {
    this.sql.exec('DELETE FROM diverted WHERE event_id = ?', eventId)
    return changes(this.sql) > 0
  }

  /**
   * Marks the next events of a query, those behind `after`, for a job that sends them again. Each joins the run of it that is
   * under way, and makes a run of the job's own where there is none.
   */
  claim({ since, until, eventTypes, eventId }: DivertedQuery, job: string, after: string): Claimed {
    const types = eventTypes === undefined ? null : JSON.stringify(eventTypes)
    const bounds = [since ?? 0, until ?? Number.MAX_SAFE_INTEGER]
    const chosen = `event_id > ?1 AND diverted_at >= ?2 AND diverted_at < ?3
      AND ${this.isKept()}
      AND (?4 IS NULL OR event_type IN (SELECT value FROM json_each(?4)))
      AND (?5 IS NULL OR event_id = ?5)`
    const page = rowOf(
      this.sql,
      Page,
      `SELECT count(*) AS count, max(event_id) AS last FROM
        (SELECT event_id FROM diverted WHERE ${chosen} ORDER BY event_id LIMIT ?6)`,
      ...[after, ...bounds, types, eventId ?? null, LOG.claimedEvents],
    )
    if (page === undefined || page.last === null) return { count: 0, last: after, isAll: true }
    this.sql.exec(
      `UPDATE diverted SET job = ?6, sent = 0, run = coalesce(
        (SELECT d.run FROM deliveries AS d WHERE d.event_id = diverted.event_id
          AND d.status IN ${OPEN} ORDER BY d.last_attempt_at DESC, d.run DESC LIMIT 1),
        CASE WHEN ${HAS_ENDED} THEN NULL ELSE run END, ?6)
      WHERE ${chosen} AND event_id <= ?7`,
      ...[after, ...bounds, types, eventId ?? null, job, page.last],
    )
    // The messages that carried these runs until now only follow from here on.
    this.sql.exec(
      `UPDATE deliveries SET carrier = ?1 WHERE status IN ${OPEN}
        AND event_id > ?2 AND event_id <= ?3 AND (event_id, run) IN (SELECT event_id, run
          FROM diverted WHERE event_id > ?2 AND event_id <= ?3 AND job = ?1 AND run <> ?1)`,
      ...[job, after, page.last],
    )
    return { count: page.count, last: page.last, isAll: page.count < LOG.claimedEvents }
  }

  /** The run of an event that a job sends it again in; null when none does, or that has ended. */
  runOf(eventId: string): Run | null {
    const query = `SELECT run FROM diverted WHERE event_id = ? AND NOT ${HAS_ENDED}`
    return rowOf(this.sql, RunRow, query, eventId)?.run ?? null
  }

  /** Some events that a job has yet to send. */
  unsent(job: string, limit: number): { readonly run: Run; readonly diverted: DivertedEvent }[] {
    const query =
      'SELECT run, entry FROM diverted WHERE run IS NOT NULL AND sent = 0 AND job = ? LIMIT ?'
    const rows = rowsOf(this.sql, Unsent, query, job, limit)
    return [...rows].map(({ run, entry: diverted }) => ({ run, diverted }))
  }

  markSent(eventId: string, job: string): void {
    this.sql.exec('UPDATE diverted SET sent = 1 WHERE event_id = ? AND job = ?', eventId, job)
  }

  /** What a job has not sent may be sent by others; a run that it only joined goes on without it. */
  unclaim(job: string): void {
    const query = `UPDATE diverted SET sent = 1, run = CASE WHEN run = ?1 THEN NULL ELSE run END
      WHERE run IS NOT NULL AND sent = 0 AND job = ?1`
    this.sql.exec(query, job)
  }

  /** A resend ended without delivering. */
  release(eventId: string, run: Run): void {
    this.sql.exec('UPDATE diverted SET run = NULL WHERE event_id = ? AND run = ?', eventId, run)
  }

  /** Removes what was diverted before a time, and what is kept no longer `now`; whether any are left. */
  prune(before: number, now: number): boolean {
    this.sql.exec('DELETE FROM diverted WHERE diverted_at < ?', before)
    this.sql.exec(`DELETE FROM diverted WHERE NOT (${this.isKept(now)})`)
    return this.sql.exec('SELECT 1 FROM diverted LIMIT 1').toArray().length > 0
  }

  /** After a transaction that was undone. */
  reload(): void {
    this.expiry.reload()
  }

  /**
   * Whether a row is still kept, as SQL: it goes with its event, whose id tells when that was accepted, and as any that is diverted where
   * that is kept for longer.
   */
  private isKept(now = Date.now()): string {
    const usual = `event_id >= '${this.retention.oldestKept(now)}'`
    return this.expiry.exists ? `coalesce(expires_at > ${now}, ${usual})` : usual
  }
}
