// Deliveries that wait because their webhook is on hold: each with the message that carries it on when its turn comes, and
// when that was sent. A delivery leaves it when what came of it is reported.

import { z } from 'zod'
import type { HeldState, KnownBacklog } from '../../../engine/health/backlog.ts'
import { fromDeliveryText, toDeliveryText } from '../../../engine/messages/delivery-message.ts'
import type { AskedDelivery, DeliveryKey } from '../../../engine/ports/index.ts'
import { HOLD } from '../../../tuning.ts'
import type { Table } from '../migrate.ts'
import { rowsOf } from '../rows.ts'
import { keyOf } from './report-store.ts'

export const HELD_TABLE = `
  CREATE TABLE held (
    -- Ids ascend: what was published first comes first.
    event_id TEXT NOT NULL,
    run TEXT NOT NULL,
    message TEXT NOT NULL,
    -- When the message was sent, Unix milliseconds; null while it waits.
    released_at INTEGER,
    PRIMARY KEY (event_id, run)
  ) WITHOUT ROWID`

export const HELD: Table = {
  name: 'held',
  columns: {
    // A delivery without its message cannot be carried on from here.
    message: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM held' },
    released_at: { sql: 'INTEGER' },
  },
}

const KeyRow = z.object({
  event_id: z.string(),
  run: z.string(),
  chars: z.number(),
  released_at: z.number().nullable(),
})
const MessageRow = z.object({ event_id: z.string(), run: z.string(), message: z.string() })

interface Heard {
  readonly key: DeliveryKey
  readonly at: number
  readonly turn: number | null
}

/** A delivery whose turn has come. */
interface Released {
  readonly key: DeliveryKey
  readonly text: string
}

export class HeldStore implements KnownBacklog {
  private readonly sql: SqlStorage
  private chars = new Map<string, number>()
  /** Of what was sent: when it was heard of last, Unix milliseconds, and the turn of the message that came. */
  private heardAt = new Map<string, Heard>()
  private totalChars = 0

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.reload()
  }

  get waiting(): number {
    return this.chars.size - this.heardAt.size
  }

  get underWay(): number {
    return this.heardAt.size
  }

  /** Whether more would be too much. */
  get isFull(): boolean {
    return this.totalChars >= HOLD.chars
  }

  stateOf(key: DeliveryKey): HeldState | null {
    const name = keyOf(key)
    if (this.heardAt.has(name)) return 'released'
    return this.chars.has(name) ? 'waiting' : null
  }

  /** Has it wait, from now on or again. */
  put(key: DeliveryKey, message: string): void {
    this.forget(key)
    const query =
      'INSERT OR REPLACE INTO held (event_id, run, message, released_at) VALUES (?, ?, ?, NULL)'
    this.sql.exec(query, key.eventId, key.run, message)
    this.note(key, message.length)
  }

  delete(key: DeliveryKey): void {
    this.forget(key)
    this.sql.exec('DELETE FROM held WHERE event_id = ? AND run = ?', key.eventId, key.run)
  }

  /** The first of those that wait, noted as sent. */
  release(count: number, now: number): readonly Released[] {
    const query = `SELECT event_id, run, message FROM held
      WHERE released_at IS NULL ORDER BY event_id, run LIMIT ?`
    const released = [...rowsOf(this.sql, MessageRow, query, count)].map(
      ({ event_id: eventId, run, message }) => ({
        key: { eventId, run },
        text: inTurn(message, now),
      }),
    )
    for (const { key } of released) this.setReleased(key, now)
    return released
  }

  /** They were not sent: they wait again. */
  takeBack(keys: readonly DeliveryKey[]): void {
    for (const key of keys) if (this.stateOf(key) === 'released') this.setReleased(key, null)
  }

  /** Has wait again what was sent and not heard of for so long that its message must be lost. */
  takeBackUnheard(now: number): void {
    const since = now - HOLD.answerSeconds * 1_000
    const unheard = [...this.heardAt.values()].filter(({ at }) => at <= since)
    this.takeBack(unheard.map(({ key }) => key))
  }

  /**
   * A message of it has come, and asks what to do; false when another one has come before. Where the queue was behind, several were
   * sent: the first to come carries it.
   */
  hear({ eventId, run, turn = 0 }: AskedDelivery, now: number): boolean {
    const key = { eventId, run }
    const heard = this.heardAt.get(keyOf(key))
    if (heard === undefined) return true
    if (heard.turn !== null && heard.turn !== turn) return false
    this.heardAt.set(keyOf(key), { key, at: now, turn })
    return true
  }

  /** Forgets what was not committed. */
  reload(): void {
    this.chars = new Map()
    this.heardAt = new Map()
    this.totalChars = 0
    const query = 'SELECT event_id, run, length(message) AS chars, released_at FROM held'
    for (const { event_id: eventId, run, chars, released_at: at } of rowsOf(
      this.sql,
      KeyRow,
      query,
    )) {
      this.note({ eventId, run }, chars)
      const key = { eventId, run }
      if (at !== null) this.heardAt.set(keyOf(key), { key, at, turn: null })
    }
  }

  private setReleased(key: DeliveryKey, at: number | null): void {
    const query = 'UPDATE held SET released_at = ? WHERE event_id = ? AND run = ?'
    this.sql.exec(query, at, key.eventId, key.run)
    if (at === null) this.heardAt.delete(keyOf(key))
    else this.heardAt.set(keyOf(key), { key, at, turn: null })
  }

  private note(key: DeliveryKey, chars: number): void {
    this.chars.set(keyOf(key), chars)
    this.totalChars += chars
  }

  private forget(key: DeliveryKey): void {
    const name = keyOf(key)
    this.totalChars -= this.chars.get(name) ?? 0
    this.chars.delete(name)
    this.heardAt.delete(name)
  }
}

/** A message that says when it was sent. */
function inTurn(text: string, turn: number): string {
  const message = fromDeliveryText(text)
  return message?.kind === 'deliver' ? toDeliveryText({ ...message, turn }) : text
}
