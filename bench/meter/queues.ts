// Queues: what is written when a message is sent, read when it comes, deleted when it is acknowledged.

import type { Counts, Meter } from './counts.ts'

/** "A KB is defined as 1,000 bytes, and each message includes approximately 100 bytes of internal metadata." */
const OPERATION_BYTES = 64_000
const METADATA_BYTES = 100

/** Operations that a message is billed for when it is written, read or deleted. */
function operationsOf(body: unknown): number {
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '')
  const bytes = new TextEncoder().encode(text).byteLength + METADATA_BYTES
  return Math.ceil(bytes / OPERATION_BYTES)
}

/** A producer's binding that counts what is sent. */
export function meteredQueue(queue: Queue, meter: Meter): Queue {
  return {
    metrics: () => queue.metrics(),
    send: (body, options) => {
      meter.add('queueWrites', operationsOf(body))
      return queue.send(body, options)
    },
    sendBatch: (messages, options) => {
      const all = [...messages]
      for (const { body } of all) meter.add('queueWrites', operationsOf(body))
      return queue.sendBatch(all, options)
    },
  }
}

type Consume = (batch: MessageBatch) => Promise<void>

/** Calls a consumer with messages that count what becomes of them. A retry costs the read of its next coming. */
export async function meteredBatch(batch: MessageBatch, meter: Meter, consume: Consume) {
  meter.add('invocations')
  const open = new Set<Message>(batch.messages)
  const add = (line: keyof Counts, message: Message) => meter.add(line, operationsOf(message.body))
  for (const message of batch.messages) {
    add('queueReads', message)
    // The platform wrote it there: nobody's `send` did.
    if (batch.queue.endsWith('-dead') && message.attempts === 1) add('queueWrites', message)
  }
  const messages = batch.messages.map((message) => ({
    id: message.id,
    timestamp: message.timestamp,
    body: message.body,
    attempts: message.attempts,
    ack: () => {
      if (open.delete(message)) add('queueDeletes', message)
      message.ack()
    },
    retry: (options?: QueueRetryOptions) => {
      open.delete(message)
      message.retry(options)
    },
  }))
  await consume({
    queue: batch.queue,
    metadata: batch.metadata,
    messages,
    ackAll: () => {
      for (const message of messages) message.ack()
    },
    retryAll: (options) => {
      for (const message of messages) message.retry(options)
    },
  })
  // Who says nothing has acknowledged.
  for (const message of open) add('queueDeletes', message)
}
