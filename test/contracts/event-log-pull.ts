// The contract of EventLog: what consumers of a webhook read themselves.

import { describe, expect, it } from 'vitest'
import { PULL_URL } from '../../src/engine/model/index.ts'
import type { PullPage, PullQuery } from '../../src/engine/ports/index.ts'
import { type EventLogSubject, eventAt, idAt, NOON } from './durable-fixtures.ts'
import { accept, WEBHOOK } from './event-log-fixtures.ts'
import { aWebhook } from './store-fixtures.ts'

const PULLED = idAt(0, 77)

export function eventLogPull(subject: () => EventLogSubject): void {
  describe('pulled', () => {
    /** With a webhook whose consumers read what is paid themselves. */
    const open = async () => {
      const { webhooks, tenantId } = subject()
      const eventTypes = ['invoice.paid']
      await webhooks.insert(aWebhook(1, { id: PULLED, tenantId, url: PULL_URL, eventTypes }))
    }
    const pull = (fields: Partial<PullQuery> = {}): Promise<PullPage> =>
      subject().log.pull({
        ...{ webhookId: PULLED, since: 0, position: null, limit: 2, ...fields },
      })
    /** The ids on all pages from a position on, and where they end. */
    const readAll = async (from: string | null, limit = 2) => {
      const ids: string[] = []
      for (let [position, pages] = [from, 0]; ; pages += 1) {
        expect(pages).toBeLessThan(200)
        const page = await pull({ position, limit })
        expect(page.items.length).toBeLessThanOrEqual(limit)
        ids.push(...page.items.map(({ event }) => event.id))
        position = page.position
        if (!page.more) return { ids, position }
      }
    }
    let time = 0
    const publish = async (...turns: readonly number[]) => {
      for (const turn of turns) {
        time += 1
        subject().setTime(time)
        await accept(subject(), [
          eventAt(turn, { id: idAt(turn, 1) }),
          eventAt(turn, { id: idAt(turn, 2), type: 'order.paid' }),
          eventAt(turn, { id: idAt(turn, 3) }),
        ])
      }
      return turns.flatMap((turn) => [idAt(turn, 1), idAt(turn, 3)])
    }
    const sorted = (ids: readonly string[]) => ids.toSorted()

    it('is sent nowhere, and noted of the event', async () => {
      await open()
      const event = eventAt(5)
      const answer = await accept(subject(), [event])
      const deliveries = answer.kind === 'accepted' ? answer.deliveries : []
      expect(deliveries.flatMap(({ webhooks }) => webhooks.map(({ id }) => id))).toEqual([WEBHOOK])
      expect(await subject().log.find(event.id)).toEqual({
        ...event,
        ...{ webhookIds: [WEBHOOK], pullWebhookIds: [PULLED] },
      })
      const unmatched = await subject().log.unmatched(subject().tenantId, {
        ...{ eventId: event.id, limit: 9 },
      })
      expect(unmatched.items).toEqual([])
    })

    it.each([1, 2, 3, 100])(
      'gives each event once, whatever ids come later, %d a page',
      async (limit) => {
        await open()
        const first = await publish(50, 10)
        const one = await readAll(null, limit)
        expect(sorted(one.ids)).toEqual(sorted(first))
        // Ids that are lower than what was read.
        const later = await publish(40, 5, 60)
        const two = await readAll(one.position, limit)
        expect(sorted(two.ids)).toEqual(sorted(later))
        expect((await readAll(two.position, limit)).ids).toEqual([])
        expect(sorted((await readAll(null, limit)).ids)).toEqual(sorted([...first, ...later]))
      },
    )

    it('goes on behind each item', async () => {
      await open()
      await publish(10, 20, 30)
      const { ids } = await readAll(null)
      const { items } = await pull({ limit: 100 })
      for (const [index, { position }] of items.entries()) {
        expect((await readAll(position)).ids).toEqual(ids.slice(index + 1))
      }
    })

    it('moves on over what is for others, and with the time', async () => {
      await open()
      const start = await readAll(null)
      for (let n = 0; n < 12; n += 1) {
        time += 1
        subject().setTime(time)
        await accept(subject(), [eventAt(n, { id: idAt(n, 9), type: 'order.paid' })])
      }
      const behind = await readAll(start.position)
      expect(behind.ids).toEqual([])
      const numbers = behind.position.split('_').map(Number)
      expect(Math.min(...numbers)).toBeGreaterThanOrEqual((NOON - 600_000) * 1_000)
      const next = await publish(70)
      expect(sorted((await readAll(behind.position)).ids)).toEqual(sorted(next))
    })

    it('shows nothing of what was accepted before the webhook was there', async () => {
      await publish(10)
      await open()
      await subject().log.announce(subject().tenantId, idAt(0, 5), false)
      await subject().log.confirm(idAt(0, 5))
      const ids = await publish(20)
      expect(sorted((await readAll(null)).ids)).toEqual(sorted(ids))
    })

    it('keeps an erased event, without its content', async () => {
      await open()
      const [id = ''] = await publish(10)
      await subject().log.erase(subject().tenantId, idAt(0, 6), { eventIds: [id] })
      const { items } = await pull({ limit: 9 })
      const erased = items.find(({ event }) => event.id === id)?.event
      expect(erased).toMatchObject({ data: 'null', pullWebhookIds: [PULLED] })
      expect(items).toHaveLength(2)
    })
  })
}
