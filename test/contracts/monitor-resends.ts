// The contract of Monitor: diverted events on their way again.

import { beforeEach, describe, expect, it } from 'vitest'
import type { DivertedQuery } from '../../src/engine/ports/index.ts'
import { LOG } from '../../src/tuning.ts'
import {
  delivered,
  deliveriesIn,
  diverted,
  dropped,
  eventAt,
  failing,
  idAt,
  type MonitorSubject,
  NOON,
  nextJobId,
  RUN,
  reportTo,
  skipped,
  unsendable,
} from './durable-fixtures.ts'

export function monitorResends(make: () => Promise<MonitorSubject>): void {
  describe('a resend of diverted events', () => {
    let subject: MonitorSubject
    beforeEach(async () => {
      subject = await make()
    })
    const resend = (query: DivertedQuery = {}) =>
      subject.monitor.resendDiverted(subject.ref, nextJobId(), query)
    const resendOne = async (eventId: string) => (await resend({ eventId })) === 1
    const sent = async () => deliveriesIn(await subject.flush())

    /** The runs of what was sent. */
    const runs = async () => [...new Set((await sent()).map(({ run }) => run))]

    it('has nothing to do when there are none', async () => {
      expect(await resend()).toBe(0)
      expect(await resendOne(idAt(0))).toBe(false)
      expect(await subject.flush()).toEqual([])
    })

    it('sends each once, in one run of its own', async () => {
      await reportTo(subject, [diverted(eventAt(1)), diverted(eventAt(2))])
      expect(await resend()).toBe(2)
      const { tenantId, id: webhookId } = subject.ref
      const [first, ...more] = await sent()
      expect(first).toEqual({
        kind: 'deliver',
        tenantId,
        webhookId,
        run: expect.stringMatching(/^[0-9a-f-]{36}$/),
        event: eventAt(1),
        attempts: 0,
        role: 'duplicate',
        carrier: first?.run,
        isChosen: true,
      })
      expect(more).toEqual([{ ...first, event: eventAt(2) }])
    })

    it('has the filter asked of what was never attempted, and of nothing else', async () => {
      await reportTo(subject, [skipped(eventAt(1)), diverted(eventAt(2))])
      await resend()
      expect((await sent()).map(({ isChosen }) => isChosen)).toEqual([undefined, true])
    })

    it('sends every one of many', async () => {
      await reportTo(
        subject,
        Array.from({ length: 250 }, (_, ms) => diverted(eventAt(ms))),
      )
      expect(await resend()).toBe(250)
      expect((await sent()).map(({ event }) => event.id)).toEqual(
        Array.from({ length: 250 }, (_, ms) => idAt(ms)),
      )
      expect(await runs()).toHaveLength(1)
    })

    it.each<readonly [DivertedQuery, readonly number[]]>([
      [{}, [1, 2, 3]],
      [{ since: NOON + 2_020 }, [2, 3]],
      [{ until: NOON + 2_020 }, [1]],
      [{ since: NOON + 2_020, until: NOON + 2_021 }, [2]],
      [{ eventTypes: ['order.paid'] }, [2, 3]],
      [{ eventTypes: ['order.paid', 'invoice.paid'] }, [1, 2, 3]],
      [{ eventTypes: ['order.paid'], until: NOON + 3_000 }, [2]],
      [{ eventTypes: ['order.*'] }, []],
      [{ eventTypes: [] }, []],
      [{ since: NOON + 3_021 }, []],
    ])('sends those that %j asks for', async (query, expected) => {
      const types = ['invoice.paid', 'order.paid', 'order.paid']
      await reportTo(
        subject,
        types.map((type, n) => diverted(eventAt(n + 1, { type }), { at: NOON + (n + 1) * 1_000 })),
      )
      expect(await resend(query)).toBe(expected.length)
      expect((await sent()).map(({ event }) => event.id)).toEqual(expected.map((ms) => idAt(ms)))
    })

    it('sends those on their way again in the run that they have, in case their messages are lost', async () => {
      await reportTo(subject, [diverted(eventAt(1))])
      expect(await resend()).toBe(1)
      const [first] = await sent()
      await reportTo(subject, [diverted(eventAt(2))])
      expect(await resend()).toBe(2)
      const [, again, other] = await sent()
      expect(again).toMatchObject({ event: { id: idAt(1) }, run: first?.run })
      expect(other).toMatchObject({ event: { id: idAt(2) } })
      expect(other?.run).not.toBe(first?.run)
      expect(again?.carrier).toBe(other?.run)
    })

    it('has one that is failing tried now, at the place of the schedule where it stands', async () => {
      await reportTo(subject, [diverted(eventAt(1))])
      await resend()
      const [run = ''] = await runs()
      await reportTo(subject, [failing(eventAt(1), { run, attempt: 2 })])
      expect(await resend()).toBe(1)
      const [, again] = await sent()
      expect(again).toMatchObject({ run, attempts: 2 })
      const [known] = await subject.monitor.states([{ eventId: idAt(1), run }])
      expect(known).toMatchObject({ status: 'failing', attempts: 2, carrier: again?.carrier })
    })

    it('joins the run that another resend of the event began', async () => {
      await reportTo(subject, [diverted(eventAt(1))])
      await reportTo(subject, [failing(eventAt(1), { run: RUN })])
      expect(await resend()).toBe(1)
      expect(await sent()).toMatchObject([{ run: RUN, attempts: 1 }])
    })

    it('keeps them until they are delivered', async () => {
      await reportTo(subject, [diverted(eventAt(1))])
      await resend()
      const [run = ''] = await runs()
      expect(await subject.monitor.findDiverted(idAt(1))).not.toBeNull()
      await reportTo(subject, [failing(eventAt(1), { run })])
      expect(await subject.monitor.findDiverted(idAt(1))).not.toBeNull()
      await reportTo(subject, [delivered(eventAt(1), { run, attempt: 2 })])
      expect(await subject.monitor.findDiverted(idAt(1))).toBeNull()
      expect(await resend()).toBe(0)
    })

    it.each([
      ['is given up and kept', (run: string) => diverted(eventAt(1), { run })],
      ['is given up', (run: string) => dropped(eventAt(1), { run })],
      ['is kept untried', (run: string) => skipped(eventAt(1), { run })],
      ['is dropped untried', (run: string) => skipped(eventAt(1), { run, kept: false })],
      ['turns out to be unsendable', (run: string) => unsendable(eventAt(1), { run })],
    ])('may be repeated once it %s', async (_, end) => {
      await reportTo(subject, [diverted(eventAt(1))])
      await resend()
      const [run = ''] = await runs()
      await reportTo(subject, [end(run)])
      expect(await subject.monitor.findDiverted(idAt(1))).not.toBeNull()
      expect(await resend()).toBe(1)
      expect(await runs()).toHaveLength(2)
    })

    it('is not ended by the end of another run', async () => {
      await reportTo(subject, [diverted(eventAt(1))])
      await resend()
      await reportTo(subject, [dropped(eventAt(1), { run: idAt(0, 99) })])
      await resend()
      expect(await runs()).toHaveLength(1)
    })

    it('sends one alone, again if asked, in the same run while that lasts', async () => {
      await reportTo(subject, [diverted(eventAt(1)), diverted(eventAt(2))])
      expect(await resendOne(idAt(1))).toBe(true)
      expect((await sent()).map(({ event }) => event.id)).toEqual([idAt(1)])
      expect(await resendOne(idAt(1))).toBe(true)
      expect((await sent()).map(({ event }) => event.id)).toEqual([idAt(1), idAt(1)])
      expect(await runs()).toHaveLength(1)
      expect(await resendOne(idAt(9))).toBe(false)
    })
  })

  describe('a job that resends diverted events', () => {
    let subject: MonitorSubject
    const jobId = nextJobId()
    beforeEach(async () => {
      subject = await make()
      await reportTo(subject, [diverted(eventAt(1)), diverted(eventAt(2))])
    })
    const start = (id = jobId) => subject.monitor.resendDiverted(subject.ref, id, {})

    it('tells how far it is', async () => {
      expect(await subject.monitor.job(jobId)).toBeNull()
      await start()
      await subject.flush()
      const done = { state: 'done', done: 2, total: 2, error: null, endedAt: NOON }
      expect(await subject.monitor.job(jobId)).toEqual(done)
    })

    it('is done at once when there is nothing to do', async () => {
      const query = { eventTypes: ['nothing.like.it'] }
      expect(await subject.monitor.resendDiverted(subject.ref, jobId, query)).toBe(0)
      expect(await subject.monitor.job(jobId)).toMatchObject({ state: 'done', done: 0, total: 0 })
    })

    it('does not count more events than it marks at once', async () => {
      const more = Array.from({ length: LOG.claimedEvents }, (_, ms) => diverted(eventAt(ms + 3)))
      await reportTo(subject, more)
      expect(await start()).toBeNull()
      const sent = deliveriesIn(await subject.flush())
      const total = more.length + 2
      expect(new Set(sent.map(({ event }) => event.id)).size).toBe(total)
      expect(sent).toHaveLength(total)
      expect(await subject.monitor.job(jobId)).toMatchObject({ state: 'done', done: total, total })
    })

    it('is the same when it is asked for twice under one id', async () => {
      expect([await start(), await start()]).toEqual([2, 2])
      expect(deliveriesIn(await subject.flush())).toHaveLength(2)
    })

    it('cannot be cancelled once it is done', async () => {
      await start()
      await subject.flush()
      expect(await subject.monitor.cancelJob(jobId)).toBe(false)
      expect(await subject.monitor.cancelJob(nextJobId())).toBe(false)
    })

    it('is forgotten with its webhook', async () => {
      await start()
      await subject.monitor.purge()
      expect(await subject.monitor.job(jobId)).toBeNull()
    })
  })

  describe('an event that is sent again', () => {
    let subject: MonitorSubject
    beforeEach(async () => {
      subject = await make()
    })
    const event = eventAt(1)
    const resend = (wasMatched = true) =>
      subject.monitor.resend(subject.ref, event, { wasMatched, isChosen: false })
    const sent = async () => deliveriesIn(await subject.flush())
    const stateOf = async (run: string) =>
      (await subject.monitor.states([{ eventId: event.id, run }]))[0]

    it('is tried now in the run that is under way', async () => {
      await reportTo(subject, [failing(event, { attempt: 2 })])
      await resend()
      const [message] = await sent()
      expect(message).toMatchObject({ run: '', attempts: 2, role: 'duplicate', event })
      expect(await stateOf('')).toMatchObject({ status: 'failing', carrier: message?.carrier })
    })

    it('keeps the carrier that was named until the delivery ends', async () => {
      await reportTo(subject, [failing(event)])
      await resend()
      const [message] = await sent()
      await reportTo(subject, [failing(event, { attempt: 2 })])
      expect(await stateOf('')).toMatchObject({ attempts: 2, carrier: message?.carrier })
    })

    it('has one run however often that is asked for before it begins', async () => {
      await reportTo(subject, [delivered(event)])
      for (let time = 0; time < 3; time += 1) await resend()
      const messages = await sent()
      expect(messages).toHaveLength(3)
      expect(new Set(messages.map(({ run }) => run)).size).toBe(1)
      expect(messages[0]?.run).not.toBe('')
      expect(new Set(messages.map(({ carrier }) => carrier)).size).toBe(3)
    })

    it('stays delivered, whatever comes of it', async () => {
      await reportTo(subject, [delivered(event)])
      await resend()
      expect(await subject.monitor.statesOfEvents([event.id])).toMatchObject([
        { status: 'delivered' },
      ])
    })

    it('is left to its first attempt where that is on its way', async () => {
      expect(await resend(true)).toBe(false)
      expect(await sent()).toEqual([])
    })

    it('has a run of its own where its publish did not mean the webhook', async () => {
      await resend(false)
      const [message] = await sent()
      expect(message?.run).toBe(message?.carrier)
      expect(await subject.monitor.statesOfEvents([event.id])).toMatchObject([
        { status: 'pending' },
      ])
    })

    it('has another run once the one before has ended', async () => {
      await reportTo(subject, [diverted(event)])
      await resend()
      const [first] = await sent()
      await reportTo(subject, [dropped(event, { run: first?.run ?? '' })])
      await resend()
      const [, second] = await sent()
      expect(second?.run).not.toBe(first?.run)
    })

    it('joins the run that a job claimed', async () => {
      await reportTo(subject, [diverted(event)])
      const job = nextJobId()
      await subject.monitor.resendDiverted(subject.ref, job, {})
      await resend()
      expect((await sent()).map(({ run }) => run)).toEqual([job, job])
    })
  })

  describe('a webhook about to be deleted', () => {
    it('is forgotten when it is gone, though nobody says so', async () => {
      const subject = await make()
      await reportTo(subject, [diverted(eventAt(1))])
      await subject.monitor.expectDeletion(subject.ref)
      expect(await subject.monitor.findDiverted(idAt(1))).not.toBeNull()
      await subject.flush()
      expect(await subject.monitor.findDiverted(idAt(1))).toBeNull()
    })
  })
}
