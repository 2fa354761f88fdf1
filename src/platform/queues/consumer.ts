// The only place that acknowledges queue messages: verdicts of the engine become `ack` and `retry`.

import type { Consumers, InboundMessage, Verdict } from '../../engine/index.ts'
import { toQueueDelay } from './delivery-queue.ts'

type Consume = (messages: readonly InboundMessage[]) => Promise<readonly Verdict[]>

/** Hands a batch to the consumer of its queue, known by the end of its name, and carries out the verdicts. */
export async function consume(batch: MessageBatch, consumers: Consumers): Promise<void> {
  const verdicts = await consumerOf(batch.queue, consumers)(batch.messages.map(toInbound))
  for (const [index, message] of batch.messages.entries()) {
    const verdict = verdicts[index]
    if (verdict?.kind === 'ack') message.ack()
    else message.retry({ delaySeconds: toQueueDelay(verdict?.delaySeconds ?? 0) })
  }
}

/** By the end of a queue's name, so that a deployment may put a prefix before it. Longer ends first. */
const CONSUMERS: readonly (readonly [end: string, of: (consumers: Consumers) => Consume])[] = [
  ['accepted-dead', (consumers) => consumers.deadEvents],
  ['events-dead', (consumers) => consumers.deadEvents],
  ['deliveries-dead', (consumers) => consumers.deadDeliveries],
  ['accepted', (consumers) => consumers.events],
  ['events', (consumers) => consumers.events],
  ['deliveries', (consumers) => consumers.deliveries],
]

function consumerOf(queue: string, consumers: Consumers): Consume {
  const found = CONSUMERS.find(([end]) => queue.endsWith(end))
  if (found === undefined) throw new Error(`There is no consumer for the queue ${queue}.`)
  return found[1](consumers)
}

function toInbound({ id, timestamp, attempts, body }: Message): InboundMessage {
  return { id, timestamp: timestamp.getTime(), attempts, body }
}
