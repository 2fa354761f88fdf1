// The contract of Monitor: diverted events on their way again.

import { beforeEach, describe, expect, it } from 'vitest'
import type { DivertedQuery } from '../../src/engine/ports.ts'
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
  reportTo,
  skipped,
} from './durable-fixtures.ts'

export function monitorResends(make: () => Promise<MonitorSubject>): void {
  describe('a resend of diverted events', () => {
    let subject: MonitorSubject
    beforeEach(async () => {
      subject = await make()
    })
    const resend = (query: DivertedQuery = {}) => subject.monitor.resendDiverted(subject.ref, query)
    const resendOne = (eventId: string) => subject.monitor.resendOneDiverted(subject.ref, eventId)
    const sent = async () => deliveriesIn(await subject.owed())

    /** The runs of what was sent. */
    const runs = async () => [...new Set((await sent()).map(({ run }) => run))]

    it('has nothing to do when there are none', async () => {
      expect(await resend()).toBe(0)
      expect(await resendOne(idAt(0))).toBe(false)
      expect(await subject.owed()).toEqual([])
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
        standing: 'repetition',
      })
      expect(more).toEqual([{ ...first, event: eventAt(2) }])
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

    it('leaves out those on their way', async () => {
      await reportTo(subject, [diverted(eventAt(1))])
      expect(await resend()).toBe(1)
      await reportTo(subject, [diverted(eventAt(2))])
      expect(await resend()).toBe(1)
      expect(await resend()).toBe(0)
      expect((await sent()).map(({ event }) => event.id)).toEqual([idAt(1), idAt(2)])
      expect(await runs()).toHaveLength(2)
    })

    it('leaves out one that was sent alone', async () => {
      await reportTo(subject, [diverted(eventAt(1))])
      expect(await resendOne(idAt(1))).toBe(true)
      expect(await resend()).toBe(0)
    })

    it('keeps them until they are delivered', async () => {
      await reportTo(subject, [diverted(eventAt(1))])
      await resend()
      const [run = ''] = await runs()
      expect(await subject.monitor.findDiverted(idAt(1))).not.toBeNull()
      await reportTo(subject, [failing(eventAt(1), { run })])
      expect(await resend()).toBe(0)
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
      expect(await resend()).toBe(0)
    })

    it('sends one alone, again if asked, in a run of its own', async () => {
      await reportTo(subject, [diverted(eventAt(1)), diverted(eventAt(2))])
      expect(await resendOne(idAt(1))).toBe(true)
      expect((await sent()).map(({ event }) => event.id)).toEqual([idAt(1)])
      expect(await resendOne(idAt(1))).toBe(true)
      expect((await sent()).map(({ event }) => event.id)).toEqual([idAt(1), idAt(1)])
      expect(await runs()).toHaveLength(2)
      expect(await resendOne(idAt(9))).toBe(false)
    })

    it('that was overtaken by another does not end that one', async () => {
      await reportTo(subject, [diverted(eventAt(1))])
      await resend()
      const [former = ''] = await runs()
      await resendOne(idAt(1))
      await reportTo(subject, [dropped(eventAt(1), { run: former })])
      expect(await resend()).toBe(0)
    })
  })
}
