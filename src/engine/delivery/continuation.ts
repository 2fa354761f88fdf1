// What a batch did not get to. In: deliveries that were not begun; out: events for the events queue, packed, each with
// the webhooks it is still for. A message for every one of them would cost more than all that went before. Next: the
// events consumer again, which sends them on without matching anew.

import { INVOCATION } from '../../tuning.ts'
import type { Delivery } from '../attempt/attempt.ts'
import type { Event, Subscriber } from '../model/index.ts'
import { FIRST_RUN } from '../model/index.ts'
import type { EventQueue, Ports } from '../ports/index.ts'
import type { Routed } from './admission.ts'
import type { EventBatch } from './event-batch.ts'

/** Sends deliveries on. Rejects when some could not be stored; then others may have been. */
export async function requeue(deliveries: readonly Routed[], events: EventQueue): Promise<void> {
  const groups = Map.groupBy(deliveries, ({ webhook, ask }) => `${webhook.tenantId} ${ask}`)
  for (const group of groups.values()) {
    const [first] = group
    if (first === undefined) continue
    const rest = toRest(group)
    await events.send(
      first.webhook.tenantId,
      rest.map(({ event }) => event),
      { ask: first.ask, only: rest.map(({ webhookIds }) => webhookIds) },
    )
  }
}

interface Rest {
  readonly event: Event
  readonly webhookIds: readonly string[]
}

/** Each event with its webhooks, several times when they are many: a message has an end. */
function toRest(deliveries: readonly Delivery[]): readonly Rest[] {
  const byEvent = Map.groupBy(deliveries, ({ event }) => event.id)
  return [...byEvent.values()].flatMap((group) => {
    const steps: Rest[] = []
    for (let from = 0; from < group.length; from += INVOCATION.remainderWebhooks) {
      const step = group.slice(from, from + INVOCATION.remainderWebhooks)
      const [first] = step
      if (first) steps.push({ event: first.event, webhookIds: step.map((d) => d.webhook.id) })
    }
    return steps
  })
}

/** The deliveries that messages of `requeue` carry, to webhooks as they are now. Rejects when those cannot be read. */
export async function continuedDeliveries(
  eventBatches: readonly EventBatch[],
  { webhooks }: Pick<Ports, 'webhooks'>,
): Promise<readonly Routed[]> {
  const refs = eventBatches.flatMap(({ tenantId, only }) =>
    [...new Set(only?.flat())].map((id) => ({ tenantId, id })),
  )
  if (refs.length === 0) return []
  const found = await webhooks.findByRef(refs)
  const byId = new Map<string, Subscriber>(found.map((webhook) => [webhook.id, webhook]))
  return eventBatches.flatMap(({ events, only, ask }) =>
    events.flatMap((event, index) =>
      (only?.[index] ?? []).flatMap((id) => {
        const webhook = byId.get(id)
        return webhook ? [{ event, webhook, run: FIRST_RUN, attempts: 0, ask }] : []
      }),
    ),
  )
}
