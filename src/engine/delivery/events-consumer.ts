// Consumer of the events queues: what other Workers sent, and what a publish did not send itself. In: messages with events; out: a
// verdict for each. The tenants' event logs accept the events and tell whom they are for; the first attempts are made here, and
// what must wait is handed to the deliveries queue. Next: first-deliveries.ts, report.ts.

import { describeError } from '../../errors.ts'
import { INVOCATION } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import type { Ports } from '../ports/index.ts'
import { loadEvents } from './admission.ts'
import { ACK, later } from './backoff.ts'
import { type BatchWindow, openWindow } from './batch-window.ts'
import { deliver } from './first-deliveries.ts'
import { noteFirst } from './first-outcomes.ts'
import { readNamedBatches } from './named-batches.ts'
import { untimed } from './publish-time.ts'
import { keepDeadLetter } from './unprocessed-message.ts'

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
  const read = await readNamedBatches(messages, ports)
  const batches = read.filter((batch) => batch.kind === 'events')
  const loaded = await loadEvents(batches, ports)
  /** Ids of the messages that must come again. */
  const failed = new Set([
    ...read.flatMap(({ kind, messageId }) => (kind === 'later' ? [messageId] : [])),
    ...loaded.failed.map(({ messageId }) => messageId),
  ])
  const isNoted = await orAgain(batches.length, ports, async () => {
    const settled = await deliver(loaded.tasks, { window, most: INVOCATION.attempts }, ports)
    await noteFirst(settled, ports, untimed(ports))
  })
  if (!isNoted) for (const { messageId } of batches) failed.add(messageId)
  const refusals = new Map(loaded.refused.map(({ batch, reason }) => [batch.messageId, reason]))
  return Promise.all(
    messages.map((message) => {
      const reason = refusals.get(message.id)
      if (reason !== undefined) return keepDeadLetter('events', message, reason, ports)
      return failed.has(message.id) ? later(message) : ACK
    }),
  )
}

/** False, and a line in the log, when what was done could not be written: then the messages come again. */
async function orAgain(
  messages: number,
  { log }: Pick<Ports, 'log'>,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    log({ event: 'batch.unrecorded', queue: 'events', messages, error: describeError(error) })
    return false
  }
}
