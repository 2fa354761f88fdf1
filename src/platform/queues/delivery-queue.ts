// The deliveries queues: the engine's messages as text, in batches as large as the platform takes.

import { toDeliveryText } from '../../engine/messages/delivery-message.ts'
import type { DeliveryQueue } from '../../engine/ports/index.ts'
import { byteLength } from '../../primitives/framed-json.ts'
import { pack } from '../../primitives/pack.ts'
import { QUEUE } from '../../tuning.ts'
import { toBatches } from './batches.ts'
import { chooseQueue } from './choose-queue.ts'

type Outgoing = { readonly text: string; readonly bytes: number; readonly delaySeconds: number }

/** `slow`: the queues of webhooks in the slow lane. */
export function createDeliveryQueue(
  queues: readonly Queue[],
  slow: readonly Queue[],
): DeliveryQueue {
  return {
    async send(messages) {
      // Step by step, because every message carries its event: a large one for many webhooks would fill the memory.
      for (const { items } of pack(messages, { count: QUEUE.batchMessages })) {
        for (const [lane, own] of Map.groupBy(items, ({ lane }) => lane)) {
          const outgoing = own.map(({ message, delaySeconds }) =>
            toOutgoing(toDeliveryText(message), delaySeconds),
          )
          await sendAll(lane === 'slow' ? slow : queues, outgoing)
        }
      }
    },
    repeat: (text, delaySeconds) => sendAll(queues, [toOutgoing(text, delaySeconds)]),
  }
}

function toOutgoing(text: string, delaySeconds: number): Outgoing {
  return { text, bytes: byteLength(text), delaySeconds: toQueueDelay(delaySeconds) }
}

/** Whole seconds, never earlier than asked, at most what the platform takes. */
export function toQueueDelay(seconds: number): number {
  return Math.min(Math.ceil(seconds), QUEUE.maxDelaySeconds)
}

async function sendAll(queues: readonly Queue[], messages: readonly Outgoing[]): Promise<void> {
  for (const [queue, own] of Map.groupBy(messages, ({ text }) => chooseQueue(queues, text))) {
    for (const batch of toBatches(own)) {
      await queue.sendBatch(
        batch.map(({ text, delaySeconds }) => ({ body: text, contentType: 'text', delaySeconds })),
      )
    }
  }
}
