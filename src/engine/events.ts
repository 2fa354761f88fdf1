// What a tenant published: accepting it, looking it up, sending it again.

import { EngineError, notFound } from '../errors.ts'
import { newId, timeOf } from '../primitives/ids.ts'
import { RETENTION } from '../retention.ts'
import { INVOCATION } from '../tuning.ts'
import type { Events } from './api.ts'
import { createErase } from './configuration/erasure.ts'
import { refusePull } from './configuration/pull.ts'
import { readNow, readUsage } from './configuration/usage.ts'
import { deliveriesOf, firstOutcomes } from './delivery/event-deliveries.ts'
import { createPublish } from './delivery/publish-and-send.ts'
import { eventKeyName } from './intake/acceptance.ts'
import { isFor } from './intake/match.ts'
import { toRunMessage } from './messages/delivery-message.ts'
import {
  type Event,
  isCancelled,
  isExpunged,
  isPull,
  type LoggedEvent,
  type Run,
  type Webhook,
} from './model/index.ts'
import type { DelayedMessage, Ports, WebhookRef } from './ports/index.ts'

export function createEvents(ports: Ports): Events {
  const get = async (tenantId: string, id: string): Promise<LoggedEvent> => {
    const event = await ports.eventLog(tenantId).find(id)
    if (event === null) throw notFound('event')
    return event
  }

  return {
    publish: createPublish(ports),
    list: (tenantId, query) => ports.eventLog(tenantId).list(query),
    get,
    async cancel(tenantId, id) {
      const found = await ports.eventLog(tenantId).cancelScheduled(id)
      if (found === null) throw notFound('event')
      if (found === 'gone') throw gone()
      return get(tenantId, id)
    },
    async findId(tenantId, deduplicationKey) {
      const [claim] = await ports
        .eventLog(tenantId)
        .findKeys(tenantId, [eventKeyName(deduplicationKey)])
      return claim?.answer ?? null
    },
    async deliveries(tenantId, id) {
      const event = await get(tenantId, id)
      // What became of it was forgotten: nothing of that is made up.
      const isKnown = timeOf(id) >= ports.clock() - RETENTION.attemptSeconds * 1_000
      return isKnown ? deliveriesOf(tenantId, event, ports) : []
    },
    async unmatched(tenantId, id, page) {
      await get(tenantId, id)
      return ports.eventLog(tenantId).unmatched(tenantId, { ...page, eventId: id })
    },
    async expunge(tenantId, ids) {
      const events = await Promise.all(ids.map((id) => get(tenantId, id)))
      const eventIds = events.filter((event) => !isExpunged(event)).map(({ id }) => id)
      if (eventIds.length > 0) await createErase(ports)(tenantId, { eventIds })
    },
    listByRequest: (tenantId, requestId, after) =>
      ports.eventLog(tenantId).listByRequest(requestId, after),
    usage: (tenantId) => readUsage(tenantId, ports),
    activity: (tenantId) => readNow(tenantId, ports),
    async resend(tenantId, id, webhookId, among = () => true) {
      const { webhookIds, pullWebhookIds: _, isWaiting, ...event } = await get(tenantId, id)
      if (isExpunged(event)) throw withoutContent()
      if (isCancelled(event)) throw new EngineError('conflict', 'The event was cancelled.')
      if (isWaiting) throw new EngineError('conflict', 'The event is scheduled: it is sent then.')
      const webhooks = (await receiversOf(tenantId, event, webhookId, ports)).filter(among)
      const ids = webhooks.map(({ id }) => id)
      const firsts = await firstOutcomes(tenantId, id, ids, ports)
      // Who names a webhook means it; who names none means those that want the event.
      const isChosen = webhookId !== null
      const added = webhooks.map(({ id }) => id).filter((id) => !webhookIds.includes(id))
      await Promise.all(
        webhooks.map(async (webhook) => {
          const ref = { tenantId, id: webhook.id }
          // What was delivered or left out at once its monitor has not heard of: it need not wait for that.
          const first = firsts.get(webhook.id)
          const isOnItsWay = !first?.delivered && first?.isFiltered !== true
          const wasMatched = webhookIds.includes(webhook.id) && isOnItsWay
          const isSent = await ports
            .monitor(webhook.id)
            .resend(ref, event, { wasMatched, isChosen })
          if (isSent) return
          const waiting = toWaiting(ref, newId(ports.clock()), event, isChosen)
          await ports.deliveries.send([waiting])
        }),
      )
      // After all are on their way: what was never sent waits for nobody.
      if (added.length > 0) await ports.eventLog(tenantId).addWebhooks([id], added)
      return webhooks.length
    },
  }
}

function gone(): EngineError {
  const message = 'Only a scheduled event can be cancelled, and this one is not, or no longer.'
  return new EngineError('conflict', message)
}

function withoutContent(): EngineError {
  return new EngineError(
    'conflict',
    'The content of the event was expunged: nothing is left to send.',
  )
}

/**
 * For an event whose first attempt is on its way, as far as anybody knows: a run that waits until more is known. It joins the
 * first run if that goes on, and sends the event itself if that has ended or is not heard of.
 */
function toWaiting(ref: WebhookRef, run: Run, event: Event, isChosen: boolean): DelayedMessage {
  const message = { ...toRunMessage(ref, run, event), wasMatched: true } as const
  return {
    message: isChosen ? { ...message, isChosen } : message,
    delaySeconds: INVOCATION.duplicateMarginSeconds,
  }
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
    for (const webhook of found) refusePull(webhook)
    return found
  }
  const { type, scope } = event
  const subscribers = await webhooks.findSubscribers([{ tenantId, type, scope }])
  return subscribers.filter((webhook) => !isPull(webhook) && isFor(webhook, event, dialectRuntimes))
}
