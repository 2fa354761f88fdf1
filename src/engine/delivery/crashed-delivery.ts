// Deliveries whose messages crashed their consumer again and again. In: what such a message carries; out: whatever of it would
// be tried now is diverted at its webhook, where its owner sees it. Runs as little as possible of the code that may have
// crashed.

import type { InboundMessage } from '../api.ts'
import { toTarget } from '../attempt/target.ts'
import { isFor } from '../intake/match.ts'
import { toDeliverMessage } from '../messages/delivery-message.ts'
import type { DelayedMessage, DeliverMessage, Ports } from '../ports/index.ts'
import { statesOf } from './ask-monitors.ts'
import { continuedDeliveries } from './continuation.ts'
import { type DeliveryTask, toFirstTask } from './delivery-task.ts'
import type { EventBatch } from './event-batch.ts'
import { nextAction } from './next-action.ts'
import { toQueuedTask } from './redelivery.ts'
import { enqueue, type ReportLine, recordOrSend, toSkipped } from './report.ts'

/** Diverts the events of a message of the events queue, at every webhook that they are for. Rejects when it must come again. */
export async function divertEvents(eventBatch: EventBatch, ports: Ports): Promise<void> {
  const { tenantId, events, remaining } = eventBatch
  if (remaining !== null) {
    // It came to its consumer before it came here, so that its attempts may have been made, and their retries sent.
    const again = { ...eventBatch, redelivered: true }
    return divert(await continuedDeliveries([again], ports), ports)
  }
  const topics = events.map(({ type, scope }) => ({ tenantId, type, scope }))
  const found = await ports.webhooks.findSubscribers(topics)
  const targets = found.map((webhook) => toTarget(webhook, ports.dialectRuntimes))
  const tasks = events.flatMap((event) =>
    targets
      .filter((target) => isFor(target, event))
      .map((target) => toFirstTask(event, target, true)),
  )
  const logged = events.map((event) => ({
    ...event,
    webhookIds: tasks.flatMap((task) => (task.event === event ? [task.target.webhook.id] : [])),
  }))
  await divert(tasks, ports)
  await ports.eventLog(tenantId).append(tenantId, logged)
}

/** The same of a message of the deliveries queue, at the one webhook that it is for. */
export async function divertDelivery(
  inbound: InboundMessage,
  message: DeliverMessage,
  ports: Ports,
): Promise<void> {
  const { tenantId, webhookId: id } = message
  const found = await ports.webhooks.findByRef([{ tenantId, id }])
  // It came to its consumer before it came here: what the monitor shows may be its own progress, to which it gives no way.
  const group = {
    inbound: { ...inbound, attempts: inbound.attempts + 1 },
    message,
    duplicates: [],
  }
  const tasks = found.map((webhook) =>
    toQueuedTask(group, toTarget(webhook, ports.dialectRuntimes)),
  )
  await divert(tasks, ports)
}

async function divert(tasks: readonly DeliveryTask[], ports: Ports): Promise<void> {
  const ends = await Promise.all(tasks.map((task) => endOf(task, ports)))
  await recordOrSend(
    ends.flatMap(({ line }) => line ?? []),
    ports,
  )
  await enqueue(
    ends.flatMap(({ message }) => message ?? []),
    ports,
  )
}

/** What becomes of a delivery: a line that diverts it, a message that carries it on, or neither where others see to it. */
async function endOf(
  task: DeliveryTask,
  ports: Ports,
): Promise<{ readonly line?: ReportLine; readonly message?: DelayedMessage }> {
  const { event, target, run, onlyMissing } = task
  if (target === null) return {}
  const { webhook } = target
  const [state] = await statesOf(
    [{ eventId: event.id, run, onlyMissing }],
    ports.monitor(webhook.id),
  )
  if (state === undefined) throw new Error('A monitor told no state.')
  const now = ports.clock()
  const action = nextAction(task, state, now)
  // An attempt failed, and its retry may be on its way: as ever, a message behind that one makes sure of it.
  if (action.kind === 'defer' && action.role === 'duplicate' && state.status === 'failing') {
    const { delaySeconds, attempts, role } = action
    return {
      message: { message: toDeliverMessage(webhook, event, { run, attempts, role }), delaySeconds },
    }
  }
  const isLeft = action.kind === 'attempt' || action.kind === 'defer' || action.kind === 'skip'
  return isLeft ? { line: toSkipped({ event, target, run }, 'crashed', now) } : {}
}
