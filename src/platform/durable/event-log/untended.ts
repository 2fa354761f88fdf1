// Deliveries that nobody took care of: whoever accepted them died, or had too many at once. In: what was accepted and what was
// noted; out: messages for the events queue, which sends them on. Nothing is written when an event is accepted for this: that
// nothing was noted says it.

import { z } from 'zod'
import { toContinuationMessages } from '../../../engine/messages/event-message.ts'
import {
  asPublished,
  type FirstOutcome,
  isExpunged,
  type LoggedEvent,
} from '../../../engine/model/index.ts'
import type { RemainingEvent } from '../../../engine/ports/index.ts'
import { firstIdAt } from '../../../primitives/ids.ts'
import { pack } from '../../../primitives/pack.ts'
import { ACCEPTED } from '../../../retention.ts'
import { INVOCATION, LOG } from '../../../tuning.ts'
import type { Table } from '../migrate.ts'
import type { Outbox, Step } from '../outbox.ts'
import { rowsOf } from '../rows.ts'
import type { EventStore } from './event-store.ts'
import type { OutcomeStore } from './outcome-store.ts'

/** Events that are looked after by name: those of which no caller took the deliveries on, and those older than any look goes back. */
export const UNTENDED_TABLE =
  'CREATE TABLE IF NOT EXISTS untended (event TEXT PRIMARY KEY, due_at INTEGER NOT NULL) WITHOUT ROWID'

export const UNTENDED: Table = {
  name: 'untended',
  columns: { due_at: { sql: 'INTEGER NOT NULL DEFAULT 0', since: 3 } },
}

const Row = z.object({ event: z.string() })

/** Events that one step looks after: of up to 100 KB each, with their webhooks. */
const STEP_EVENTS = 50

interface Surroundings {
  readonly events: EventStore
  readonly outcomes: OutcomeStore
  readonly send: Outbox['send']
  /** Writes in one transaction. */
  readonly transact: (write: () => void) => void
}

export class Untended {
  private readonly sql: SqlStorage
  private readonly around: Surroundings
  /** Accepted events below this id were taken care of, but for those in the table. */
  private floor: string
  /** When the alarm last rang, until all that was left behind then is on its way. */
  private lookedAt: number | null = null

  constructor(sql: SqlStorage, around: Surroundings) {
    this.sql = sql
    this.around = around
    // Before anything was noted: from the first event on.
    this.floor = around.outcomes.watermark || firstIdAt(0)
  }

  /** Stands beside each note, so that the next object knows how far back to look. */
  get watermark(): string {
    return this.floor
  }

  /** Within the transaction that accepts events. `left`: those of which no caller takes the deliveries on. */
  noteAccepted(eventIds: Iterable<string>, left: readonly string[], now: number): void {
    for (const id of left) this.insert(id, now)
    for (const id of eventIds) {
      if (id < this.floor && !left.includes(id)) this.insert(id, now + ACCEPTED.underWayMs)
    }
  }

  /** The alarm rang: what should have been noted by now is looked for. */
  look(now: number): void {
    this.lookedAt = now
  }

  /** What there is to do; each step sends some, and notes that. */
  steps(tenantId: () => string | null): readonly Step[] {
    return [
      async () => this.tend(tenantId(), this.named(Date.now()), true),
      async () => {
        // What is found is some tenant's: while it is not known whose, nothing counts as looked at.
        if (this.lookedAt === null || tenantId() === null) return false
        const isMore = await this.tend(tenantId(), this.leftBehind(this.lookedAt), false)
        if (isMore) return true
        const from = this.lookedAt - ACCEPTED.underWayMs - LOG.clockSkewMs
        this.floor = firstIdAt(Math.max(0, from))
        this.lookedAt = null
        return false
      },
    ]
  }

  /** Whether events were accepted of which it is not known yet that they were taken care of. */
  hasRecent(now: number): boolean {
    if (this.sql.exec('SELECT 1 FROM untended LIMIT 1').toArray().length > 0) return true
    const from = firstIdAt(now - ACCEPTED.underWayMs)
    return this.unnoted(this.around.events.acceptedFrom(from), from).length > 0
  }

  private insert(id: string, dueAt: number): void {
    this.sql.exec('INSERT OR IGNORE INTO untended (event, due_at) VALUES (?, ?)', id, dueAt)
  }

  private named(now: number): readonly string[] {
    const query = 'SELECT event FROM untended WHERE due_at <= ? LIMIT ?'
    return [...rowsOf(this.sql, Row, query, now, STEP_EVENTS)].map(({ event }) => event)
  }

  private leftBehind(now: number): readonly string[] {
    const below = firstIdAt(now - ACCEPTED.underWayMs)
    const old = function* (events: Iterable<LoggedEvent>) {
      for (const event of events) if (event.id < below) yield event
    }
    const accepted = old(this.around.events.acceptedFrom(this.floor))
    return this.unnoted(accepted, this.floor)
      .slice(0, STEP_EVENTS)
      .map(({ event }) => event.id)
  }

  /** Sends what is left of some events, and notes that it is on its way; whether there was anything. */
  private async tend(
    tenantId: string | null,
    eventIds: readonly string[],
    isNamed: boolean,
  ): Promise<boolean> {
    if (eventIds.length === 0) return false
    if (tenantId === null) throw new Error('Nobody has told yet whose events these are.')
    const { events, outcomes, send, transact } = this.around
    const logged = eventIds.flatMap((id) => events.find(id) ?? [])
    const [first = ''] = logged.map(({ id }) => id).toSorted()
    const left = this.unnoted(logged, first)
    if (left.length === 0 && !isNamed) return false
    // What has no content any more goes nowhere.
    const sendable = left.filter(({ event }) => !isExpunged(event))
    const remaining = sendable.flatMap(({ event, webhookIds }) => toRemaining(event, webhookIds))
    const texts = toContinuationMessages({ tenantId, redelivered: true }, remaining)
    for (let sent = 0; sent < texts.length; ) sent += await send(texts.slice(sent))
    const now = Date.now()
    const handedOver = left.flatMap(({ event, webhookIds }) =>
      webhookIds.map((webhookId): FirstOutcome => {
        return { eventId: event.id, eventType: event.type, webhookId, at: now, delivered: null }
      }),
    )
    transact(() => {
      if (handedOver.length > 0) outcomes.add(handedOver, this.floor, now)
      if (!isNamed) return
      for (const id of eventIds) this.sql.exec('DELETE FROM untended WHERE event = ?', id)
    })
    return true
  }

  /** The events with those of their webhooks for which nothing was noted, from an id on that none of them is below. */
  private unnoted(events: Iterable<LoggedEvent>, from: string) {
    const noted = new Map<string, Set<string>>()
    for (const { eventId, webhookId } of this.around.outcomes.since(from)) {
      const webhooks = noted.get(eventId)
      if (webhooks) webhooks.add(webhookId)
      else noted.set(eventId, new Set([webhookId]))
    }
    const left: { readonly event: LoggedEvent; readonly webhookIds: readonly string[] }[] = []
    for (const event of events) {
      const known = noted.get(event.id)
      const webhookIds = event.webhookIds.filter((id) => known?.has(id) !== true)
      if (webhookIds.length > 0) left.push({ event, webhookIds })
    }
    return left
  }
}

/** An event with its webhooks, several times when they are many: a message has an end. */
function toRemaining(
  logged: LoggedEvent,
  webhookIds: readonly string[],
): readonly RemainingEvent[] {
  const event = asPublished(logged)
  const parts = pack(webhookIds, { count: INVOCATION.continuationWebhooks })
  return [...parts].map(({ items }) => ({ event, webhookIds: items }))
}
