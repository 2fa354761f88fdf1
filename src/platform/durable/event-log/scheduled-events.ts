// Events whose time has not come. In: what was published for later; out: what is due, by the times in their ids. The table is made
// with the first of them: a tenant that schedules nothing has none, and pays for nothing.

import { z } from 'zod'
import { EventSchema } from '../../../engine/model/event-schema.ts'
import { type Event, expunge, isCancelled, isExpunged } from '../../../engine/model/index.ts'
import type { EventQuery } from '../../../engine/ports/index.ts'
import { SCHEDULING } from '../../../limits.ts'
import { byteLength, frame, unframe } from '../../../primitives/framed-json.ts'
import { AFTER_ALL_IDS, firstIdAt, timeOf } from '../../../primitives/ids.ts'
import { LOG } from '../../../tuning.ts'
import { type OccasionalSchema, OccasionalTable } from '../occasional.ts'
import { rowOf, rowsOf } from '../rows.ts'

export const SCHEDULED_EVENTS: OccasionalSchema = {
  name: 'scheduled_events',
  columns: {
    bytes: { sql: 'INTEGER NOT NULL DEFAULT 0' },
    // A row without its event is nothing to send.
    event: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM scheduled_events' },
  },
  occasional: `
  CREATE TABLE scheduled_events (
    -- Its time is when the event is accepted.
    event_id TEXT PRIMARY KEY,
    -- Of the event, so that they are counted without reading any.
    bytes INTEGER NOT NULL,
    -- A frame of the event alone.
    event TEXT NOT NULL
  ) WITHOUT ROWID`,
}

const Row = z.object({
  event: z
    .string()
    .transform(unframe)
    .pipe(z.tuple([EventSchema]))
    .transform(([event]) => event),
})
const Totals = z.object({ events: z.number(), bytes: z.number().nullable() })
const Size = z.object({ bytes: z.number() })
const SIZE = 'SELECT bytes FROM scheduled_events WHERE event_id = ?'
const Next = z.object({ id: z.string().nullable() })

/** Events that one step accepts. */
const STEP_EVENTS = 50
/** Events that are read at once where all are looked through. */
const PAGE_EVENTS = 100

export class ScheduledEvents {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable
  /** How many there are, and of how many bytes; null until they are counted. */
  private totals: { readonly events: number; readonly bytes: number } | null = null

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.table = new OccasionalTable(sql, SCHEDULED_EVENTS)
  }

  /** When the next one is due, Unix milliseconds; null: there is none. */
  get next(): number | null {
    if (!this.table.exists) return null
    const row = rowOf(this.sql, Next, 'SELECT min(event_id) AS id FROM scheduled_events')
    return row?.id ? timeOf(row.id) : null
  }

  /** Whether so many more may wait. */
  hasRoomFor(events: readonly Event[]): boolean {
    const { events: count, bytes } = this.counted()
    const added = events.reduce((sum, event) => sum + byteLength(textOf(event)), 0)
    return count + events.length <= SCHEDULING.events && bytes + added <= SCHEDULING.bytes
  }

  /** One that waits; its time may have come. */
  find(id: string): Event | null {
    if (!this.table.exists) return null
    const query = 'SELECT event FROM scheduled_events WHERE event_id = ?'
    return rowOf(this.sql, Row, query, id)?.event ?? null
  }

  /** The first of those whose time has come, as many as one step accepts. */
  due(now: number): readonly Event[] {
    if (!this.table.exists) return []
    const query = `SELECT event FROM scheduled_events WHERE event_id < ? ORDER BY event_id LIMIT ?`
    const due: Event[] = []
    let chars = 0
    for (const { event } of rowsOf(this.sql, Row, query, firstIdAt(now + 1), STEP_EVENTS)) {
      due.push(event)
      chars += event.data.length
      if (chars >= LOG.readChars) break
    }
    return due
  }

  /** Within a transaction: keeps events until their time. */
  add(events: Iterable<Event>): void {
    for (const event of events) {
      this.table.make()
      const text = textOf(event)
      const bytes = byteLength(text)
      const query = 'INSERT INTO scheduled_events (event_id, bytes, event) VALUES (?, ?, ?)'
      this.sql.exec(query, event.id, bytes, text)
      this.count(1, bytes)
    }
  }

  /** Within the transaction that accepts events: they wait no longer. */
  remove(accepted: readonly Event[]): void {
    if (!this.table.exists) return
    const query = 'DELETE FROM scheduled_events WHERE event_id = ? RETURNING bytes'
    for (const { id, publishedAt } of accepted) {
      const removed = publishedAt === undefined ? undefined : rowOf(this.sql, Size, query, id)
      if (removed) this.count(-1, -removed.bytes)
    }
  }

  /** Has one that waits be for nobody; false: it does not wait. */
  cancel(id: string, at: number): boolean {
    const event = this.find(id)
    if (event === null) return false
    if (!isCancelled(event)) this.replace({ ...event, cancelledAt: at })
    return true
  }

  /** Within a transaction: removes the content of those of some events that wait; returns their ids, expunged before or not. */
  expunge(eventIds: Iterable<string>, at: number): readonly string[] {
    if (!this.table.exists) return []
    return [...eventIds].flatMap((id) => {
      const event = this.find(id)
      if (event === null) return []
      if (!isExpunged(event)) this.replace(expunge(event, at))
      return [id]
    })
  }

  /** Those behind an id, by their times, as many as are read at once. */
  behind(id: string): readonly Event[] {
    if (!this.table.exists) return []
    const query = 'SELECT event FROM scheduled_events WHERE event_id > ? ORDER BY event_id LIMIT ?'
    return [...rowsOf(this.sql, Row, query, id, PAGE_EVENTS)].map(({ event }) => event)
  }

  /** Those that are to be sent, behind an id, by their times. Both bounds of the query are exclusive. */
  *select(
    { type, after, before }: Pick<EventQuery, 'type' | 'after' | 'before'>,
    position: string | null,
  ): Generator<Event> {
    if (!this.table.exists) return
    const from = after === undefined ? firstIdAt(0) : firstIdAt(after + 1)
    const below = before === undefined ? AFTER_ALL_IDS : firstIdAt(before)
    const query = `SELECT event FROM scheduled_events
      WHERE event_id >= ? AND event_id < ? AND event_id > ? ORDER BY event_id`
    for (const { event } of rowsOf(this.sql, Row, query, from, below, position ?? '')) {
      if (!isCancelled(event) && (type === undefined || event.type === type)) yield event
    }
  }

  private replace(event: Event): void {
    const text = textOf(event)
    const query = 'UPDATE scheduled_events SET bytes = ?, event = ? WHERE event_id = ?'
    const bytes = byteLength(text)
    this.count(0, bytes - (rowOf(this.sql, Size, SIZE, event.id)?.bytes ?? 0))
    this.sql.exec(query, bytes, text, event.id)
  }

  private count(events: number, bytes: number): void {
    const before = this.totals
    if (before) this.totals = { events: before.events + events, bytes: before.bytes + bytes }
  }

  private counted() {
    const query = 'SELECT count(*) AS events, sum(bytes) AS bytes FROM scheduled_events'
    const row = this.totals ?? (this.table.exists ? rowOf(this.sql, Totals, query) : undefined)
    this.totals = { events: row?.events ?? 0, bytes: row?.bytes ?? 0 }
    return this.totals
  }
}

function textOf(event: Event): string {
  return frame([event])
}
