// Joint deliveries: which events go together in one request, with what brought each of them. There until all of them have ended.

import { z } from 'zod'
import { fromDeliveryText } from '../../../engine/messages/delivery-message.ts'
import type { DeliverMessage, DeliveryKey } from '../../../engine/ports/index.ts'
import { type OccasionalSchema, OccasionalTable } from '../occasional.ts'
import { jsonText, rowOf, rowsOf } from '../rows.ts'
import { keyOf } from './report-store.ts'

/** There once events went together: most webhooks have no batch. */
export const JOINT: OccasionalSchema = {
  name: 'joint',
  columns: {
    // Whose these are is read when the object starts, and may be many.
    keys: { sql: "TEXT NOT NULL DEFAULT '[]'", restored: 'DELETE FROM joint' },
    // Without its events it carries none: they are found as what never ended.
    parts: { sql: "TEXT NOT NULL DEFAULT '[]'", restored: 'DELETE FROM joint' },
  },
  occasional: `CREATE TABLE joint (
    -- The \`webhook-id\` of its request.
    id TEXT PRIMARY KEY,
    -- Event and run of each, as a JSON array: before the messages, which need not be read to know these.
    keys TEXT NOT NULL,
    -- The messages of its events, in order of acceptance, as a JSON array.
    parts TEXT NOT NULL
  ) WITHOUT ROWID`,
}

const KeysRow = z.object({
  id: z.string(),
  keys: jsonText(z.array(z.tuple([z.string(), z.string()]))),
})
const Row = z.object({ id: z.string(), parts: jsonText(z.array(z.string())) })

interface StoredPart {
  readonly key: DeliveryKey
  readonly message: DeliverMessage
  readonly text: string
}

export class JointStore {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable
  /** By its delivery, the joint one with which an event goes. */
  private ids = new Map<string, string>()

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.table = new OccasionalTable(sql, JOINT)
    this.read()
  }

  /** How many events go with others: each is known in memory. */
  get size(): number {
    return this.ids.size
  }

  /** Each joint delivery with the number of its events. */
  sizes(): ReadonlyMap<string, number> {
    const sizes = new Map<string, number>()
    for (const id of this.ids.values()) sizes.set(id, (sizes.get(id) ?? 0) + 1)
    return sizes
  }

  /** The joint delivery with which an event goes; null: with none. */
  idOf(key: DeliveryKey): string | null {
    return this.ids.size === 0 ? null : (this.ids.get(keyOf(key)) ?? null)
  }

  /** Of an event the runs in which it goes with others. */
  runsOf(eventId: string): readonly string[] {
    const prefix = `${eventId}/`
    return [...this.ids.keys()].flatMap((name) =>
      name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    )
  }

  put(id: string, parts: readonly { readonly text: string; readonly key: DeliveryKey }[]): void {
    this.table.make()
    const query = 'INSERT OR REPLACE INTO joint (id, keys, parts) VALUES (?, ?, ?)'
    const keys = parts.map(({ key }) => [key.eventId, key.run])
    const texts = parts.map(({ text }) => text)
    this.sql.exec(query, id, JSON.stringify(keys), JSON.stringify(texts))
    for (const { key } of parts) this.ids.set(keyOf(key), id)
  }

  /** What brought each event of a joint delivery that has not ended. */
  partsOf(id: string): readonly StoredPart[] {
    if (this.ids.size === 0) return []
    const row = rowOf(this.sql, Row, 'SELECT id, parts FROM joint WHERE id = ?', id)
    return (row?.parts ?? []).flatMap(toPart)
  }

  /** Keeps only those of its events of which this is said. */
  retain(id: string, isLeft: (key: DeliveryKey) => boolean): void {
    const parts = this.partsOf(id)
    const left = parts.filter(({ key }) => isLeft(key))
    if (left.length === parts.length) return
    for (const { key } of parts) this.ids.delete(keyOf(key))
    if (left.length > 0) this.put(id, left)
    else this.sql.exec('DELETE FROM joint WHERE id = ?', id)
  }

  /** One goes alone, or with others, or nowhere any more. */
  leave(key: DeliveryKey): void {
    const id = this.idOf(key)
    if (id !== null) this.retain(id, (other) => keyOf(other) !== keyOf(key))
  }

  /** The joint deliveries behind one. */
  behind(id: string, limit: number) {
    if (!this.table.exists) return []
    const query = 'SELECT id, parts FROM joint WHERE id > ? ORDER BY id LIMIT ?'
    return [...rowsOf(this.sql, Row, query, id, limit)].map(({ id, parts }) => ({
      id,
      parts: parts.flatMap(toPart),
    }))
  }

  /** After a transaction that was undone. */
  reload(): void {
    this.table.reload()
    this.read()
  }

  private read(): void {
    this.ids = new Map()
    if (!this.table.exists) return
    for (const { id, keys } of rowsOf(this.sql, KeysRow, 'SELECT id, keys FROM joint')) {
      for (const [eventId, run] of keys) this.ids.set(keyOf({ eventId, run }), id)
    }
  }
}

function toPart(text: string): readonly StoredPart[] {
  const message = fromDeliveryText(text)
  if (message?.kind !== 'deliver') return []
  return [{ key: { eventId: message.event.id, run: message.run }, message, text }]
}
