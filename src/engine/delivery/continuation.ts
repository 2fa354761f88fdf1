// What a batch did not get to. In: deliveries that were not begun; out: events for the events queue, packed, each with
// the webhooks it is still for. A message for every one of them would cost more than all that went before. Next: the
// events consumer again, which sends them on without matching anew.

import { pack } from '../../primitives/pack.ts'
import { INVOCATION } from '../../tuning.ts'
import { type Target, type TargetPorts, toTarget } from '../attempt/target.ts'
import type { EventQueue, Ports, RemainingEvent } from '../ports/index.ts'
import { type FirstTask, toFirstTask } from './delivery-task.ts'
import type { EventBatch } from './event-batch.ts'

/** Sends deliveries on. Rejects when some could not be stored; then others may have been. */
export async function requeue(tasks: readonly FirstTask[], events: EventQueue): Promise<void> {
  const groups = Map.groupBy(
    tasks,
    ({ target, mayHaveBegun }) => `${target.webhook.tenantId} ${mayHaveBegun}`,
  )
  for (const group of groups.values()) {
    const [first] = group
    if (first === undefined) continue
    const remaining = toRemaining(group)
    const { target, mayHaveBegun: redelivered } = first
    await events.requeue(target.webhook.tenantId, remaining, { redelivered })
  }
}

/** Each event with its webhooks, several times when they are many: a message has an end. */
function toRemaining(tasks: readonly FirstTask[]): readonly RemainingEvent[] {
  const byEvent = Map.groupBy(tasks, ({ event }) => event.id)
  const steps = pack([...byEvent.values()].flat(), {
    count: INVOCATION.continuationWebhooks,
    belongs: (task, first) => task.event.id === first.event.id,
  })
  return [...steps].flatMap(({ items }) => {
    const [first] = items
    const webhookIds = items.map(({ target }) => target.webhook.id)
    return first ? [{ event: first.event, webhookIds }] : []
  })
}

/** The deliveries that messages of `requeue` carry, to webhooks as they are now. Rejects when those cannot be read. */
export async function continuedDeliveries(
  eventBatches: readonly EventBatch[],
  ports: Pick<Ports, 'webhooks'> & TargetPorts,
): Promise<readonly FirstTask[]> {
  const refs = eventBatches.flatMap(({ tenantId, remaining }) => {
    const ids = new Set(remaining?.flatMap(({ webhookIds }) => webhookIds))
    return [...ids].map((id) => ({ tenantId, id }))
  })
  if (refs.length === 0) return []
  const found = await ports.webhooks.findByRef(refs)
  const byId = new Map<string, Target>(
    found.map((webhook) => [webhook.id, toTarget(webhook, ports)]),
  )
  return eventBatches.flatMap(({ remaining, redelivered }) =>
    (remaining ?? []).flatMap(({ event, webhookIds }) =>
      webhookIds.flatMap((id) => {
        const target = byId.get(id)
        return target ? [toFirstTask(event, target, redelivered)] : []
      }),
    ),
  )
}
