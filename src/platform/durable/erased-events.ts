// Events that are to have no content, as an object was told by their ids: what comes in of them later is not kept. Of a monitor
// all that it was told of; of an event log those that have not come in yet.

import { z } from 'zod'
import { QUEUE } from '../../tuning.ts'
import type { Table } from './migrate.ts'
import { rowOf } from './rows.ts'

export const ERASED_EVENTS_TABLE =
  'CREATE TABLE IF NOT EXISTS erased_events (event_id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID'

/** `since`: the step of the object's schema that makes it. */
export function erasedEventsTable(since: number): Table {
  return {
    name: 'erased_events',
    columns: { at: { sql: 'INTEGER NOT NULL DEFAULT 0', since } },
  }
}

const Row = z.object({ at: z.number() })

export class ErasedEvents {
  private readonly sql: SqlStorage
  /** Most objects have none: then nobody asks. */
  private isEmpty: boolean

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.isEmpty = sql.exec('SELECT 1 FROM erased_events LIMIT 1').toArray().length === 0
  }

  add(eventId: string, now: number): void {
    this.isEmpty = false
    this.sql.exec('INSERT OR IGNORE INTO erased_events (event_id, at) VALUES (?, ?)', eventId, now)
  }

  has(eventId: string): boolean {
    return this.find(eventId) !== null
  }

  /** When it was told of an event, Unix milliseconds; null: never. */
  find(eventId: string): number | null {
    if (this.isEmpty) return null
    const query = 'SELECT at FROM erased_events WHERE event_id = ?'
    return rowOf(this.sql, Row, query, eventId)?.at ?? null
  }

  /** Forgets those of which no message can be in a queue any more; whether any are left. */
  prune(now: number): boolean {
    if (this.isEmpty) return false
    const before = now - 2 * QUEUE.maxRetentionSeconds * 1_000
    this.sql.exec('DELETE FROM erased_events WHERE at < ?', before)
    this.isEmpty = this.sql.exec('SELECT 1 FROM erased_events LIMIT 1').toArray().length === 0
    return !this.isEmpty
  }
}
