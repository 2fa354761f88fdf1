// The contracts of EventQueue and DeliveryQueue: what is sent is there, whole and in order.

import { describe, expect, it } from 'vitest'
import { fromDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import { fromEventMessage } from '../../src/engine/messages/event-message.ts'
import type { DeliveryMessage, DeliveryQueue, EventQueue } from '../../src/engine/ports/index.ts'
import { eventAt } from './durable-fixtures.ts'
import { uuid } from './store-fixtures.ts'

/** A queue, and what it has taken so far. */
export interface QueueSubject<Queue> {
  readonly queue: Queue
  readonly taken: () => readonly { readonly text: string; readonly delaySeconds: number }[]
}

const tenantId = uuid(1)

export function eventQueueContract(make: () => QueueSubject<EventQueue>): void {
  describe('an event queue', () => {
    it('takes events whole, in order, for their tenant', async () => {
      const { queue, taken } = make()
      const events = [eventAt(1), eventAt(2, { data: '{"ü": 1.10}' })]
      await queue.send(tenantId, events, { redelivered: true })
      const messages = taken().map(({ text }) => fromEventMessage(text))
      expect(messages.flatMap((message) => message?.events ?? [])).toEqual(events)
      expect(messages).toMatchObject([{ tenantId, redelivered: true }])
    })

    it('takes what remains of events, with the webhooks that they are still for', async () => {
      const { queue, taken } = make()
      const remaining = [
        { event: eventAt(1), webhookIds: ['a'] },
        { event: eventAt(2), webhookIds: ['a', 'b'] },
      ]
      await queue.requeue(tenantId, remaining, { redelivered: false })
      const messages = taken().map(({ text }) => fromEventMessage(text))
      expect(messages.flatMap((message) => message?.remaining ?? [])).toEqual(remaining)
      expect(messages).toMatchObject([{ tenantId, redelivered: false }])
    })

    it('takes the text of a message once more, as it is and when it is due', async () => {
      const { queue, taken } = make()
      await queue.repeat('a message', 30)
      expect(taken()).toEqual([{ text: 'a message', delaySeconds: 30 }])
    })
  })
}

export function deliveryQueueContract(make: () => QueueSubject<DeliveryQueue>): void {
  describe('a delivery queue', () => {
    it('takes messages in order, each with its delay', async () => {
      const { queue, taken } = make()
      const purges = Array.from({ length: 150 }, (_, n): DeliveryMessage => {
        return { kind: 'purge', webhookId: uuid(n) }
      })
      await queue.send(purges.map((message, n) => ({ message, delaySeconds: n })))
      expect(taken().map(({ text }) => fromDeliveryText(text))).toEqual(purges)
      expect(taken().map(({ delaySeconds }) => delaySeconds)).toEqual(purges.map((_, n) => n))
    })

    it('takes nothing', async () => {
      const { queue, taken } = make()
      await queue.send([])
      expect(taken()).toEqual([])
    })

    it('takes the text of a message once more, as it is and when it is due', async () => {
      const { queue, taken } = make()
      await queue.repeat('a message', 30)
      expect(taken()).toEqual([{ text: 'a message', delaySeconds: 30 }])
    })
  })
}
