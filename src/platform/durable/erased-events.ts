// Events that are to have no content, as an object was told by their ids: what comes in of them later is not kept. Of a monitor
// all that it was told of; of an event log those that have not come in yet.

import { z } from 'zod'
import { QUEUE } from '../../tuning.ts'
import { type OccasionalSchema, OccasionalTable } from './occasional.ts'
import { rowOf } from './rows.ts'

export const ERASED_EVENTS: OccasionalSchema = {
  name: 'erased_events',
  columns: { at: { sql: 'INTEGER NOT NULL DEFAULT 0' } },
  occasional:
    'CREATE TABLE erased_events (event_id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID',
}

const Row = z.object({ at: z.number() })

export class ErasedEvents {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.table = new OccasionalTable(sql, ERASED_EVENTS)
  }

  add(eventId: string, now: number): void {
    this.table.make()
    this.sql.exec('INSERT OR IGNORE INTO erased_events (event_id, at) VALUES (?, ?)', eventId, now)
  }

  has(eventId: string): boolean {
    return this.find(eventId) !== null
  }

  /** When it was told of an event, Unix milliseconds; null: never. */
  find(eventId: string): number | null {
    if (!this.table.exists) return null
    const query = 'SELECT at FROM erased_events WHERE event_id = ?'
    return rowOf(this.sql, Row, query, eventId)?.at ?? null
  }

  /** Forgets those of which no message can be in a queue any more; whether any are left. */
  prune(now: number): boolean {
    if (!this.table.exists) return false
    const before = now - 2 * QUEUE.maxRetentionSeconds * 1_000
    this.sql.exec('DELETE FROM erased_events WHERE at < ?', before)
    return this.sql.exec('SELECT 1 FROM erased_events LIMIT 1').toArray().length > 0
  }

  /** After a transaction that was undone. */
  reload(): void {
    this.table.reload()
  }
}
