// The accepted queues. What fits into one `sendBatch` is one durable write there; what does not would be several, so it
// goes through the tenant's EventLog, which takes all of it in one transaction and sends it on.

import { toContinuationMessages, toEventMessages } from '../../engine/messages/event-message.ts'
import type { EventQueue } from '../../engine/ports/index.ts'
import { byteLength } from '../../primitives/framed-json.ts'
import { toBatches } from './batches.ts'
import { chooseQueue } from './choose-queue.ts'
import { toQueueDelay } from './delivery-queue.ts'
import { sendFirst } from './first-batch.ts'

type Relay = (tenantId: string, texts: readonly string[]) => Promise<void>

/** `relay` stores more texts than one batch takes, all or none, and sends them later. */
export function createEventQueue(queues: readonly Queue[], relay: Relay): EventQueue {
  return {
    async send(tenantId, events, { redelivered }) {
      const texts = toEventMessages({ tenantId, redelivered }, events)
      const [text] = texts
      if (text !== undefined && texts.length === 1) {
        await chooseQueue(queues, text).send(text, { contentType: 'text' })
      } else if (toBatches(texts.map(sized)).length <= 1) await sendFirst(queues, texts)
      // What is relayed may be sent twice when the relay dies between sending and noting that.
      else await relay(tenantId, toEventMessages({ tenantId, redelivered: true }, events))
    },
    async requeue(tenantId, remaining, { redelivered }) {
      await sendAll(queues, toContinuationMessages({ tenantId, redelivered }, remaining))
    },
    async repeat(text, delaySeconds) {
      const options = { contentType: 'text', delaySeconds: toQueueDelay(delaySeconds) } as const
      await chooseQueue(queues, text).send(text, options)
    },
  }
}

/** Several writes when there are many. */
async function sendAll(queues: readonly Queue[], texts: readonly string[]): Promise<void> {
  let sent = 0
  while (sent < texts.length) sent += await sendFirst(queues, texts.slice(sent))
}

function sized(text: string): { readonly text: string; readonly bytes: number } {
  return { text, bytes: byteLength(text) }
}
