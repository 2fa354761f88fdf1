// The contract of Monitor: webhooks with a rate.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Event, Rate, Throttle } from '../../src/engine/model/index.ts'
import type { PermitRequest, ReportEntry } from '../../src/engine/ports/index.ts'
import { PAUSE } from '../../src/limits.ts'
import { RATE } from '../../src/tuning.ts'
import {
  delivered,
  diverted,
  eventAt,
  failing,
  held,
  type MonitorSubject,
  NOON,
  reportTo,
} from './durable-fixtures.ts'

const told = (rate: Partial<Rate> | null, since = NOON): Throttle => {
  const none = { perSecond: null, perMinute: null, concurrency: null }
  return { since, rate: rate && { ...none, ...rate } }
}
const TWO_A_MINUTE = told({ perMinute: 2 })
/** What is given counts as given up to a hundredth of a minute later. */
const MINUTE_MS = 60_600

export function monitorRates(make: () => Promise<MonitorSubject>): void {
  describe('a rate', () => {
    let subject: MonitorSubject
    let seen = 0
    beforeEach(async () => {
      subject = await make()
      seen = 0
    })
    const wait = (throttle: Throttle | undefined, ...waiting: readonly Event[]) =>
      reportTo(
        subject,
        waiting.map((event) => held(event, subject.ref)),
        { throttle },
      )
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
    const permit = async ({ id }: Event, fields: Partial<PermitRequest> = {}) => {
      const ask = { eventId: id, run: '', validMs: 0, throttle: TWO_A_MINUTE, ...fields }
      return (await subject.monitor.permit(ask)).kind
    }
    const report = (...entries: readonly ReportEntry[]) => reportTo(subject, entries)
    const [a, b, c, d] = [eventAt(1), eventAt(2), eventAt(3), eventAt(4)]

    it('is told of by whatever is reported, and has what comes wait', async () => {
      const state = await wait(TWO_A_MINUTE, a)
      expect(state).toMatchObject({ isHeld: true, isTroubled: true, isNew: true })
      const { health, waiting } = await subject.monitor.health()
      expect([health.throttle, health.hold, waiting]).toEqual([TWO_A_MINUTE, null, 1])
      const [other] = await subject.monitor.states([{ eventId: b.id, run: '' }])
      expect(other).toMatchObject({ status: 'held', isRated: true })
    })

    it('releases as much as may be sent, in order, and more when that may be', async () => {
      await wait(TWO_A_MINUTE, d, c, b, a)
      expect(await released()).toEqual(ids(a, b))
      expect([await permit(a), await permit(b)]).toEqual(['granted', 'granted'])
      await report(delivered(a), delivered(b))
      expect(await released()).toEqual([])
      subject.setTime(MINUTE_MS + 1)
      expect(await released()).toEqual(ids(c, d))
    })

    it('gives no more permits than the rate, and what has none waits in its place', async () => {
      await wait(TWO_A_MINUTE, a, b)
      await released()
      await permit(a)
      await report(failing(a))
      // Its retry is due, and was accepted before the other.
      await wait(TWO_A_MINUTE, a)
      await permit(b, { validMs: 100 })
      expect(await permit(a)).toBe('waits')
      await wait(TWO_A_MINUTE, c)
      expect(await released()).toEqual([])
      expect((await subject.monitor.health()).underWay).toBe(1)
      subject.setTime(MINUTE_MS + 100)
      expect(await released()).toEqual(ids(a, c))
      expect([await permit(a), await permit(c)]).toEqual(['granted', 'granted'])
    })

    it('has wait again what was released and has no permit', async () => {
      await wait(told({ perSecond: 1 }), a, b)
      expect(await released()).toEqual(ids(a))
      await subject.monitor.noteRate({ throttle: told({ perSecond: 2 }, NOON + 1) })
      expect(await released()).toEqual(ids(b))
      await subject.monitor.noteRate({ throttle: told({ perMinute: 1 }, NOON + 2) })
      const throttle = undefined
      expect([await permit(a, { throttle }), await permit(b, { throttle })]).toEqual([
        'granted',
        'waits',
      ])
      expect(await permit(b, { throttle })).toBe('waits')
      expect(await permit(c, { throttle })).toBe('unknown')
      expect(await subject.monitor.health()).toMatchObject({ waiting: 2, underWay: 1 })
    })

    it('gives as many permits as may be under way, until they are reported', async () => {
      const throttle = told({ concurrency: 1 })
      await wait(throttle, a, b)
      expect(await released()).toEqual(ids(a))
      expect(await permit(a, { throttle })).toBe('granted')
      expect(await released()).toEqual([])
      await report(delivered(a))
      expect(await released()).toEqual(ids(b))
      expect(await permit(b, { throttle })).toBe('granted')
      await wait(throttle, c)
      // Whoever has it is never heard of again.
      subject.setTime(RATE.attemptMs + 1)
      expect(await released()).toEqual(ids(c))
    })

    it('takes a permit back that came too late', async () => {
      const throttle = told({ perMinute: 1 })
      await wait(throttle, a)
      await released()
      expect(await permit(a, { throttle, validMs: 100 })).toBe('granted')
      expect(await permit(a, { throttle, validMs: 500, returned: NOON + 100 })).toBe('granted')
    })

    it('is what was said last, whoever is late', async () => {
      await wait(TWO_A_MINUTE, a)
      await subject.monitor.noteRate({ throttle: told({ perMinute: 1 }, NOON + 9) })
      await wait(TWO_A_MINUTE, b)
      const { health } = await subject.monitor.health()
      expect(health.throttle?.rate?.perMinute).toBe(1)
    })

    it('is no more, and what waited leaves at the pace after a hold', async () => {
      const waiting = [a, b, c, d, eventAt(5)]
      await wait(TWO_A_MINUTE, ...waiting)
      expect(await released()).toEqual(ids(a, b))
      expect([await permit(a), await permit(b)]).toEqual(['granted', 'granted'])
      await report(delivered(a), delivered(b))
      const state = await subject.monitor.noteRate({ throttle: told(null, NOON + 1) })
      expect(state).toMatchObject({ isHeld: true })
      expect((await subject.monitor.health()).health.hold?.reason).toBe('catching_up')
      expect(await released()).toEqual(ids(c))
    })

    it('lets nothing leave while its receiver asked for a pause', async () => {
      await wait(TWO_A_MINUTE, a, b)
      await released()
      await permit(a)
      await report({ ...failing(a, { statusCode: 429 }), pauseSeconds: 60 } as ReportEntry)
      expect(await permit(b)).toBe('waits')
      expect(await released()).toEqual([])
    })

    it('says that a test has none, without having it wait', async () => {
      await subject.monitor.noteRate({ throttle: told({ perMinute: 1 }) })
      const test = { throttle: undefined, isTest: true } as const
      expect([await permit(a, test), await permit(b, test)]).toEqual(['granted', 'full'])
    })

    it('releases what waits for a test to end', async () => {
      const throttle = told({ concurrency: 1 })
      await subject.monitor.noteRate({ throttle })
      expect(await permit(a, { throttle: undefined, isTest: true })).toBe('granted')
      await wait(throttle, b)
      expect(await released()).toEqual([])
      await subject.monitor.endRequest({ eventId: a.id, run: '' })
      expect(await released()).toEqual(ids(b))
      expect(await permit(b, { throttle })).toBe('granted')
    })

    it('holds back nothing of a suspended webhook, which ends', async () => {
      await wait(TWO_A_MINUTE, a, b, c)
      await released()
      await report(diverted(a, { statusCode: 410 }))
      expect(await released()).toEqual(ids(c))
    })

    it('sends on their way to their end those that have waited for as long as any does', async () => {
      const throttle = told({ perMinute: 1, concurrency: 1 })
      await wait(throttle, a, b)
      await released()
      await permit(a, { throttle })
      subject.setTime(PAUSE.waitSeconds * 1_000 + 5)
      await wait(throttle, eventAt(PAUSE.waitSeconds * 1_000))
      expect(await released()).toContain(b.id)
    })

    it('ends with the webhook', async () => {
      await wait(TWO_A_MINUTE, a)
      await subject.monitor.purge()
      expect(await permit(a)).toBe('unknown')
      expect(await subject.monitor.noteRate({ throttle: TWO_A_MINUTE })).toMatchObject({
        isHeld: false,
      })
    })
  })

  describe('what a receiver allows', () => {
    let subject: MonitorSubject
    beforeEach(async () => {
      subject = await make()
    })
    const says = (event: Event, allowedPerMinute: number | null) =>
      reportTo(subject, [{ ...delivered(event), allowedPerMinute } as ReportEntry])
    const allowed = async () => (await subject.monitor.health()).health.allowed ?? null

    it('counts until it says something else, or its owner wants it no more', async () => {
      expect(await says(eventAt(1), 3)).toMatchObject({ isHeld: true })
      expect(await allowed()).toEqual({ perMinute: 3, at: NOON })
      await reportTo(subject, [delivered(eventAt(2))])
      expect(await allowed()).toEqual({ perMinute: 3, at: NOON })
      await says(eventAt(3), 5)
      expect(await allowed()).toMatchObject({ perMinute: 5 })
      expect(await says(eventAt(4), null)).toMatchObject({ isHeld: false })
      await says(eventAt(5), 5)
      await subject.monitor.resume(subject.ref.tenantId, subject.ref.id)
      expect(await allowed()).toBeNull()
    })

    it('is forgotten after a day', async () => {
      await says(eventAt(1), 3)
      subject.setTime(RATE.allowedSeconds * 1_000)
      expect(await reportTo(subject, [delivered(eventAt(2))])).toMatchObject({ isHeld: false })
    })

    it('bounds the rate that its owner gave', async () => {
      await subject.monitor.noteRate({ throttle: told({ perMinute: 9 }) })
      await says(eventAt(1), 1)
      const waiting = [2, 3].map((ms) => held(eventAt(ms), subject.ref))
      await reportTo(subject, waiting)
      const sent = (await subject.flush()).filter(({ kind }) => kind === 'deliver')
      expect(sent).toHaveLength(1)
    })
  })
}
