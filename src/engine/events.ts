// What a tenant published: accepting it, looking it up, sending it again.

import { notFound } from '../errors.ts'
import { newId } from '../primitives/ids.ts'
import { INVOCATION } from '../tuning.ts'
import type { EventDelivery, Events } from './api.ts'
import { unavailableReason } from './attempt/target.ts'
import { createPublish } from './delivery/publish-and-send.ts'
import { withFirstOutcome } from './health/runs.ts'
import { isFor } from './intake/match.ts'
import { toRunMessage } from './messages/delivery-message.ts'
import type { Event, LoggedEvent, Run, Webhook } from './model/index.ts'
import { hasEnded, statusOf } from './model/index.ts'
import type { DelayedMessage, Ports, WebhookRef } from './ports/index.ts'

export function createEvents(ports: Ports): Events {
  const get = async (tenantId: string, id: string): Promise<LoggedEvent> => {
    const event = await ports.eventLog(tenantId).find(id)
    if (event === null) throw notFound('event')
    return event
  }

  /** What the event log noted of an event, by webhook. */
  const firstOutcomes = async (tenantId: string, eventId: string, ids: readonly string[]) => {
    const keys = ids.map((webhookId) => ({ eventId, webhookId }))
    const noted = keys.length === 0 ? [] : await ports.eventLog(tenantId).firstOutcomes(keys)
    return new Map(noted.flatMap((one) => (one ? [[one.webhookId, one] as const] : [])))
  }

  return {
    publish: createPublish(ports),
    list: (tenantId, query) => ports.eventLog(tenantId).list(query),
    get,
    async deliveries(tenantId, id) {
      const { webhookIds } = await get(tenantId, id)
      const firsts = await firstOutcomes(tenantId, id, webhookIds)
      const found = await Promise.all(
        webhookIds.toSorted().map(async (webhookId) => {
          const [state] = await ports.monitor(webhookId).statesOfEvents([id])
          if (state === undefined) throw new Error('A monitor answered for no event.')
          const first = firsts.get(webhookId)
          return { webhookId, ...(first ? withFirstOutcome(state, first) : state) }
        }),
      )
      return withReasons(tenantId, found, ports)
    },
    listByRequest: (tenantId, requestId, after) =>
      ports.eventLog(tenantId).listByRequest(requestId, after),
    async resend(tenantId, id, webhookId, among = () => true) {
      const { webhookIds, ...event } = await get(tenantId, id)
      const webhooks = (await receiversOf(tenantId, event, webhookId, ports)).filter(among)
      const ids = webhooks.map(({ id }) => id)
      const firsts = await firstOutcomes(tenantId, id, ids)
      const added = webhooks.map(({ id }) => id).filter((id) => !webhookIds.includes(id))
      await Promise.all(
        webhooks.map(async (webhook) => {
          const ref = { tenantId, id: webhook.id }
          // What was delivered at once its monitor has not heard of: it need not wait for that.
          const isOnItsWay = !firsts.get(webhook.id)?.delivered
          const wasMatched = webhookIds.includes(webhook.id) && isOnItsWay
          const isSent = await ports.monitor(webhook.id).resend(ref, event, wasMatched)
          if (!isSent) await ports.deliveries.send([toWaiting(ref, newId(ports.clock()), event)])
        }),
      )
      // After all are on their way: what was never sent waits for nobody.
      if (added.length > 0) await ports.eventLog(tenantId).addWebhooks([id], added)
      return webhooks.length
    },
  }
}

/**
 * Says of deliveries that have not ended why they wait, where no request can be made to their webhook; and of those whose webhook was
 * deleted, which nobody carries on, that they ended with it.
 */
async function withReasons(
  tenantId: string,
  found: readonly EventDelivery[],
  { webhooks, dialectRuntimes }: Pick<Ports, 'webhooks' | 'dialectRuntimes'>,
): Promise<readonly EventDelivery[]> {
  const unclear = found.filter(({ status, reason }) => status !== 'delivered' && reason === null)
  const read = await webhooks.findByRef(unclear.map(({ webhookId: id }) => ({ tenantId, id })))
  const byId = new Map(read.map((webhook) => [webhook.id, webhook]))
  return found.map((delivery) => {
    if (!unclear.includes(delivery)) return delivery
    const webhook = byId.get(delivery.webhookId)
    if (webhook === undefined) {
      return { ...delivery, status: 'dropped', nextAttemptAt: null, reason: DELETED }
    }
    // One that is disabled or suspended ends the wait.
    const waits = !hasEnded(delivery.status) && statusOf(webhook) === 'active'
    return waits ? { ...delivery, reason: unavailableReason(webhook, dialectRuntimes) } : delivery
  })
}

const DELETED = 'The webhook was deleted.'

/**
 * For an event whose first attempt is on its way, as far as anybody knows: a run that waits until more is known. It joins the
 * first run if that goes on, and sends the event itself if that has ended or is not heard of.
 */
function toWaiting(ref: WebhookRef, run: Run, event: Event): DelayedMessage {
  const message = { ...toRunMessage(ref, run, event), wasMatched: true } as const
  return { message, delaySeconds: INVOCATION.duplicateMarginSeconds }
}

/** The webhook that was named, or all that match the event now. */
async function receiversOf(
  tenantId: string,
  event: Omit<LoggedEvent, 'webhookIds'>,
  webhookId: string | null,
  { webhooks, dialectRuntimes }: Ports,
): Promise<readonly Webhook[]> {
  if (webhookId !== null) {
    const found = await webhooks.findByRef([{ tenantId, id: webhookId }])
    if (found.length === 0) throw notFound('webhook')
    return found
  }
  const { type, scope } = event
  const subscribers = await webhooks.findSubscribers([{ tenantId, type, scope }])
  return subscribers.filter((webhook) => isFor(webhook, event, dialectRuntimes))
}
