// What comes in order, until the monitors of its webhooks have it: deliveries as they were accepted, written in the transaction that
// accepts their events. Next: line-up.ts.

import { z } from 'zod'
import type { Ordering } from '../../../engine/model/index.ts'
import { OrderingColumn } from '../../d1/json-columns.ts'
import { type OccasionalSchema, OccasionalTable } from '../occasional.ts'
import { jsonText, rowOf, rowsOf } from '../rows.ts'

/** There once a webhook with an order gets something. */
export const ORDERED_EVENTS: OccasionalSchema = {
  name: 'ordered_events',
  columns: {
    // A row that does not say which event it is about is nothing to send.
    event_id: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM ordered_events' },
    ordering: { sql: `TEXT NOT NULL DEFAULT '{"since":0,"order":null}'` },
  },
  occasional: `CREATE TABLE ordered_events (
    webhook_id TEXT NOT NULL,
    -- In the order of acceptance.
    number INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    -- \`Ordering\` of the webhook by then, as JSON.
    ordering TEXT NOT NULL,
    PRIMARY KEY (webhook_id, number)
  ) WITHOUT ROWID`,
}

const Row = z.object({
  number: z.number(),
  event_id: z.string(),
  ordering: jsonText(OrderingColumn),
})
const Next = z.object({ webhook_id: z.string() })

/** One of a webhook, in its place. */
export interface OrderedEvent {
  readonly number: number
  readonly eventId: string
  readonly ordering: Ordering
}

/** What waits to be handed over. */
export interface OrderedBacklog {
  /** The next webhook behind one of which something does; null: none. */
  next(behind: string): string | null
  /** The first of a webhook. */
  first(webhookId: string, limit: number): readonly OrderedEvent[]
  /** It was handed over, up to a number. */
  remove(webhookId: string, upTo: number): void
}

export class OrderedEvents implements OrderedBacklog {
  private readonly sql: SqlStorage
  private readonly table: OccasionalTable

  constructor(sql: SqlStorage) {
    this.sql = sql
    this.table = new OccasionalTable(sql, ORDERED_EVENTS)
  }

  /** Within the transaction that accepts the event. */
  add(webhookId: string, { number, eventId, ordering }: OrderedEvent): void {
    this.table.make()
    const query =
      'INSERT INTO ordered_events (webhook_id, number, event_id, ordering) VALUES (?, ?, ?, ?)'
    this.sql.exec(query, webhookId, number, eventId, JSON.stringify(ordering))
  }

  next(behind: string): string | null {
    if (!this.table.exists) return null
    const query =
      'SELECT webhook_id FROM ordered_events WHERE webhook_id > ? ORDER BY webhook_id LIMIT 1'
    return rowOf(this.sql, Next, query, behind)?.webhook_id ?? null
  }

  first(webhookId: string, limit: number): readonly OrderedEvent[] {
    const query = `SELECT number, event_id, ordering FROM ordered_events
      WHERE webhook_id = ? ORDER BY number LIMIT ?`
    return [...rowsOf(this.sql, Row, query, webhookId, limit)].map(
      ({ number, event_id: eventId, ordering }) => ({ number, eventId, ordering }),
    )
  }

  remove(webhookId: string, upTo: number): void {
    const query = 'DELETE FROM ordered_events WHERE webhook_id = ? AND number <= ?'
    this.sql.exec(query, webhookId, upTo)
  }
}
