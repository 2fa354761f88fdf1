// Events whose messages crashed their consumer again and again. In: such a message; out: what is ours is diverted at its webhooks,
// what another Worker sent has a turn of its own. Next: crashed-delivery.ts.

import type { Ports } from '../ports/index.ts'
import { acceptBatch } from './admission.ts'
import type { Asked } from './ask-monitors.ts'
import { continuedDeliveries, requeue } from './continuation.ts'
import { divert } from './crashed-delivery.ts'
import type { FirstTask } from './delivery-task.ts'
import type { EventBatch } from './event-batch.ts'
import { toHandedOver } from './first-outcomes.ts'

/** Diverts the events of a message of the events queue, at every webhook that they are for. Rejects when it must come again. */
export async function divertEvents(eventBatch: EventBatch, ports: Ports): Promise<void> {
  const { tenantId, remaining } = eventBatch
  if (remaining !== null) {
    // It came to its consumer before it came here, so that its attempts may have been made, and their retries sent.
    const again = { ...eventBatch, redelivered: true }
    return divert(await continuedDeliveries([again], ports), toFirstAsked, ports)
  }
  const again = { ...eventBatch, redelivered: true }
  const { tasks } = await acceptBatch(again, ports.settings.fanOut, ports)
  await divert(tasks, toFirstAsked, ports)
  await ports.eventLog(tenantId).record(tasks.map((task) => toHandedOver(task, ports.clock())))
}

/**
 * A message that the runtime cannot read fails its whole batch, and only other Workers can send such. So another message of
 * theirs may be none that crashes: it gets its turn among ours, and is diverted if it crashes there. Returns why it will never
 * be accepted, as a sentence; null if it was.
 */
export async function acceptForeign(eventBatch: EventBatch, ports: Ports): Promise<string | null> {
  const { tenantId } = eventBatch
  const { tasks, reason } = await acceptBatch(eventBatch, 1, ports)
  await requeue(tasks, ports.events)
  await ports.eventLog(tenantId).record(tasks.map((task) => toHandedOver(task, ports.clock())))
  return reason
}

function toFirstAsked({ event, run }: FirstTask): Asked {
  return { eventId: event.id, run }
}
