// Logged events of the event log's contract, and how they get there.

import type { Event, LoggedEvent } from '../../src/engine/model/index.ts'
import type { Acceptance, AcceptRequest } from '../../src/engine/ports/index.ts'
import { type EventLogSubject, eventAt, idAt } from './durable-fixtures.ts'
import { aWebhook } from './store-fixtures.ts'

/** What a contract's log knows to begin with: whom `loggedAt` is for. */
export const WEBHOOK = 'webhook-1'

/** The logged event accepted so many milliseconds after noon. */
export function loggedAt(ms: number, fields: Partial<LoggedEvent> = {}): LoggedEvent {
  return { ...eventAt(ms), webhookIds: [WEBHOOK], ...fields }
}

/** Writes down the subject's tenant, with a webhook that wants what is `paid`. */
export async function open({ tenants, webhooks, tenantId }: EventLogSubject): Promise<void> {
  await tenants.insert({
    id: tenantId,
    name: 'Acme',
    createdAt: 1_700_000_000_000,
    uid: null,
    metadata: {},
    retentionDays: 30,
  })
  const eventTypes = ['invoice.paid', 'order.paid']
  await webhooks.insert(aWebhook(1, { id: WEBHOOK, tenantId, eventTypes }))
}

/** What each shard of the log answers to an event of its own; the events come so many milliseconds after noon, and later. */
export async function acceptEach(subject: EventLogSubject, ms: number): Promise<Acceptance[]> {
  const answers: Acceptance[] = []
  // More than enough to have one of each.
  const events = subject.shards === 1 ? 1 : 8 * subject.shards
  for (let turn = 0; turn < events; turn += 1) {
    answers.push(await accept(subject, [eventAt(ms, { id: idAt(ms, turn) })]))
  }
  return answers
}

/** Has the log accept events together. What they are for it finds out by itself. */
export function accept(
  { log, tenantId }: Pick<EventLogSubject, 'log' | 'tenantId'>,
  events: readonly (Event & { readonly webhookIds?: readonly string[] })[],
  fields: Partial<AcceptRequest> = {},
): Promise<Acceptance> {
  const submissions = events.map(({ webhookIds: _, ...event }) => ({ event, key: null }))
  return log.accept(tenantId, { submissions, requestKey: null, most: 1_000, ...fields })
}
