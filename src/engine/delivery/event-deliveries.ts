// How an event stands at each webhook that it was for. In: an event of the log; out: one delivery for each webhook, with what went
// wrong last, where it goes and when it is tried next. What is known is of three: the event log (what was delivered at once), the
// webhook's monitor (everything else), and the configuration as it is now.

import type { EventDelivery } from '../api.ts'
import { type TargetPorts, unavailableReason } from '../attempt/target.ts'
import { erasedState, UNTRIED, withFirstOutcome } from '../health/runs.ts'
import {
  type Attempt,
  batchOf,
  type DeliveryState,
  type FirstOutcome,
  hasEnded,
  isExpunged,
  isPausedFor,
  isPull,
  type LoggedEvent,
  orderOf,
  rateOf,
  statusOf,
  type Webhook,
} from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

type DeliveryPorts = Pick<Ports, 'eventLog' | 'monitor' | 'webhooks'> & TargetPorts

/** What the last attempt came to. */
type LastAttempt = Pick<Attempt, 'statusCode' | 'error'>

/** In order of the webhooks' ids. */
export async function deliveriesOf(
  tenantId: string,
  event: LoggedEvent,
  ports: DeliveryPorts,
): Promise<readonly EventDelivery[]> {
  const { id: eventId, webhookIds, pullWebhookIds = [] } = event
  const pulls = pullWebhookIds.map((id) => ({ tenantId, id }))
  const refs = webhookIds.toSorted().map((id) => ({ tenantId, id }))
  const [firsts, webhooks] = await Promise.all([
    firstOutcomes(tenantId, eventId, webhookIds, ports),
    ports.webhooks.findByRef([...refs, ...pulls]),
  ])
  const byId = new Map(webhooks.map((webhook) => [webhook.id, webhook]))
  const kept = await keptDeliveries(
    { tenantId, eventId },
    webhookIds.filter((id) => !byId.has(id)),
    ports,
  )
  const pulled = pulls.map(({ id: webhookId }) => {
    const webhook = byId.get(webhookId) ?? null
    const state = { ...UNTRIED, ...(isExpunged(event) ? erasedState(UNTRIED) : PULLABLE) }
    return toDelivery({ webhookId, state, last: null, webhook }, ports)
  })
  const sent = await Promise.all(
    refs.map(async ({ id: webhookId }) => {
      const first = firsts.get(webhookId)
      const [told] = await ports.monitor(webhookId).statesOfEvents([eventId])
      if (told === undefined) throw new Error('A monitor answered for no event.')
      const known = kept.get(webhookId) ?? told
      const noted = first ? withFirstOutcome(known, first) : known
      const isErased = isExpunged(event) && !hasEnded(noted.status)
      const state = isErased ? { ...noted, ...erasedState(noted) } : noted
      const last = await lastAttempt({ eventId, webhookId, state, first }, ports)
      const webhook = byId.get(webhookId) ?? null
      return toDelivery({ webhookId, state, last, webhook }, ports)
    }),
  )
  if (pulled.length === 0) return sent
  return [...sent, ...pulled].toSorted((a, b) => (a.webhookId < b.webhookId ? -1 : 1))
}

/** What the event log noted of an event, by webhook. */
export async function firstOutcomes(
  tenantId: string,
  eventId: string,
  webhookIds: readonly string[],
  { eventLog }: Pick<Ports, 'eventLog'>,
): Promise<ReadonlyMap<string, FirstOutcome>> {
  const keys = webhookIds.map((webhookId) => ({ eventId, webhookId }))
  const noted = keys.length === 0 ? [] : await eventLog(tenantId).firstOutcomes(keys)
  return new Map(noted.flatMap((one) => (one ? [[one.webhookId, one] as const] : [])))
}

/** How deliveries stood to webhooks that were deleted, by webhook: their monitors have forgotten them. */
async function keptDeliveries(
  { tenantId, eventId }: { readonly tenantId: string; readonly eventId: string },
  webhookIds: readonly string[],
  { eventLog }: Pick<Ports, 'eventLog'>,
): Promise<ReadonlyMap<string, DeliveryState>> {
  if (webhookIds.length === 0) return new Map()
  const kept = await eventLog(tenantId).keptDeliveries(eventId, webhookIds)
  return new Map(
    kept.flatMap((one, index) => {
      const webhookId = webhookIds[index]
      if (one === null || webhookId === undefined) return []
      const { eventId: _, ...state } = one
      return [[webhookId, { ...UNTRIED, ...state }] as const]
    }),
  )
}

interface Known {
  readonly eventId: string
  readonly webhookId: string
  readonly state: DeliveryState
  readonly first: FirstOutcome | undefined
}

/** Null where there was none, or where it is not kept any more. */
async function lastAttempt(
  { eventId, webhookId, state: { lastAttemptAt }, first }: Known,
  { monitor }: Pick<Ports, 'monitor'>,
): Promise<LastAttempt | null> {
  if (lastAttemptAt === null) return null
  if (first?.delivered && first.at === lastAttemptAt) {
    return { statusCode: first.delivered.statusCode, error: null }
  }
  const query = { eventId, after: lastAttemptAt - 1, limit: 1 }
  const [last] = (await monitor(webhookId).attempts(query)).items
  return last ?? null
}

/**
 * A delivery as its owner sees it. Says of one that has not ended why it waits, where no request can be made to its webhook; and of
 * one whose webhook was deleted, which nobody carries on, that it ended with it.
 */
export function toDelivery(
  {
    webhookId,
    state,
    last,
    webhook,
  }: {
    readonly webhookId: string
    readonly state: DeliveryState
    readonly last: LastAttempt | null
    readonly webhook: Webhook | null
  },
  ports: TargetPorts,
): EventDelivery {
  const { statusCode, error } = last ?? { statusCode: null, error: null }
  const url = webhook === null || isPull(webhook) ? null : webhook.url
  const delivery = { ...state, webhookId, url, statusCode, error }
  if (state.status === 'delivered' || state.reason !== null) return delivery
  if (webhook === null) {
    return { ...delivery, status: 'dropped', nextAttemptAt: null, reason: DELETED }
  }
  // One that is disabled or suspended ends the wait.
  const waits = !hasEnded(state.status) && statusOf(webhook) === 'active'
  if (!waits) return delivery
  const held = state.status === 'held' ? heldReason(webhook) : null
  return { ...delivery, reason: unavailableReason(webhook, ports) ?? held }
}

function heldReason(webhook: Webhook): string {
  if (isPausedFor('owner', webhook)) return PAUSED
  if (isPausedFor('unverified', webhook)) return UNVERIFIED
  if (orderOf(webhook) !== null) return ORDERED
  if (rateOf(webhook) !== null) return RATED
  return batchOf(webhook) === null ? HELD : BATCHED
}

/** How it stands at a webhook to which nothing is sent, whoever has read it. */
const PULLABLE = {
  status: 'pullable',
  reason: 'Nothing is sent: consumers of the webhook read the event themselves.',
} as const

const DELETED = 'The webhook was deleted.'
const PAUSED = 'The webhook is paused; the event waits until it is resumed.'
const UNVERIFIED =
  'The receiver has not agreed to be sent to; the event waits until it is verified.'
const ORDERED = 'The events of the webhook come in order; the event waits for those before it.'
const RATED = 'The webhook has a rate; the event waits for its turn.'
const BATCHED =
  'The webhook has a batch; the event waits for others, or for its request to be sent.'
const HELD = 'The webhook is on hold; the event waits for its turn.'
