// Consumers of the dead-letter queues. In: messages that crashed their consumer again and again; out: a verdict for
// each. What can be read is diverted at its webhooks, what cannot is kept whole: both where a person sees them. What another
// Worker sent has a second try first.

import { describeError } from '../../errors.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import { fromDeliveryText } from '../messages/delivery-message.ts'
import { isNewer } from '../messages/version.ts'
import type { Ports } from '../ports/index.ts'
import { ACK, isOld, later } from './backoff.ts'
import { runControlMessage } from './control-messages.ts'
import { divertDelivery } from './crashed-delivery.ts'
import { acceptForeign, divertEvents } from './crashed-events.ts'
import { readNamedBatches } from './named-batches.ts'
import { SKIPPED } from './report.ts'
import { keepDeadLetter, leaveToNewer } from './unprocessed-message.ts'

const CRASHED_MESSAGE = SKIPPED.crashed

/** Diverts the events of messages the events consumer could not process, at every webhook they match. */
export function buryEvents(
  messages: readonly InboundMessage[],
  ports: Ports,
): Promise<readonly Verdict[]> {
  return Promise.all(
    messages.map((message) => orLater('events', message, ports, () => buryEvent(message, ports))),
  )
}

/** Diverts the deliveries of messages the deliveries consumer could not process. */
export function buryDeliveries(
  messages: readonly InboundMessage[],
  ports: Ports,
): Promise<readonly Verdict[]> {
  return Promise.all(
    messages.map((message) =>
      orLater('deliveries', message, ports, () => buryDelivery(message, ports)),
    ),
  )
}

async function buryEvent(message: InboundMessage, ports: Ports): Promise<Verdict> {
  if (isNewer(message.body)) return leaveToNewer('events', message, ports)
  const [eventBatch] = await readNamedBatches([message], ports)
  if (eventBatch?.kind === 'closed') return ACK
  if (eventBatch?.kind !== 'events') throw new Error('The message cannot be read now.')
  if (!eventBatch.isForeign) {
    await divertEvents(eventBatch, ports)
    return ACK
  }
  const reason = await acceptForeign(eventBatch, ports)
  return reason === null ? ACK : keepDeadLetter('events', message, reason, ports)
}

async function buryDelivery(message: InboundMessage, ports: Ports): Promise<Verdict> {
  if (isNewer(message.body)) return leaveToNewer('deliveries', message, ports)
  const read = fromDeliveryText(message.body)
  // What a report tells may be the end of deliveries, which have no other message left.
  if (read?.kind === 'record') await runControlMessage(read, true, ports)
  else if (read?.kind === 'deliver') await divertDelivery(message, read, ports)
  else return keepDeadLetter('deliveries', message, CRASHED_MESSAGE, ports)
  return ACK
}

/** Nothing comes after a dead-letter queue: what fails here to the end is kept whole before it is gone. */
async function orLater(
  queue: 'events' | 'deliveries',
  message: InboundMessage,
  ports: Ports,
  work: () => Promise<Verdict>,
): Promise<Verdict> {
  try {
    return await work()
  } catch (error) {
    ports.log({ event: 'dead.postponed', messageId: message.id, error: describeError(error) })
    if (!isOld(message, ports.clock())) return later(message)
    return keepDeadLetter(queue, message, CRASHED_MESSAGE, ports)
  }
}
