// How deliveries stood of webhooks that were deleted: handed over by their monitors before these forgot everything, packed, and kept as
// long as their events.

import { z } from 'zod'
import { DELIVERY_STATUSES, type KeptDelivery } from '../../../engine/model/index.ts'
import { firstIdAt } from '../../../primitives/ids.ts'
import { RETENTION } from '../../../retention.ts'
import type { Table } from '../migrate.ts'
import { jsonText, rowsOf } from '../rows.ts'

export const KEPT_TABLE = `
  CREATE TABLE IF NOT EXISTS kept_deliveries (
    webhook_id TEXT NOT NULL,
    -- Bounds of the events in it.
    first_event TEXT NOT NULL,
    last_event TEXT NOT NULL,
    deliveries TEXT NOT NULL,
    PRIMARY KEY (webhook_id, first_event, last_event)
  ) WITHOUT ROWID`

export const KEPT: Table = {
  name: 'kept_deliveries',
  columns: { deliveries: { sql: "TEXT NOT NULL DEFAULT '[]'", since: 4 } },
}

const Delivery: z.ZodType<KeptDelivery> = z.object({
  eventId: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.number().default(0),
  lastAttemptAt: z.number().nullable().default(null),
  reason: z.string().nullable().default(null),
})
const Row = z.object({ deliveries: jsonText(z.array(Delivery)) })

export class KeptDeliveries {
  private readonly sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.sql = sql
  }

  add(webhookId: string, deliveries: readonly KeptDelivery[]): void {
    const ids = deliveries.map(({ eventId }) => eventId).toSorted()
    const [first, last] = [ids.at(0), ids.at(-1)]
    if (first === undefined || last === undefined) return
    const query = `INSERT OR REPLACE INTO kept_deliveries (webhook_id, first_event, last_event, deliveries)
      VALUES (?, ?, ?, ?)`
    this.sql.exec(query, webhookId, first, last, JSON.stringify(deliveries))
  }

  /** Handed over twice, the one that has more to tell. */
  find(eventId: string, webhookId: string): KeptDelivery | null {
    const query = `SELECT deliveries FROM kept_deliveries
      WHERE webhook_id = ? AND first_event <= ? AND last_event >= ?`
    const found = [...rowsOf(this.sql, Row, query, webhookId, eventId, eventId)]
      .flatMap(({ deliveries }) => deliveries)
      .filter((one) => one.eventId === eventId)
    return found.toSorted((a, b) => b.attempts - a.attempts)[0] ?? null
  }

  /** Forgets what was of events that are not kept any more. */
  prune(now: number): void {
    const before = firstIdAt(now - RETENTION.eventSeconds * 1_000)
    this.sql.exec('DELETE FROM kept_deliveries WHERE last_event < ?', before)
  }
}
