// The deliveries of a webhook that did not simply succeed at once, one row per event and run.

import { z } from 'zod'
import {
  JOINT_RUN,
  OPEN_STATUSES,
  type RunProgress,
  type RunState,
  type RunStatus,
} from '../../../engine/model/index.ts'
import type { DeliveryKey } from '../../../engine/ports/index.ts'
import { AFTER_ALL_IDS, firstIdAt, timeOf } from '../../../primitives/ids.ts'
import type { Table } from '../migrate.ts'
import { rowsOf } from '../rows.ts'
import { MonitorTables } from './monitor-tables.ts'

/** As 0.1.0 made it; later columns are steps of their own (schema.ts). */
export const DELIVERIES_TABLE = `
  CREATE TABLE IF NOT EXISTS deliveries (
    event_id TEXT NOT NULL,
    run TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_attempt_at INTEGER,
    next_attempt_at INTEGER,
    PRIMARY KEY (event_id, run)
  ) WITHOUT ROWID`

export const DELIVERIES: Table = {
  name: 'deliveries',
  columns: {
    // Nobody knows how it went: it may be asked for again.
    status: { sql: "TEXT NOT NULL DEFAULT 'pending'" },
    attempts: { sql: 'INTEGER NOT NULL DEFAULT 0' },
    last_attempt_at: { sql: 'INTEGER' },
    next_attempt_at: { sql: 'INTEGER' },
    reason: { sql: 'TEXT', since: 2 },
    carrier: { sql: 'TEXT', since: 2 },
  },
}

const Status: z.ZodType<RunStatus> = z.enum([
  'pending',
  'failing',
  'held',
  'delivered',
  'diverted',
  'dropped',
  'unsendable',
  'filtered',
  'erased',
  'withdrawn',
])

const Row = z.object({
  run: z.string(),
  status: Status,
  attempts: z.number(),
  last_attempt_at: z.number().nullable().default(null),
  next_attempt_at: z.number().nullable().default(null),
  reason: z.string().nullable().default(null),
  carrier: z.string().nullable().default(null),
})
const KeyedRow = Row.extend({ event_id: z.string() })

/** The statuses of deliveries that are under way, as SQL. */
const OPEN = `(${OPEN_STATUSES.map((status) => `'${status}'`).join(', ')})`

const EventRow = z.object({ event_id: z.string() })

/** Ids of events: from one on, below another, and if any are named only those. */
interface OpenRange {
  readonly from: string
  readonly below: string
  readonly ids?: readonly string[] | undefined
}

export class DeliveryStore {
  private readonly sql: SqlStorage
  /** By the times of their events. */
  private readonly tables: MonitorTables<string>
  /** No event with a higher id has a row: most events are newer than whatever failed last, and need not be looked for. */
  private newest: string

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.tables = new MonitorTables(sql, {
      table: DELIVERIES,
      make: (table, columns) => `CREATE TABLE ${table} (event_id TEXT NOT NULL, run TEXT NOT NULL,
        ${columns}, PRIMARY KEY (event_id, run)) WITHOUT ROWID`,
      ...{ key: 'event_id', schema: z.string(), timeOf, keyAt: firstIdAt },
    })
    this.newest = this.tables.newest() ?? ''
  }

  put({ eventId, run }: DeliveryKey, state: RunProgress): void {
    const { status, attempts, lastAttemptAt, nextAttemptAt, reason, carrier } = state
    if (eventId > this.newest) this.newest = eventId
    this.sql.exec(
      `INSERT OR REPLACE INTO ${this.tables.for(eventId)}
        (event_id, run, status, attempts, last_attempt_at, next_attempt_at, reason, carrier)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      eventId,
      run,
      status,
      attempts,
      lastAttemptAt,
      nextAttemptAt,
      reason,
      carrier,
    )
  }

  /** From here on a message carries a run that is under way. */
  carry({ eventId, run }: DeliveryKey, carrier: string): void {
    for (const table of this.tables.having(eventId)) {
      const query = `UPDATE ${table} SET carrier = ? WHERE event_id = ? AND run = ? AND status IN ${OPEN}`
      this.sql.exec(query, carrier, eventId, run)
    }
  }

  ofEvent(eventId: string): readonly RunState[] {
    if (eventId > this.newest) return []
    return this.tables.having(eventId).flatMap((table) => {
      const query = `SELECT run, status, attempts, last_attempt_at, next_attempt_at, reason, carrier
        FROM ${table} WHERE event_id = ?`
      return [...rowsOf(this.sql, Row, query, eventId)].map(
        ({ last_attempt_at, next_attempt_at, ...same }) => ({
          ...same,
          lastAttemptAt: last_attempt_at,
          nextAttemptAt: next_attempt_at,
        }),
      )
    })
  }

  /** Deliveries under way behind one, of events from an id on and below another; oldest first. */
  openBehind(
    { eventId, run }: DeliveryKey,
    { from, below, ids }: OpenRange,
    limit: number,
  ): readonly (RunState & DeliveryKey)[] {
    const query = (table: string) => `SELECT event_id, run, status, attempts,
        last_attempt_at, next_attempt_at, reason, carrier FROM ${table}
      WHERE (event_id, run) > (?1, ?2) AND event_id >= ?3 AND event_id < ?4
      AND (?5 IS NULL OR event_id IN (SELECT value FROM json_each(?5)))
      AND run <> '${JOINT_RUN}' AND status IN ${OPEN} ORDER BY event_id, run`
    const asked = ids === undefined ? null : JSON.stringify(ids)
    const rows = this.read(
      KeyedRow,
      this.tables.all,
      query,
      limit,
      eventId,
      run,
      from,
      below,
      asked,
    )
    return rows.map(({ event_id: eventId, last_attempt_at, next_attempt_at, ...same }) => ({
      ...{ ...same, eventId },
      ...{ lastAttemptAt: last_attempt_at, nextAttemptAt: next_attempt_at },
    }))
  }

  /** Events of which a delivery is under way, behind one and below another; oldest first. */
  openEvents(limit: number, behind = '', below = AFTER_ALL_IDS): readonly string[] {
    const query = (table: string) => `SELECT DISTINCT event_id FROM ${table}
      WHERE event_id > ? AND event_id < ?
      AND status IN ${OPEN} AND run <> '${JOINT_RUN}' ORDER BY event_id`
    const rows = this.read(EventRow, this.tables.all, query, limit, behind, below)
    return rows.map(({ event_id }) => event_id)
  }

  /** Events of which there is a row, below one; newest first. */
  eventsBelow(below: string, limit: number): readonly string[] {
    const query = (table: string) => `SELECT DISTINCT event_id FROM ${table}
      WHERE event_id < ? AND run <> '${JOINT_RUN}' ORDER BY event_id DESC`
    const newestFirst = this.tables.all.toReversed()
    const rows = this.read(EventRow, newestFirst, query, limit, below)
    return rows.map(({ event_id }) => event_id)
  }

  /** Removes deliveries of events accepted before a time (Unix milliseconds) that are not under way; whether any are left. */
  prune(before: number): boolean {
    const former = `DELETE FROM ${DELIVERIES.name} WHERE event_id < ? AND status NOT IN ${OPEN}`
    this.sql.exec(former, firstIdAt(before))
    this.tables.prune(before, before, `status IN ${OPEN}`)
    return this.tables.hasMoreThan(0)
  }

  /** After a transaction that was undone. */
  reload(): void {
    this.tables.reload()
    this.newest = this.tables.newest() ?? ''
  }

  /** The first rows of one table after the other: each has later events than the one before. */
  private read<One>(
    schema: z.ZodType<One>,
    tables: readonly string[],
    query: (table: string) => string,
    limit: number,
    ...bindings: readonly SqlStorageValue[]
  ): readonly One[] {
    const found: One[] = []
    for (const table of tables) {
      if (found.length >= limit) break
      const rest = `${query(table)} LIMIT ${limit - found.length}`
      found.push(...rowsOf(this.sql, schema, rest, ...bindings))
    }
    return found
  }
}
