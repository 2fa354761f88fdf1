// The only place that acknowledges queue messages: verdicts of the engine become `ack` and `retry`.

import type { Consumers, InboundMessage, Verdict } from '../../engine/index.ts'
import type { SpanAttributes } from '../../engine/ports/index.ts'
import { inSpan } from '../tracing.ts'
import { toQueueDelay } from './delivery-queue.ts'

type Consume = (messages: readonly InboundMessage[]) => Promise<readonly Verdict[]>

/** Hands a batch to the consumer of its queue, known by its name, and carries out the verdicts. */
export async function consume(batch: MessageBatch, consumers: Consumers): Promise<void> {
  const verdicts = await inSpan(
    `process ${batch.queue}`,
    () => aboutBatch(batch),
    () => consumerOf(batch.queue, consumers)(batch.messages.map(toInbound)),
  )
  for (const [index, message] of batch.messages.entries()) {
    const verdict = verdicts[index]
    if (verdict?.kind === 'ack') message.ack()
    else message.retry({ delaySeconds: toQueueDelay(verdict?.delaySeconds ?? 0) })
  }
}

/** OpenTelemetry's semantic conventions 1.38 for messages. */
function aboutBatch({ queue, messages }: MessageBatch): SpanAttributes {
  return {
    'messaging.system': 'cloudflare_queues',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': queue,
    'messaging.batch.message_count': messages.length,
  }
}

/** By what a queue has. */
const CONSUMERS = {
  accepted: ({ events }) => events,
  events: ({ events }) => events,
  deliveries: ({ deliveries }) => deliveries,
  slow: ({ slowDeliveries }) => slowDeliveries,
  'accepted-dead': ({ deadEvents }) => deadEvents,
  'events-dead': ({ deadEvents }) => deadEvents,
  'deliveries-dead': ({ deadDeliveries }) => deadDeliveries,
} as const satisfies Record<string, (consumers: Consumers) => Consume>

/** The end of a queue's name: a deployment may put a prefix before it, and a number behind what the queue has. */
const NAME = /(accepted|events|deliveries|slow)(?:-\d+)?(-dead)?(?:-\d+)?$/

function consumerOf(queue: string, consumers: Consumers): Consume {
  const [, what, dead = ''] = NAME.exec(queue) ?? []
  const found = Object.entries(CONSUMERS).find(([name]) => name === `${what}${dead}`)
  if (found === undefined) throw new Error(`There is no consumer for the queue ${queue}.`)
  return found[1](consumers)
}

function toInbound({ id, timestamp, attempts, body }: Message): InboundMessage {
  return { id, timestamp: timestamp.getTime(), attempts, body }
}
