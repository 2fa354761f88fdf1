// What a tenant published: accepting it, looking it up, sending it again.

import { notFound } from './errors.ts'
import { newId } from './ids.ts'
import type { Events } from './index.ts'
import type { LoggedEvent, Subscriber } from './model.ts'
import { isFor } from './pipeline/match.ts'
import { publish } from './pipeline/publish.ts'
import type { Ports } from './ports.ts'

export function createEvents(ports: Ports): Events {
  const get = async (tenantId: string, id: string): Promise<LoggedEvent> => {
    const event = await ports.eventLog(tenantId).find(id)
    if (event === null) throw notFound('event')
    return event
  }

  return {
    publish: (tenantId, drafts, options) =>
      publish(tenantId, drafts, options?.idempotency ?? null, ports),
    list: (tenantId, query) => ports.eventLog(tenantId).list(query),
    get,
    async deliveries(tenantId, id) {
      const { webhookIds } = await get(tenantId, id)
      return Promise.all(
        webhookIds.toSorted().map(async (webhookId) => {
          const [state] = await ports.monitor(webhookId).statesOfEvents([id])
          if (state === undefined) throw new Error('A monitor answered for no event.')
          return { webhookId, ...state }
        }),
      )
    },
    listByRequest: (tenantId, requestId, after) =>
      ports.eventLog(tenantId).listByRequest(requestId, after),
    async resend(tenantId, id, webhookId, among = () => true) {
      const { webhookIds: _, ...event } = await get(tenantId, id)
      const webhooks = (await receiversOf(tenantId, event, webhookId, ports)).filter(among)
      const run = newId(ports.clock())
      await ports.deliveries.send(
        webhooks.map((webhook) => ({
          message: {
            kind: 'deliver',
            tenantId,
            webhookId: webhook.id,
            run,
            event,
            attempts: 0,
            standing: 'sole',
          },
          delaySeconds: 0,
        })),
      )
      return webhooks.length
    },
  }
}

/** The webhook that was named, or all that match the event now. */
async function receiversOf(
  tenantId: string,
  event: Omit<LoggedEvent, 'webhookIds'>,
  webhookId: string | null,
  { webhooks, outbounds }: Ports,
): Promise<readonly Subscriber[]> {
  if (webhookId !== null) {
    const found = await webhooks.findByRef([{ tenantId, id: webhookId }])
    if (found.length === 0) throw notFound('webhook')
    return found
  }
  const { type, scope } = event
  const subscribers = await webhooks.findSubscribers([{ tenantId, type, scope }])
  return subscribers.filter((webhook) => isFor(webhook, event, outbounds))
}
