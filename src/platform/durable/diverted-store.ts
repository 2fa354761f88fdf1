// Events a webhook did not get, kept with their payload until retention ends, and which of them are being resent.

import { DivertedEventSchema } from '../../engine/event-schema.ts'
import { frame, unframe } from '../../engine/frame.ts'
import type { DivertedEvent, Run } from '../../engine/model.ts'
import type { DivertedQuery } from '../../engine/ports.ts'
import { cutPage } from './page.ts'

const SCHEMA = `
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

type Row = { entry: string }

export class DivertedStore {
  private readonly sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.sql = sql
    sql.exec(SCHEMA)
  }

  put(diverted: DivertedEvent): void {
    const { event, divertedAt } = diverted
    // What a resend marked stays marked: another run of the event may end while that one is under way.
    const query = `INSERT INTO diverted (event_id, event_type, diverted_at, entry) VALUES (?, ?, ?, ?)
      ON CONFLICT (event_id) DO UPDATE SET diverted_at = excluded.diverted_at, entry = excluded.entry`
    this.sql.exec(query, event.id, event.type, divertedAt, frame(diverted))
  }

  find(eventId: string): DivertedEvent | null {
    const [row] = this.sql
      .exec<Row>('SELECT entry FROM diverted WHERE event_id = ?', eventId)
      .toArray()
    return row ? parse(row) : null
  }

  /** Newest event first, below `before`; as many as one answer carries. */
  list(page: { readonly limit: number; readonly offset: number; readonly before: string | null }) {
    const query = `SELECT entry FROM diverted WHERE event_id < ?
      ORDER BY event_id DESC LIMIT ? OFFSET ?`
    // 'g' sorts behind every id.
    const rows = this.sql.exec<Row>(query, page.before ?? 'g', page.limit + 1, page.offset)
    return cutPage(Iterator.from(rows).map(parse), page.limit)
  }

  delete(eventId: string): boolean {
    this.sql.exec('DELETE FROM diverted WHERE event_id = ?', eventId)
    return this.changes() > 0
  }

  /** Marks one event for a resend, whether or not another one is under way; false when it is not there. */
  claimOne(eventId: string, run: Run): boolean {
    const query = 'UPDATE diverted SET run = ?, sent = 0 WHERE event_id = ?'
    this.sql.exec(query, run, eventId)
    return this.changes() > 0
  }

  /** Marks the events of a query for a resend, those of an unfinished one excepted; returns how many. */
  claim({ since, until, eventTypes }: DivertedQuery, run: Run): number {
    const query = `UPDATE diverted SET run = ?1, sent = 0
      WHERE run IS NULL AND diverted_at >= ?2 AND diverted_at < ?3
        AND (?4 IS NULL OR event_type IN (SELECT value FROM json_each(?4)))`
    const types = eventTypes === undefined ? null : JSON.stringify(eventTypes)
    const bounds = [since ?? 0, until ?? Number.MAX_SAFE_INTEGER]
    this.sql.exec(query, run, ...bounds, types)
    return this.changes()
  }

  /** Some events of resends whose messages are not sent yet. */
  unsent(limit: number): { readonly run: Run; readonly diverted: DivertedEvent }[] {
    const query = 'SELECT run, entry FROM diverted WHERE run IS NOT NULL AND sent = 0 LIMIT ?'
    return this.sql
      .exec<Row & { run: Run }>(query, limit)
      .toArray()
      .map((row) => ({ run: row.run, diverted: parse(row) }))
  }

  markSent(eventId: string, run: Run): void {
    this.sql.exec('UPDATE diverted SET sent = 1 WHERE event_id = ? AND run = ?', eventId, run)
  }

  /** A resend ended without delivering. */
  release(eventId: string, run: Run): void {
    this.sql.exec('UPDATE diverted SET run = NULL WHERE event_id = ? AND run = ?', eventId, run)
  }

  /** Rows the last statement changed. */
  private changes(): number {
    return this.sql.exec<{ n: number }>('SELECT changes() AS n').one().n
  }

  /** Whether any are left. */
  prune(before: number): boolean {
    this.sql.exec('DELETE FROM diverted WHERE diverted_at < ?', before)
    return this.sql.exec('SELECT 1 FROM diverted LIMIT 1').toArray().length > 0
  }
}

function parse({ entry }: Row): DivertedEvent {
  return DivertedEventSchema.parse(unframe(entry))
}
