// Consumer of the events queue. In: messages with events; out: a verdict for each. It finds the webhooks of all
// events of the batch in one query, makes the first attempts itself, hands to the deliveries queue what must wait, and
// writes down the rest. Next: report.ts, and the deliveries consumer for what was handed over.

import { describeError } from '../../errors.ts'
import { INVOCATION } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import type { Ports } from '../ports/index.ts'
import { askAbout, type Loaded, loadEvents, toLogged } from './admission.ts'
import { ACK, later } from './backoff.ts'
import { planBatch, runBatch, type Settled, settle, toDelayedMessage } from './batch.ts'
import { type BatchWindow, openWindow } from './batch-window.ts'
import { requeue } from './continuation.ts'
import type { FirstTask } from './delivery-task.ts'
import { confirmStored, type EventBatch, readEventBatches } from './event-batch.ts'
import { enqueue, record } from './report.ts'

/** Sends the events of a batch on their way, and holds them no longer than `INVOCATION` says, whoever hangs. */
export async function consumeEvents(
  messages: readonly InboundMessage[],
  ports: Ports,
): Promise<readonly Verdict[]> {
  const window = openWindow(ports)
  try {
    return await consume(messages, window, ports)
  } finally {
    window.stop()
  }
}

async function consume(
  messages: readonly InboundMessage[],
  window: BatchWindow,
  ports: Ports,
): Promise<readonly Verdict[]> {
  const read = await readEventBatches(messages, ports)
  const batches = read.filter((batch) => batch.kind === 'events')
  /** Ids of the messages that must come again. */
  const failed = new Set(
    read.flatMap(({ kind, messageId }) => (kind === 'later' ? [messageId] : [])),
  )
  const loaded = await loadEvents(batches, ports)
  if (loaded === null) {
    for (const { messageId } of batches) failed.add(messageId)
  } else {
    await write(await deliver(loaded.tasks, window, ports), loaded, failed, ports)
    await confirmStored(batches, failed, ports)
  }
  return messages.map((message) => (failed.has(message.id) ? later(message) : ACK))
}

/** Decides about each delivery, and makes the attempts that fit into the batch window. */
async function deliver(
  tasks: readonly FirstTask[],
  window: BatchWindow,
  ports: Ports,
): Promise<Settled<FirstTask>> {
  const known = await askAbout(tasks, ports)
  const planned = planBatch(tasks, known, ports.clock())
  const ran = await runBatch(planned, { window, most: INVOCATION.attempts }, ports)
  return settle(planned, ran, ports.clock())
}

/**
 * Writes down what happened, then what was published; what cannot be written makes its messages come again. In this
 * order, because the event log says which webhooks an event was for: whoever stands there has been taken care of.
 */
async function write(
  { reportLines, followUps, unstarted }: Settled<FirstTask>,
  { tasks, admitted, continued, deferred }: Loaded,
  failed: Set<string>,
  ports: Ports,
): Promise<void> {
  const orAgain = async (batches: readonly EventBatch[], work: () => Promise<void>) => {
    try {
      await work()
      return true
    } catch (error) {
      for (const { messageId } of batches) failed.add(messageId)
      const about = { queue: 'events', messages: batches.length } as const
      ports.log({ event: 'batch.unrecorded', ...about, error: describeError(error) })
      return false
    }
  }
  const isWritten = await orAgain([...admitted, ...continued], async () => {
    const lines = reportLines.map(({ line }) => line)
    const unwritten = await record(lines, ports)
    await enqueue([...followUps.map(toDelayedMessage), ...unwritten], ports)
    await requeue(
      unstarted.map(({ task }) => task),
      ports.events,
    )
  })
  if (isWritten) {
    const byTenant = Map.groupBy(admitted, ({ tenantId }) => tenantId)
    await Promise.all(
      [...byTenant].map(([tenantId, group]) => {
        const logged = toLogged(group, tasks)
        return orAgain(group, () => ports.eventLog(tenantId).append(tenantId, logged))
      }),
    )
  }
  // What must come again brings its own with it.
  const left = deferred.filter(({ messageId }) => !failed.has(messageId))
  await Promise.all(
    left.map((batch) => {
      const { tenantId, events, redelivered } = batch
      return orAgain([batch], () => ports.events.send(tenantId, events, { redelivered }))
    }),
  )
}
