// Consumers of the dead-letter queues. In: messages that crashed their consumer again and again; out: a verdict for
// each. What can be read is diverted at its webhooks, what cannot is kept whole: both where a person sees them.

import { describeError } from '../../errors.ts'
import { QUEUE } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import type { Delivery } from '../attempt/attempt.ts'
import { isFor } from '../intake/match.ts'
import { fromDeliveryText } from '../messages/delivery-message.ts'
import { isNewer } from '../messages/version.ts'
import type { Subscriber } from '../model/index.ts'
import { FIRST_RUN } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { later } from './backoff.ts'
import { continuedDeliveries } from './continuation.ts'
import { keepDeadLetter } from './dead-letter.ts'
import { readEventBatches } from './event-batch.ts'
import { leaveToNewer } from './newer-message.ts'
import { recordOrSend, toSkipped } from './report.ts'

const ACK: Verdict = { kind: 'ack' }
const CRASHED_MESSAGE = 'Processing failed in Hookline. Its logs have the details.'

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
  const [eventBatch] = await readEventBatches([message], ports)
  if (eventBatch === undefined || eventBatch.kind === 'later') return later(message)
  if (eventBatch.kind === 'closed') return ACK
  const { tenantId, events } = eventBatch
  if (eventBatch.only !== null) {
    await divertUnended(await continuedDeliveries([eventBatch], ports), ports)
    return ACK
  }
  const topics = events.map(({ type, scope }) => ({ tenantId, type, scope }))
  const subscribers = await ports.webhooks.findSubscribers(topics)
  const deliveries = events.flatMap((event) =>
    subscribers
      .filter((webhook) => isFor(webhook, event, ports.dialectRuntimes))
      .map((webhook) => ({ event, webhook, run: FIRST_RUN, attempts: 0 })),
  )
  const logged = events.map((event) => ({
    ...event,
    webhookIds: deliveries.filter((one) => one.event === event).map(({ webhook }) => webhook.id),
  }))
  await ports.eventLog(tenantId).append(tenantId, logged)
  await divertUnended(deliveries, ports)
  return ACK
}

async function buryDelivery(message: InboundMessage, ports: Ports): Promise<Verdict> {
  if (isNewer(message.body)) return leaveToNewer('deliveries', message, ports)
  const read = fromDeliveryText(message.body)
  if (read?.kind !== 'deliver') {
    const reason = CRASHED_MESSAGE
    return (await keepDeadLetter('deliveries', message, reason, ports)) ? ACK : later(message)
  }
  const { tenantId, webhookId, event, run, attempts } = read
  const webhooks: readonly Subscriber[] = await ports.webhooks.findByRef([
    { tenantId, id: webhookId },
  ])
  await divertUnended(
    webhooks.map((webhook) => ({ event, webhook, run, attempts })),
    ports,
  )
  return ACK
}

/** Diverts what the log does not show as delivered or otherwise ended. */
async function divertUnended(deliveries: readonly Delivery[], ports: Ports): Promise<void> {
  const reportLines = await Promise.all(
    deliveries.map(async (delivery) => {
      const { event, webhook, run } = delivery
      const [state] = await ports.monitor(webhook.id).states([{ eventId: event.id, run }])
      const open = state === undefined || state.status === 'pending' || state.status === 'failing'
      const why = { trigger: 'crashed', message: CRASHED_MESSAGE, at: ports.clock() } as const
      return open ? [toSkipped(delivery, why, ports.dialectRuntimes)] : []
    }),
  )
  await recordOrSend(reportLines.flat(), ports)
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
    const isLast = message.attempts >= QUEUE.freshAfterAttempts
    if (isLast && (await keepDeadLetter(queue, message, CRASHED_MESSAGE, ports))) return ACK
    return later(message)
  }
}
