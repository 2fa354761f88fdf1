// The queues of the engine, in memory: whatever keeps messages is handed their texts.

import { toDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import { toContinuationMessages, toEventMessages } from '../../src/engine/messages/event-message.ts'
import type { Lane } from '../../src/engine/model/index.ts'
import type { DeliveryQueue, EventQueue } from '../../src/engine/ports/index.ts'

type Enqueue = (text: string, delaySeconds: number, lane?: Lane) => void

export function createMemoryEventQueue(enqueue: Enqueue): EventQueue {
  return {
    async send(tenantId, events, options) {
      for (const text of toEventMessages({ tenantId, ...options }, events)) enqueue(text, 0)
    },
    async requeue(tenantId, remaining, options) {
      const texts = toContinuationMessages({ tenantId, ...options }, remaining)
      for (const text of texts) enqueue(text, 0)
    },
    repeat: async (text, delaySeconds) => enqueue(text, delaySeconds),
  }
}

export function createMemoryDeliveryQueue(enqueue: Enqueue): DeliveryQueue {
  return {
    async send(messages) {
      for (const { message, delaySeconds, lane } of messages) {
        enqueue(toDeliveryText(message), delaySeconds, lane)
      }
    },
    repeat: async (text, delaySeconds) => enqueue(text, delaySeconds),
  }
}
