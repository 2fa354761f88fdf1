// Cloudflare's queues keep the contracts of their ports.

import { createDeliveryQueue } from '../../../src/platform/queues/delivery-queue.ts'
import { createEventQueue } from '../../../src/platform/queues/event-queue.ts'
import { deliveryQueueContract, eventQueueContract } from '../../contracts/queues.ts'

interface Options {
  readonly delaySeconds?: number
}

function make<Port>(open: (queue: Queue) => Port) {
  const kept: { readonly text: string; readonly delaySeconds: number }[] = []
  const take = (text: string, { delaySeconds = 0 }: Options) => kept.push({ text, delaySeconds })
  const queue = {
    send: async (body: string, options: Options) => take(body, options),
    sendBatch: async (messages: Iterable<Options & { readonly body: string }>) => {
      for (const { body, ...options } of messages) take(body, options)
    },
  } as unknown as Queue
  return { queue: open(queue), taken: () => kept }
}

eventQueueContract(() => make((queue) => createEventQueue([queue], async () => {})))
deliveryQueueContract(() => make((queue) => createDeliveryQueue([queue], [queue])))
