// The contract of Monitor: webhooks whose events come in order.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Event, Order, Ordering } from '../../src/engine/model/index.ts'
import type { OrderedDeliveries, ReportEntry } from '../../src/engine/ports/index.ts'
import { PAUSE } from '../../src/limits.ts'
import {
  delivered,
  diverted,
  dropped,
  eventAt,
  failing,
  filtered,
  type MonitorSubject,
  NOON,
  RUN,
  reportTo,
  unsendable,
} from './durable-fixtures.ts'

const told = (order: Partial<Order> | null, since = NOON): Ordering => ({
  since,
  order: order && { key: null, onFailure: 'continue', ...order },
})
const WHOLE = told({})
const BY_CUSTOMER = told({ key: 'data.customer' })
const BLOCKING = told({ key: 'data.customer', onFailure: 'block' })

/** Accepted so many milliseconds after noon, of a customer. */
const of = (customer: unknown, ms: number) =>
  eventAt(ms, { data: JSON.stringify({ customer }), scope: { customer: String(customer) } })

export function monitorOrder(make: () => Promise<MonitorSubject>): void {
  describe('an order', () => {
    let subject: MonitorSubject
    let seen = 0
    let number = 0
    beforeEach(async () => {
      subject = await make()
      seen = 0
      number = 0
    })
    const numbered = (ordering: Ordering, events: readonly Event[]) =>
      events.map((event) => {
        number += 1
        return { number, event, ordering }
      })
    const call = (deliveries: OrderedDeliveries['deliveries'], log = 'log') =>
      subject.monitor.lineUp({
        ...{ ref: subject.ref, log, deliveries },
        webhook: { name: null, pins: [] },
      })
    const lineUp = (ordering: Ordering, ...events: readonly Event[]) =>
      call(numbered(ordering, events))
    /** Ids of the events that were sent since the last look. */
    const released = async () => {
      const all = (await subject.flush()).flatMap((message) =>
        message.kind === 'deliver' ? [message.event.id] : [],
      )
      const fresh = all.slice(seen)
      seen = all.length
      return fresh
    }
    const ids = (...all: readonly Event[]) => all.map(({ id }) => id)
    const report = (...entries: readonly ReportEntry[]) => reportTo(subject, entries)
    const stateOf = async (event: Event) => {
      const [state] = await subject.monitor.statesOfEvents([event.id])
      return state?.status
    }
    const order = async () => (await subject.monitor.health()).order
    const [a, b, c, d] = [of('a', 1), of('a', 2), of('a', 3), of('a', 4)]
    const other = of('b', 5)

    it('sends one event after the other, in the order in which they were handed over', async () => {
      expect(await lineUp(WHOLE, c, a, b)).toBe(3)
      expect(await released()).toEqual(ids(c))
      expect([await stateOf(c), await stateOf(a)]).toEqual(['held', 'held'])
      expect(await order()).toEqual({ waiting: 2, blocked: [] })
      await report(delivered(c))
      expect(await released()).toEqual(ids(a))
      await report(delivered(a))
      expect(await released()).toEqual(ids(b))
      await report(delivered(b))
      expect(await order()).toEqual({ waiting: 0, blocked: [] })
      expect(await Promise.all([a, b, c].map(stateOf))).toEqual(Array(3).fill('delivered'))
    })

    it('holds up no other key', async () => {
      await lineUp(BY_CUSTOMER, a, b, other)
      expect(await released()).toEqual(ids(a, other))
      await report(delivered(a))
      expect(await released()).toEqual(ids(b))
    })

    it.each([
      ['a missing member', {}],
      ['null', { customer: null }],
      ['an empty text', { customer: '' }],
    ])('gives %s the same key', async (_, data) => {
      const [one, two] = [{}, data].map((some, index) =>
        eventAt(index + 1, { data: JSON.stringify(some) }),
      ) as [Event, Event]
      await lineUp(BY_CUSTOMER, one, two)
      expect(await released()).toEqual(ids(one))
    })

    it('takes numbers and booleans for keys', async () => {
      const all = [of(1, 1), of('1', 2), of(true, 3), of(2, 4)] as const
      await lineUp(BY_CUSTOMER, ...all)
      expect(await released()).toEqual(ids(all[0], all[2], all[3]))
    })

    it.each([
      ['an object', { customer: { id: 1 } }, 'It must be a text, a number or a boolean.'],
      ['a long text', { customer: 'x'.repeat(201) }, 'It may have 200 characters at most.'],
    ])('has what would have %s for its key end, and holds nothing up', async (_, data, why) => {
      const bad = eventAt(9, { data: JSON.stringify(data) })
      expect(await lineUp(BY_CUSTOMER, a, bad, b)).toBe(3)
      expect(await released()).toEqual(ids(a))
      const [state] = await subject.monitor.statesOfEvents([bad.id])
      expect(state).toMatchObject({
        status: 'unsendable',
        reason: `The expression in \`order.key\` fails: ${why}`,
      })
      await report(delivered(a))
      expect(await released()).toEqual(ids(b))
      expect((await subject.monitor.health()).totals.unsendable).toBe(1)
    })

    it('keeps its key while it is tried again, and until it has ended', async () => {
      await lineUp(WHOLE, a, b)
      await released()
      await report(failing(a))
      expect(await released()).toEqual([])
      await report(delivered(a, { attempt: 2 }))
      expect(await released()).toEqual(ids(b))
    })

    it.each([
      ['diverted', diverted(a)],
      ['dropped', dropped(a)],
      ['unsendable', unsendable(a)],
      ['left out by the filter', filtered(a)],
    ])('goes on after one that was %s', async (_, entry) => {
      await lineUp(WHOLE, a, b)
      await released()
      await report(entry)
      expect(await released()).toEqual(ids(b))
    })

    it('takes nothing twice: neither what comes again nor what comes late', async () => {
      const first = numbered(WHOLE, [a])
      const both = [...first, ...numbered(WHOLE, [b])]
      expect(await call(both)).toBe(2)
      expect(await call(first)).toBe(2)
      expect(await call(both)).toBe(2)
      expect(await released()).toEqual(ids(a))
      expect(await order()).toMatchObject({ waiting: 1 })
    })

    it('counts each log by itself', async () => {
      await call([{ number: 7, event: a, ordering: WHOLE }], 'one')
      expect(await call([{ number: 3, event: b, ordering: WHOLE }], 'other')).toBe(3)
      expect(await order()).toMatchObject({ waiting: 1 })
    })

    it('tells whoever brings one that waits that another message carries it', async () => {
      await lineUp(WHOLE, a, b)
      const [state] = await subject.monitor.states([{ eventId: b.id, run: '' }])
      expect(state?.status).toBe('withdrawn')
    })

    it('has one that waits come in its turn, whoever sends it again', async () => {
      await lineUp(WHOLE, a, b)
      await released()
      const asked = { wasMatched: true, isChosen: false }
      expect(await subject.monitor.resend(subject.ref, b, asked)).toBe(true)
      expect(await released()).toEqual([])
      await report(delivered(a))
      expect(await released()).toEqual(ids(b))
    })

    describe('that blocks', () => {
      const blockedBy = (event: Event, key = 'a') => [{ key, eventId: event.id, since: NOON }]

      it('sends nothing of a key after one that was given up, and goes on when it is delivered', async () => {
        await lineUp(BLOCKING, a, b, other)
        await released()
        await report(diverted(a), delivered(other))
        expect(await released()).toEqual([])
        expect(await order()).toEqual({ waiting: 1, blocked: blockedBy(a) })
        await report(delivered(a, { run: RUN }))
        expect(await released()).toEqual(ids(b))
        expect(await order()).toEqual({ waiting: 0, blocked: [] })
      })

      it('keeps the key blocked while a resend fails, and what comes then waits', async () => {
        await lineUp(BLOCKING, a)
        await released()
        await report(dropped(a))
        await report(diverted(a, { run: RUN }))
        await lineUp(BLOCKING, b)
        expect(await released()).toEqual([])
        expect(await order()).toEqual({ waiting: 1, blocked: blockedBy(a) })
      })

      it('goes on with a key that is skipped', async () => {
        await lineUp(BLOCKING, a, b)
        await released()
        await report(diverted(a))
        expect(await subject.monitor.skipBlocked('b')).toBe(false)
        expect(await subject.monitor.skipBlocked('a')).toBe(true)
        expect(await released()).toEqual(ids(b))
        expect(await subject.monitor.skipBlocked('a')).toBe(false)
      })

      it('goes on when it blocks no more', async () => {
        await lineUp(BLOCKING, a, b)
        await released()
        await report(diverted(a))
        await subject.monitor.noteOrdering({ ...BY_CUSTOMER, since: NOON + 1 })
        expect(await released()).toEqual(ids(b))
      })

      it('is not blocked by what was cancelled, left out or erased', async () => {
        await lineUp(BLOCKING, a, b, c, d)
        await released()
        await subject.monitor.cancel({ eventIds: [a.id] }, null)
        expect(await released()).toEqual(ids(b))
        await report(filtered(b))
        expect(await released()).toEqual(ids(c))
        await subject.monitor.erase([c.id])
        expect(await released()).toEqual(ids(d))
        expect(await order()).toEqual({ waiting: 0, blocked: [] })
      })
    })

    it('lets all go that waits when there is none any more; who is late changes nothing', async () => {
      await lineUp(BLOCKING, a, b, c, other)
      await released()
      await report(diverted(a))
      await subject.monitor.noteOrdering(told(null, NOON - 1))
      expect(await released()).toEqual([])
      await subject.monitor.noteOrdering(told(null, NOON + 1))
      expect(await released()).toEqual(ids(b, c))
      await lineUp(BLOCKING, d)
      expect(await released()).toEqual(ids(d))
    })

    it('is told of by reports', async () => {
      await lineUp(WHOLE, a, b)
      await released()
      await reportTo(subject, [], { ordering: told(null, NOON + 1) })
      expect(await released()).toEqual(ids(b))
    })

    it('ends what waits when that is cancelled, of a type too', async () => {
      await lineUp(WHOLE, a, b, c)
      await released()
      expect(await subject.monitor.cancel({ eventIds: [b.id] }, null)).toMatchObject({
        cancelled: 1,
      })
      expect(await subject.monitor.cancel({ eventTypes: ['other'] }, null)).toMatchObject({
        cancelled: 0,
      })
      await report(delivered(a))
      expect(await released()).toEqual(ids(c))
      expect(await stateOf(b)).toBe('dropped')
    })

    it('forgets what waits when that is erased, and takes it no more', async () => {
      await lineUp(WHOLE, a, b, c)
      await released()
      await subject.monitor.erase([b.id, d.id])
      await lineUp(WHOLE, d)
      await report(delivered(a))
      expect(await released()).toEqual(ids(c))
      expect([await stateOf(b), await stateOf(d)]).toEqual(['erased', 'erased'])
    })

    it('diverts what has waited for as long as any does', async () => {
      await lineUp(BLOCKING, a, b)
      await released()
      await report(diverted(a))
      subject.setTime(PAUSE.waitSeconds * 1_000 + 10)
      await lineUp(BLOCKING, other)
      await released()
      expect(await stateOf(b)).toBe('diverted')
      expect(await subject.monitor.findDiverted(b.id)).toMatchObject({
        trigger: 'order',
        message:
          'Those before it in the order of the webhook had not ended, and the event waited for as long as any does.',
      })
      expect(await order()).toMatchObject({ waiting: 0, blocked: [{ eventId: a.id }] })
    })

    it('waits while its webhook is paused, and comes one after the other when it is no more', async () => {
      const pause = { since: NOON, isOver: false }
      await subject.monitor.notePause(pause)
      await lineUp(WHOLE, a, b)
      expect(await released()).toEqual([])
      await subject.monitor.notePause({ ...pause, isOver: true })
      expect(await released()).toEqual(ids(a))
      await report(delivered(a))
      expect(await released()).toEqual(ids(b))
    })

    it('is forgotten with its webhook, whose events are taken and go nowhere', async () => {
      await lineUp(WHOLE, a, b)
      await subject.monitor.purge()
      expect(await lineUp(WHOLE, c)).toBe(3)
      expect(await order()).toEqual({ waiting: 0, blocked: [] })
    })
  })
}
