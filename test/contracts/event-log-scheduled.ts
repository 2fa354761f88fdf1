// The contract of EventLog: events that are published before their time, which is the one in their ids.

import { beforeEach, describe, expect, it } from 'vitest'
import { fromEventMessage } from '../../src/engine/messages/event-message.ts'
import type { Event } from '../../src/engine/model/index.ts'
import { ACCEPTED } from '../../src/retention.ts'
import { type EventLogSubject, eventAt, idAt, NOON, nextJobId } from './durable-fixtures.ts'
import { accept, WEBHOOK } from './event-log-fixtures.ts'
import { aWebhook } from './store-fixtures.ts'

/** When most of them are due, in milliseconds after noon. */
const DUE = 3_600_000

export function eventLogScheduled(subject: () => EventLogSubject): void {
  describe('of scheduled events', () => {
    beforeEach(() => subject().setTime(0))
    /** Published at noon for so many milliseconds later. */
    const scheduled = (ms: number, fields: Partial<Event> = {}) =>
      eventAt(ms, { publishedAt: NOON, ...fields })
    /** What was sent to the queue of accepted events so far: ids with webhooks. */
    const sentOn = async () => {
      await subject().flush()
      return subject()
        .accepted.flatMap((text) => fromEventMessage(text)?.remaining ?? [])
        .map(({ event, webhookIds }) => [event.id, webhookIds.toSorted()] as const)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
    }
    const waiting = async (query: { cursor?: string; type?: string; limit?: number } = {}) => {
      const page = await subject().log.list({ limit: 50, isScheduled: true, ...query })
      return page.items.map(({ id }) => id)
    }
    const listed = async () => (await subject().log.list({ limit: 50 })).items.map(({ id }) => id)
    const second = async () => {
      const { log, tenantId, webhooks } = subject()
      await log.announce(tenantId, 'second', false)
      await webhooks.insert(aWebhook(1, { id: 'second', tenantId }))
      await log.confirm('second')
    }

    it('none leaves before its time, and each then, for the webhooks of then', async () => {
      const answer = await accept(subject(), [scheduled(DUE), scheduled(DUE + 1)])
      const answers = [DUE, DUE + 1].map((ms) => ({ id: idAt(ms), duplicate: false }))
      expect(answer).toEqual({ kind: 'accepted', answers, deliveries: [] })
      const found = { ...scheduled(DUE), webhookIds: [], isWaiting: true }
      expect(await subject().log.find(idAt(DUE))).toEqual(found)
      expect(await waiting()).toEqual([idAt(DUE), idAt(DUE + 1)])
      expect(await listed()).toEqual([])
      await second()
      subject().setTime(DUE - 1)
      expect(await sentOn()).toEqual([])
      subject().setTime(DUE)
      expect(await sentOn()).toEqual([[idAt(DUE), ['second', WEBHOOK]]])
      expect(await waiting()).toEqual([idAt(DUE + 1)])
      subject().setTime(DUE + 1)
      expect(await sentOn()).toHaveLength(2)
      expect(await listed()).toEqual([idAt(DUE + 1), idAt(DUE)])
      const left = { ...scheduled(DUE), webhookIds: ['second', WEBHOOK] }
      const { webhookIds = [], ...event } = (await subject().log.find(idAt(DUE))) ?? {}
      expect({ ...event, webhookIds: webhookIds.toSorted() }).toEqual(left)
      expect(await waiting()).toEqual([])
    })

    it('each leaves once, whoever brings it again, before its time or after', async () => {
      for (const ms of [0, DUE - 1]) {
        subject().setTime(ms)
        const answer = await accept(subject(), [scheduled(DUE)])
        expect(answer).toMatchObject({ kind: 'accepted', deliveries: [] })
      }
      expect(await waiting()).toEqual([idAt(DUE)])
      subject().setTime(DUE)
      expect(await sentOn()).toHaveLength(1)
      const answer = await accept(subject(), [scheduled(DUE)])
      expect(answer).toMatchObject({ kind: 'accepted', deliveries: [] })
      subject().setTime(DUE + 2 * ACCEPTED.underWayMs)
      expect(await sentOn()).toHaveLength(1)
    })

    it('one is left to who brings it again when it is due, and has not been accepted yet', async () => {
      await accept(subject(), [scheduled(DUE)])
      subject().setTime(DUE)
      const answer = await accept(subject(), [scheduled(DUE)])
      expect(answer).toMatchObject({ deliveries: [{ event: { id: idAt(DUE) } }] })
      expect(await sentOn()).toEqual([])
      expect(await waiting()).toEqual([])
    })

    it('the usage counts when their time has come', async () => {
      await accept(subject(), [scheduled(DUE)])
      expect((await subject().log.usage(NOON)).days).toEqual([])
      subject().setTime(DUE)
      await sentOn()
      expect((await subject().log.usage(NOON)).days).toMatchObject([{ events: 1 }])
    })

    it('more are accepted than one step does', async () => {
      const events = Array.from({ length: 120 }, (_, n) => scheduled(DUE + n))
      await accept(subject(), events)
      subject().setTime(DUE + 200)
      expect((await sentOn()).map(([id]) => id)).toEqual(events.map(({ id }) => id))
    })

    it('a list has them by their times, page by page, of a type if that is asked for', async () => {
      const times = [5, 1, 4, 2, 3].map((hours) => hours * DUE)
      await accept(
        subject(),
        times.map((ms) => scheduled(ms, { type: ms > 3 * DUE ? 'late' : 'early' })),
      )
      const pages: string[][] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await subject().log.list({ limit: 2, isScheduled: true, cursor })
        pages.push(page.items.map(({ id }) => id))
        cursor = page.nextCursor
      }
      const inOrder = [1, 2, 3, 4, 5].map((hours) => idAt(hours * DUE))
      expect(pages.flat()).toEqual(inOrder)
      expect(await waiting({ type: 'late' })).toEqual(inOrder.slice(3))
    })

    it('one that is cancelled goes nowhere, and is shown so when its time has come', async () => {
      const { log, tenantId } = subject()
      await accept(subject(), [scheduled(DUE), scheduled(DUE + 1)])
      subject().setTime(5)
      expect(await log.cancelScheduled(idAt(DUE))).toBe('cancelled')
      subject().setTime(9)
      expect(await log.cancelScheduled(idAt(DUE))).toBe('cancelled')
      expect(await waiting()).toEqual([idAt(DUE + 1)])
      const cancelled = { ...scheduled(DUE), cancelledAt: NOON + 5, webhookIds: [] }
      expect(await log.find(idAt(DUE))).toEqual({ ...cancelled, isWaiting: true })
      await accept(subject(), [scheduled(DUE)])
      subject().setTime(DUE + 1)
      expect(await sentOn()).toEqual([[idAt(DUE + 1), [WEBHOOK]]])
      expect(await log.find(idAt(DUE))).toEqual(cancelled)
      expect(await log.cancelScheduled(idAt(DUE))).toBe('cancelled')
      const asked = { eventId: idAt(DUE), limit: 9 }
      const { items } = await log.unmatched(tenantId, asked)
      expect(items).toEqual([{ webhookId: WEBHOOK, reasons: ['cancelled'] }])
      const answer = await accept(subject(), [scheduled(DUE)])
      expect(answer).toMatchObject({ kind: 'accepted', deliveries: [] })
      const all = { eventTypes: ['*'], scope: {}, since: 0, onlyMissing: false }
      const request = { ...all, webhookId: WEBHOOK, until: NOON + 2 * DUE }
      await log.replay(tenantId, nextJobId(), request)
      const replayed = (await subject().flush()).map((one) => 'event' in one && one.event.id)
      expect(replayed).toEqual([idAt(DUE + 1)])
    })

    it('one that has left cannot be cancelled, nor one that there is not', async () => {
      await accept(subject(), [eventAt(0), scheduled(DUE)])
      expect(await subject().log.cancelScheduled(idAt(0))).toBe('gone')
      expect(await subject().log.cancelScheduled(idAt(7))).toBeNull()
      subject().setTime(DUE)
      await sentOn()
      expect(await subject().log.cancelScheduled(idAt(DUE))).toBe('gone')
    })

    it.each([true, false])(
      'those that are erased go nowhere (by their scope: %s)',
      async (byScope) => {
        const { log, tenantId } = subject()
        const scope = { user: 'grace' }
        await accept(subject(), [scheduled(DUE, { scope }), scheduled(DUE + 1)])
        subject().setTime(1_000)
        await log.erase(tenantId, nextJobId(), byScope ? { scope } : { eventIds: [idAt(DUE)] })
        await subject().flush()
        const erased = { data: 'null', scope: {}, expungedAt: NOON + 1_000, publishedAt: NOON }
        expect(await log.find(idAt(DUE))).toMatchObject({ ...erased, isWaiting: true })
        // What is published later is not meant, though a copy of what was before is.
        subject().setTime(2_000)
        const later = scheduled(DUE + 2, { scope, publishedAt: NOON + 2_000 })
        const late = scheduled(DUE + 3, { scope, publishedAt: NOON + 500 })
        await accept(subject(), [later, late])
        subject().setTime(DUE + 3)
        const sent = (await sentOn()).map(([id]) => id)
        const meant = byScope ? [idAt(DUE), idAt(DUE + 3)] : [idAt(DUE)]
        const all = [DUE, DUE + 1, DUE + 2, DUE + 3].map((ms) => idAt(ms))
        expect(sent).toEqual(all.filter((id) => !meant.includes(id)))
        expect(await log.find(idAt(DUE))).toMatchObject({ ...erased, webhookIds: [] })
      },
    )

    it('a log that was purged has none', async () => {
      await accept(subject(), [scheduled(DUE)])
      await subject().log.purge()
      subject().setTime(DUE)
      expect(await sentOn()).toEqual([])
      expect(await subject().log.cancelScheduled(idAt(DUE))).toBeNull()
    })
  })
}
