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
import { firstIdAt } from '../../../primitives/ids.ts'
import type { Table } from '../migrate.ts'
import { rowOf, rowsOf } from '../rows.ts'

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
export const OPEN = `(${OPEN_STATUSES.map((status) => `'${status}'`).join(', ')})`

const OpenRow = z.object({ event_id: z.string() })
const Newest = z.object({ newest: z.string().nullable() })

/** Ids of events: from one on, below another, and if any are named only those. */
interface OpenRange {
  readonly from: string
  readonly below: string
  readonly ids?: readonly string[] | undefined
}

export class DeliveryStore {
  private readonly sql: SqlStorage
  /** No event with a higher id has a row: most events are newer than whatever failed last, and need not be looked for. */
  private newest: string

  constructor(sql: SqlStorage) {
    this.sql = sql
    const query = 'SELECT max(event_id) AS newest FROM deliveries'
    this.newest = rowOf(sql, Newest, query)?.newest ?? ''
  }

  put({ eventId, run }: DeliveryKey, state: RunProgress): void {
    const { status, attempts, lastAttemptAt, nextAttemptAt, reason, carrier } = state
    if (eventId > this.newest) this.newest = eventId
    this.sql.exec(
      `INSERT OR REPLACE INTO deliveries
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

  ofEvent(eventId: string): readonly RunState[] {
    if (eventId > this.newest) return []
    const query = `SELECT run, status, attempts, last_attempt_at, next_attempt_at, reason, carrier
      FROM deliveries WHERE event_id = ?`
    return [...rowsOf(this.sql, Row, query, eventId)].map(
      ({ last_attempt_at, next_attempt_at, ...same }) => ({
        ...same,
        lastAttemptAt: last_attempt_at,
        nextAttemptAt: next_attempt_at,
      }),
    )
  }

  /** Deliveries under way behind one, of events from an id on and below another; oldest first. */
  openBehind(
    { eventId, run }: DeliveryKey,
    { from, below, ids }: OpenRange,
    limit: number,
  ): readonly (RunState & DeliveryKey)[] {
    const query = `SELECT event_id, run, status, attempts, last_attempt_at, next_attempt_at, reason, carrier
      FROM deliveries WHERE (event_id, run) > (?, ?) AND event_id >= ? AND event_id < ?
        AND (?5 IS NULL OR event_id IN (SELECT value FROM json_each(?5)))
        AND run <> '${JOINT_RUN}' AND status IN ${OPEN} ORDER BY event_id, run LIMIT ?6`
    const asked = ids === undefined ? null : JSON.stringify(ids)
    const rows = rowsOf(this.sql, KeyedRow, query, eventId, run, from, below, asked, limit)
    return [...rows].map(({ event_id: eventId, last_attempt_at, next_attempt_at, ...same }) => ({
      ...{ ...same, eventId },
      ...{ lastAttemptAt: last_attempt_at, nextAttemptAt: next_attempt_at },
    }))
  }

  /** Events of which a delivery is under way, oldest first. */
  openEvents(limit: number): readonly string[] {
    const query = `SELECT DISTINCT event_id FROM deliveries
      WHERE status IN ${OPEN} AND run <> '${JOINT_RUN}' ORDER BY event_id LIMIT ?`
    return [...rowsOf(this.sql, OpenRow, query, limit)].map(({ event_id }) => event_id)
  }

  /** Removes deliveries of events accepted before a time (Unix milliseconds); whether any are left. */
  prune(before: number): boolean {
    this.sql.exec(
      `DELETE FROM deliveries WHERE event_id < ? AND status NOT IN ${OPEN}`,
      firstIdAt(before),
    )
    return this.sql.exec('SELECT 1 FROM deliveries LIMIT 1').toArray().length > 0
  }
}
