// The places of deliveries that come one after the other: of each key one has its turn, and those behind it wait here with their
// messages. Whose turn it is, it waits for being sent like all others (held-store.ts), and keeps its place until it has ended.

import { z } from 'zod'
import { fromDeliveryText } from '../../../engine/messages/delivery-message.ts'
import type { BlockedKey } from '../../../engine/model/index.ts'
import { FIRST_RUN } from '../../../engine/model/index.ts'
import type { DeliverMessage } from '../../../engine/ports/index.ts'
import { HOLD } from '../../../tuning.ts'
import { type OccasionalSchema, OccasionalTable } from '../occasional.ts'
import { rowOf, rowsOf } from '../rows.ts'
import type { HeldStore } from './held-store.ts'

const INDEXES = `CREATE INDEX IF NOT EXISTS places_key ON places (order_key, place);
  CREATE INDEX IF NOT EXISTS places_blocked ON places (event_id) WHERE blocked_at IS NOT NULL`

/** There once something came in order: most webhooks have none. */
export const PLACES: OccasionalSchema = {
  name: 'places',
  columns: {
    order_key: { sql: "TEXT NOT NULL DEFAULT '-'" },
    place: { sql: 'INTEGER NOT NULL DEFAULT 0' },
    // A delivery without its message cannot be carried on from here.
    message: { sql: 'TEXT', restored: 'DELETE FROM places' },
    blocked_at: { sql: 'INTEGER' },
  },
  indexes: INDEXES,
  occasional: `CREATE TABLE places (
    event_id TEXT PRIMARY KEY,
    order_key TEXT NOT NULL,
    -- Among those of its key.
    place INTEGER NOT NULL,
    -- As in held, while another one of its key has its turn; null from its own turn on.
    message TEXT,
    -- When it was given up, Unix milliseconds, where nothing comes of its key since; else null.
    blocked_at INTEGER
  ) WITHOUT ROWID;
  ${INDEXES}`,
}

/** Up to which number a log has handed over. */
export const LINED_UP: OccasionalSchema = {
  name: 'lined_up',
  columns: { number: { sql: 'INTEGER NOT NULL DEFAULT 0' } },
  occasional: 'CREATE TABLE lined_up (log TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID',
}

const Size = z.object({ count: z.number(), chars: z.number() })
const Place = z.object({
  event_id: z.string(),
  order_key: z.string(),
  message: z.string().nullable(),
  blocked_at: z.number().nullable(),
})
const Last = z.object({ place: z.number().nullable() })
const Numbered = z.object({ number: z.number() })
const Blocked = z.object({ key: z.string(), eventId: z.string(), since: z.number() })
const Waiting = z.object({ event_id: z.string(), message: z.string() })

const OF = 'SELECT event_id, order_key, message, blocked_at FROM places'

/** How a delivery with a place stands in its key. */
type PlaceStanding = 'waiting' | 'turn' | 'blocked'

export class PlaceStore {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable
  private readonly linedUp: OccasionalTable
  private readonly held: HeldStore
  private count = 0
  private totalChars = 0

  constructor(sql: SqlStorage, held: HeldStore) {
    this.sql = sql
    this.held = held
    this.table = new OccasionalTable(sql, PLACES)
    this.linedUp = new OccasionalTable(sql, LINED_UP)
    this.countAll()
  }

  /** Deliveries whose turn has not come. */
  get waiting(): number {
    return this.count
  }

  /** Whether more would be too much. */
  get isFull(): boolean {
    return this.totalChars >= HOLD.chars || this.held.isFull
  }

  /** The number up to which a log has handed over. */
  upTo(log: string): number {
    if (!this.linedUp.exists) return 0
    return rowOf(this.sql, Numbered, 'SELECT number FROM lined_up WHERE log = ?', log)?.number ?? 0
  }

  noteUpTo(log: string, number: number): void {
    this.linedUp.make()
    this.sql.exec('INSERT OR REPLACE INTO lined_up (log, number) VALUES (?, ?)', log, number)
  }

  /** Null: it has no place. */
  standingOf(eventId: string): PlaceStanding | null {
    const place = this.find(eventId)
    if (place === undefined) return null
    if (place.blocked_at !== null) return 'blocked'
    return place.message === null ? 'turn' : 'waiting'
  }

  /** Gives a delivery the last place of a key: it has its turn when no other one is there. False where it has a place. */
  add(eventId: string, key: string, message: string): boolean {
    this.table.make()
    if (this.find(eventId) !== undefined) return false
    const last = rowOf(
      this.sql,
      Last,
      'SELECT max(place) AS place FROM places WHERE order_key = ?',
      key,
    )
    const hasTurn = last?.place == null
    const query = 'INSERT INTO places (event_id, order_key, place, message) VALUES (?, ?, ?, ?)'
    this.sql.exec(query, eventId, key, (last?.place ?? 0) + 1, hasTurn ? null : message)
    if (hasTurn) this.held.put({ eventId, run: FIRST_RUN }, message)
    else this.change(1, message)
    return true
  }

  /** It has ended: if it had its turn, the next one of its key has it. Harmless where it has no place. */
  end(eventId: string): void {
    const place = this.find(eventId)
    if (place === undefined) return
    this.sql.exec('DELETE FROM places WHERE event_id = ?', eventId)
    if (place.message !== null) {
      this.change(-1, place.message)
      return
    }
    const query = `${OF} WHERE order_key = ? ORDER BY place LIMIT 1`
    const next = rowOf(this.sql, Place, query, place.order_key)
    if (next === undefined || next.message === null) return
    this.giveTurn(next.event_id, next.message)
  }

  /** It was given up: nothing of its key comes from now on. */
  block(eventId: string, now: number): void {
    this.sql.exec('UPDATE places SET blocked_at = ? WHERE event_id = ?', now, eventId)
  }

  /** Goes on with a key; false where it is not blocked. */
  skip(key: string): boolean {
    if (!this.table.exists) return false
    const query = `${OF} WHERE order_key = ? AND blocked_at IS NOT NULL ORDER BY place LIMIT 1`
    const blocked = rowOf(this.sql, Place, query, key)
    if (blocked !== undefined) this.end(blocked.event_id)
    return blocked !== undefined
  }

  /** Keys that are blocked, the oldest events first. */
  blocked(limit: number): readonly BlockedKey[] {
    if (!this.table.exists) return []
    const query = `SELECT order_key AS key, event_id AS eventId, blocked_at AS since FROM places
      WHERE blocked_at IS NOT NULL ORDER BY event_id LIMIT ?`
    return [...rowsOf(this.sql, Blocked, query, limit)]
  }

  /** Some of those that wait, of events below an id. */
  waitingBelow(eventId: string, limit: number): readonly z.infer<typeof Waiting>[] {
    if (this.count === 0) return []
    const query = `SELECT event_id, message FROM places
      WHERE event_id < ? AND message IS NOT NULL ORDER BY event_id LIMIT ?`
    return [...rowsOf(this.sql, Waiting, query, eventId, limit)]
  }

  /** Ends the order of some: each waits no longer for another one. False: there are none. */
  release(limit: number): boolean {
    if (!this.table.exists) return false
    const rows = [...rowsOf(this.sql, Place, `${OF} ORDER BY event_id LIMIT ?`, limit)]
    for (const { event_id: eventId, message } of rows) {
      if (message !== null) this.giveTurn(eventId, message)
      this.sql.exec('DELETE FROM places WHERE event_id = ?', eventId)
    }
    return rows.length > 0
  }

  /** Has what is blocked go on; false: nothing is. */
  unblock(limit: number): boolean {
    const blocked = this.blocked(limit)
    for (const { eventId } of blocked) this.end(eventId)
    return blocked.length > 0
  }

  /** Its messages behind an event. */
  messagesBehind(eventId: string, limit: number): readonly z.infer<typeof Waiting>[] {
    if (this.count === 0) return []
    const query = `SELECT event_id, message FROM places
      WHERE event_id > ? AND message IS NOT NULL ORDER BY event_id LIMIT ?`
    return [...rowsOf(this.sql, Waiting, query, eventId, limit)]
  }

  /** What carries those of some events that wait. */
  messagesOf(eventIds: readonly string[]): readonly DeliverMessage[] {
    if (this.count === 0) return []
    const query = `SELECT event_id, message FROM places
      WHERE event_id IN (SELECT value FROM json_each(?)) AND message IS NOT NULL`
    const rows = rowsOf(this.sql, Waiting, query, JSON.stringify(eventIds))
    return [...rows].flatMap(({ message }) => {
      const read = fromDeliveryText(message)
      return read?.kind === 'deliver' ? [read] : []
    })
  }

  /** After a transaction that was undone. */
  reload(): void {
    this.table.reload()
    this.linedUp.reload()
    this.countAll()
  }

  private giveTurn(eventId: string, message: string): void {
    this.sql.exec('UPDATE places SET message = NULL WHERE event_id = ?', eventId)
    this.held.put({ eventId, run: FIRST_RUN }, message)
    this.change(-1, message)
  }

  private find(eventId: string): z.infer<typeof Place> | undefined {
    if (!this.table.exists) return undefined
    return rowOf(this.sql, Place, `${OF} WHERE event_id = ?`, eventId)
  }

  private change(count: 1 | -1, message: string): void {
    this.count += count
    this.totalChars += count * message.length
  }

  private countAll(): void {
    const query = 'SELECT count(message) AS count, total(length(message)) AS chars FROM places'
    const size = this.table.exists ? rowOf(this.sql, Size, query) : undefined
    this.count = size?.count ?? 0
    this.totalChars = size?.chars ?? 0
  }
}
