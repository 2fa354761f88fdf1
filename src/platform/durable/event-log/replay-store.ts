// The replays that are under way, and how far each got in the log.

import { z } from 'zod'
import { DELIVERY_STATUSES, type Run } from '../../../engine/model/index.ts'
import type { ReplayRequest } from '../../../engine/ports/index.ts'
import { AFTER_ALL_IDS } from '../../../primitives/ids.ts'
import type { Table } from '../migrate.ts'
import { jsonText, rowOf, rowsOf } from '../rows.ts'
import type { LogPosition } from './event-store.ts'

/** As 0.1.0 made them. */
export const REPLAYS_TABLES = `
  CREATE TABLE IF NOT EXISTS replays (
    run TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    request TEXT NOT NULL,
    -- '<row>/<event>', or '<row>' when all of the row is sent.
    sent_until TEXT NOT NULL
  ) WITHOUT ROWID;
  -- Rows that came into the log at a place that a replay had passed.
  CREATE TABLE IF NOT EXISTS late_rows (
    run TEXT NOT NULL,
    first_event TEXT NOT NULL,
    -- The last of its events that was sent; '' before the first.
    sent_until TEXT NOT NULL,
    PRIMARY KEY (run, first_event)
  ) WITHOUT ROWID`

/** What a replay becomes of which nobody knows what it was to send: it ends at once, with nothing. */
const NOTHING: ReplayRequest = {
  webhookId: '',
  eventTypes: [],
  scope: {},
  since: 0,
  until: 0,
  onlyMissing: false,
}

export const REPLAYS: Table = {
  name: 'replays',
  columns: {
    tenant_id: {
      sql: "TEXT NOT NULL DEFAULT ''",
      restored: `UPDATE replays SET request = '${JSON.stringify(NOTHING)}'`,
    },
    request: { sql: `TEXT NOT NULL DEFAULT '${JSON.stringify(NOTHING)}'` },
    sent_until: { sql: "TEXT NOT NULL DEFAULT ''" },
  },
}

export const LATE_ROWS: Table = {
  name: 'late_rows',
  columns: { sent_until: { sql: "TEXT NOT NULL DEFAULT ''" } },
}

const Request: z.ZodType<ReplayRequest> = z.object({
  webhookId: z.string(),
  eventTypes: z.array(z.string()),
  scope: z.record(z.string(), z.string()).default({}),
  channels: z.array(z.string()).optional(),
  since: z.number(),
  until: z.number(),
  onlyTypes: z.array(z.string()).optional(),
  onlyChannel: z.string().optional(),
  onlyTag: z.string().optional(),
  onlyStatuses: z.array(z.enum(DELIVERY_STATUSES)).optional(),
  onlyCodeClass: z.number().optional(),
  onlyMissing: z.boolean().default(false),
})

const Row = z.object({
  run: z.string(),
  tenant_id: z.string(),
  request: jsonText(Request),
  sent_until: z.string(),
})
type Row = z.infer<typeof Row>
const PositionRow = Row.pick({ sent_until: true })
const LateRow = z.object({ row: z.string(), event: z.string() })

export interface RunningReplay {
  readonly run: Run
  readonly tenantId: string
  readonly request: ReplayRequest
  readonly position: LogPosition
}

export class ReplayStore {
  private readonly sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.sql = sql
  }

  insert(run: Run, tenantId: string, request: ReplayRequest): void {
    const query = "INSERT INTO replays (run, tenant_id, request, sent_until) VALUES (?, ?, ?, '')"
    this.sql.exec(query, run, tenantId, JSON.stringify(request))
  }

  all(): readonly RunningReplay[] {
    return [...rowsOf(this.sql, Row, 'SELECT * FROM replays ORDER BY run')].map(toReplay)
  }

  /** Null when it was cancelled meanwhile. */
  positionOf(run: Run): LogPosition | null {
    const query = 'SELECT sent_until FROM replays WHERE run = ?'
    const row = rowOf(this.sql, PositionRow, query, run)
    return row ? toPosition(row.sent_until) : null
  }

  moveTo({ row, event }: LogPosition, run: Run): void {
    this.sql.exec('UPDATE replays SET sent_until = ? WHERE run = ?', `${row}/${event}`, run)
  }

  /** With the rows that came late. */
  delete(run: Run): void {
    this.sql.exec('DELETE FROM replays WHERE run = ?', run)
    this.sql.exec('DELETE FROM late_rows WHERE run = ?', run)
  }

  addLate(run: Run, firstEvent: string): void {
    const query = "INSERT OR IGNORE INTO late_rows (run, first_event, sent_until) VALUES (?, ?, '')"
    this.sql.exec(query, run, firstEvent)
  }

  /** Where a replay stands in its first late row; null when there is none. */
  latePositionOf(run: Run): LogPosition | null {
    const query = `SELECT first_event AS row, sent_until AS event FROM late_rows
      WHERE run = ? ORDER BY first_event LIMIT 1`
    return rowOf(this.sql, LateRow, query, run) ?? null
  }

  moveLateTo({ row, event }: LogPosition, run: Run): void {
    const query = 'UPDATE late_rows SET sent_until = ? WHERE run = ? AND first_event = ?'
    this.sql.exec(query, event, run, row)
  }

  deleteLate(run: Run, firstEvent: string): void {
    this.sql.exec('DELETE FROM late_rows WHERE run = ? AND first_event = ?', run, firstEvent)
  }
}

function toReplay({
  run,
  tenant_id: tenantId,
  request,
  sent_until: sentUntil,
}: Row): RunningReplay {
  return { run, tenantId, request, position: toPosition(sentUntil) }
}

function toPosition(sentUntil: string): LogPosition {
  const [row = '', event = AFTER_ALL_IDS] = sentUntil.split('/')
  return { row, event }
}
