// The queues in memory keep the contracts that Cloudflare's keep.

import { describe } from 'vitest'
import { deliveryQueueContract, eventQueueContract } from '../contracts/queues.ts'
import { createMemoryDeliveryQueue, createMemoryEventQueue } from './queues.ts'

function make<Queue>(open: (enqueue: (text: string, delaySeconds: number) => void) => Queue) {
  const kept: { readonly text: string; readonly delaySeconds: number }[] = []
  const queue = open((text, delaySeconds) => kept.push({ text, delaySeconds }))
  return { queue, taken: () => kept }
}

describe('in memory', () => {
  eventQueueContract(() => make(createMemoryEventQueue))
  deliveryQueueContract(() => make(createMemoryDeliveryQueue))
})
