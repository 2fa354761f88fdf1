// The contract of Monitor: health, what it makes the monitor tell, and resuming.

import { beforeEach, describe, expect, it } from 'vitest'
import { Histogram } from '../../src/primitives/histogram.ts'
import {
  delivered,
  diverted,
  dropped,
  eventAt,
  excluded,
  failing,
  type MonitorSubject,
  NOON,
  noticesIn,
  reportTo,
  skipped,
  unsendable,
} from './durable-fixtures.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

function histogramOf(...durations: number[]): readonly number[] {
  const histogram = new Histogram()
  for (const ms of durations) histogram.add(ms)
  return histogram.toPairs()
}

export function monitorHealth(make: () => Promise<MonitorSubject>): void {
  let subject: MonitorSubject
  beforeEach(async () => {
    subject = await make()
  })
  const suspend = () => reportTo(subject, [diverted(eventAt(0), { statusCode: 410 })])

  describe('health', () => {
    it('knows nothing at first', async () => {
      expect(await subject.monitor.health()).toEqual({
        health: {
          version: 0,
          consecutiveFailures: 0,
          failingSince: null,
          failedEvents: 0,
          exhaustedEvents: 0,
          lastSuccessAt: null,
          suspendedAt: null,
          suspendedReason: null,
          toldFailing: [],
          lane: 'fast',
          laneStreak: 0,
          silence: null,
          hold: null,
          pause: null,
        },
        waiting: 0,
        underWay: 0,
        forOthers: 0,
        order: { waiting: 0, blocked: [] },
        totals: { delivered: 0, failed: 0, diverted: 0, unsendable: 0 },
        latencies: [],
      })
    })

    it('counts over reports, an event once however often it fails', async () => {
      const [a, b] = [eventAt(1), eventAt(2)]
      await reportTo(subject, [delivered(eventAt(0), { at: NOON - 1_000 })])
      await reportTo(subject, [failing(a), failing(b, { at: NOON + 1 })])
      const state = await reportTo(subject, [diverted(a, { attempt: 2, at: NOON + 2 })])
      expect(state).toEqual({
        ...{
          version: 1,
          suspendedAt: null,
          lane: 'fast',
          isTroubled: true,
          isHeld: false,
          isNew: false,
        },
      })
      expect((await subject.monitor.health()).health).toEqual({
        version: 1,
        consecutiveFailures: 3,
        failingSince: NOON,
        failedEvents: 2,
        exhaustedEvents: 1,
        lastSuccessAt: NOON - 980,
        suspendedAt: null,
        suspendedReason: null,
        toldFailing: [],
        lane: 'fast',
        laneStreak: 0,
        silence: null,
        hold: null,
        pause: null,
      })
    })

    it('totals what was attempted and what was kept', async () => {
      await reportTo(subject, [delivered(eventAt(0)), failing(eventAt(1)), excluded(eventAt(2))])
      await reportTo(subject, [
        diverted(eventAt(3)),
        skipped(eventAt(4)),
        skipped(eventAt(5), { kept: false }),
      ])
      await reportTo(subject, [unsendable(eventAt(6)), unsendable(eventAt(7))])
      const { totals } = await subject.monitor.health()
      expect(totals).toEqual({ delivered: 1, failed: 3, diverted: 2, unsendable: 2 })
    })

    it('measures delivered attempts', async () => {
      const durations = [40, 10, 30, 20].map((durationMs) => delivered(eventAt(0), { durationMs }))
      await reportTo(subject, durations.slice(0, 3))
      await reportTo(subject, [...durations.slice(3), failing(eventAt(1), { durationMs: 9_000 })])
      const { latencies } = await subject.monitor.health()
      expect(latencies).toEqual(histogramOf(10, 20, 30, 40))
    })

    it('shows the last 24 hours, and how the webhook fares since ever', async () => {
      await reportTo(subject, [delivered(eventAt(0), { durationMs: 90 }), failing(eventAt(1))])
      subject.setTime(60_000)
      await reportTo(subject, [delivered(eventAt(2), { at: NOON + 60_000, durationMs: 10 })])
      subject.setTime(DAY_MS + 30_000)
      expect(await subject.monitor.health()).toMatchObject({
        totals: { delivered: 1, failed: 0, diverted: 0 },
        latencies: histogramOf(10),
      })
      subject.setTime(2 * DAY_MS)
      expect(await subject.monitor.health()).toMatchObject({
        health: { lastSuccessAt: NOON + 60_010 },
        totals: { delivered: 0, failed: 0, diverted: 0, unsendable: 0 },
        latencies: [],
      })
    })
  })

  describe('a monitor tells', () => {
    it('nothing of successes and of failures that are tried again', async () => {
      await reportTo(subject, [delivered(eventAt(0)), failing(eventAt(1))])
      expect(await subject.flush()).toEqual([])
    })

    it('that a delivery was given up', async () => {
      await reportTo(subject, [diverted(eventAt(0))])
      const { tenantId, id: webhookId } = subject.ref
      expect(noticesIn(await subject.flush())).toEqual([
        {
          id: expect.any(String),
          type: 'webhook.exhausted',
          tenantId,
          webhookId,
          at: NOON,
          reason: '500',
          cause: 'unknown',
          state: { version: 1, suspendedAt: null, lane: 'fast', isTroubled: true, isHeld: false },
          counts: { consecutiveFailures: 1, failedEvents: 1, exhaustedEvents: 1 },
          exhausted: {
            eventId: eventAt(0).id,
            eventType: 'invoice.paid',
            trigger: 500,
            message: 'It answered 500.',
            at: NOON + 20,
            diverted: true,
            suspended: false,
          },
        },
      ])
    })

    it('that the webhook is suspended, once', async () => {
      expect(await suspend()).toEqual({
        ...{
          version: 1,
          suspendedAt: NOON + 20,
          lane: 'fast',
          isTroubled: true,
          isHeld: false,
          isNew: true,
        },
      })
      await reportTo(subject, [dropped(eventAt(1), { statusCode: 410 })])
      const told = noticesIn(await subject.flush()).map(({ type, reason }) => [type, reason])
      expect(told.slice(0, 2)).toEqual([
        ['webhook.exhausted', '410'],
        ['webhook.suspended', 'gone'],
      ])
      expect(told.slice(2)).toEqual([['webhook.exhausted', '410']])
    })

    it('that it keeps failing, twice before a success and anew after it', async () => {
      const suspend = { afterSeconds: 5 * 86_400, afterFailures: 10 }
      const hours = (count: number) => NOON + count * HOUR_MS
      const fail = async (index: number, at: number) => {
        subject.setTime(at - NOON)
        await reportTo(subject, [failing(eventAt(index), { at })], { suspend })
      }
      const told = async () =>
        noticesIn(await subject.flush()).map(({ type, reason, failing }) => [
          ...[type, reason, failing?.failingSince],
        ])
      for (let index = 0; index < 10; index++) await fail(index, NOON)
      for (const at of [hours(1), hours(2), hours(60), hours(61)]) await fail(10, at)
      expect(await told()).toEqual([
        ['webhook.failing', 'first_hour', NOON],
        ['webhook.failing', 'half_time', NOON],
      ])
      await reportTo(subject, [delivered(eventAt(11), { at: hours(61) + 1_000 })])
      for (const at of [hours(62), hours(63), hours(64)]) await fail(12, at)
      expect((await told()).slice(2)).toEqual([['webhook.failing', 'first_hour', hours(62)]])
    })

    it('an alert endpoint, where its dialect wants that, of what a suspension keeps', async () => {
      const alerted = { ...skipped(eventAt(3)), alert: true } as const
      await reportTo(subject, [alerted, skipped(eventAt(4))])
      const exhausted = { eventId: eventAt(3).id, trigger: 'suspended', suspended: true }
      expect(noticesIn(await subject.flush())).toMatchObject([{ alertOnly: true, exhausted }])
    })
  })

  describe('resuming', () => {
    const resume = () => subject.monitor.resume(subject.ref.tenantId, subject.ref.id)

    it('does nothing without a suspension', async () => {
      await reportTo(subject, [failing(eventAt(0))])
      const state = { version: 1, suspendedAt: null, lane: 'fast', isTroubled: true, isHeld: false }
      expect(await resume()).toEqual({ state, resumed: false })
      expect((await subject.monitor.health()).health.consecutiveFailures).toBe(1)
      expect(await subject.flush()).toEqual([])
    })

    it('lifts a suspension once, tells so once, and counts from zero', async () => {
      await suspend()
      const state = {
        version: 2,
        suspendedAt: null,
        lane: 'fast',
        isTroubled: false,
        isHeld: false,
      }
      expect(await resume()).toEqual({ state, resumed: true })
      expect(await resume()).toEqual({ state, resumed: false })
      expect(await subject.monitor.health()).toMatchObject({
        health: { consecutiveFailures: 0, failingSince: null, suspendedReason: null },
        totals: { delivered: 0, failed: 1, diverted: 1 },
      })
      const told = noticesIn(await subject.flush()).map(({ type, reason }) => [type, reason])
      expect(told.slice(2)).toEqual([['webhook.resumed', 'resumed']])
    })

    it('is followed by the next suspension', async () => {
      await suspend()
      await resume()
      const at = NOON + 10_000
      const state = await reportTo(subject, [diverted(eventAt(5), { statusCode: 410, at })])
      expect(state).toEqual({
        ...{
          version: 3,
          suspendedAt: NOON + 10_020,
          lane: 'fast',
          isTroubled: true,
          isHeld: false,
          isNew: true,
        },
      })
    })
  })
}
