// The contract of EventLog: what was accepted, by day.

import { describe, expect, it } from 'vitest'
import { type FirstOutcome, sumHours } from '../../src/engine/model/index.ts'
import { type EventLogSubject, eventAt, idAt, NOON } from './durable-fixtures.ts'
import { accept, loggedAt } from './event-log-fixtures.ts'
import { aWebhook } from './store-fixtures.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The day of the contract's noon. */
const TODAY = Date.UTC(2096, 0, 1)

export function eventLogUsage(subject: () => EventLogSubject): void {
  describe('asked what was accepted by day', () => {
    /** Has them accepted so many milliseconds after noon. */
    const acceptAt = (ms: number, ...events: Parameters<typeof accept>[1]) => {
      subject().setTime(ms)
      return accept(subject(), events)
    }
    const daysSince = async (since: number) => (await subject().log.usage(since)).days

    it('knows that it is nothing, of every day that is asked for', async () => {
      expect(await subject().log.usage(NOON - 2 * DAY)).toEqual({
        since: TODAY - 2 * DAY,
        days: [],
      })
    })

    it('counts events, the webhooks that they matched, and the bytes of their data', async () => {
      const { tenantId, webhooks } = subject()
      await webhooks.insert(aWebhook(2, { id: 'webhook-2', tenantId, eventTypes: ['order.paid'] }))
      await acceptAt(0, loggedAt(0, { data: '{"a":"é—"}' }), loggedAt(1, { type: 'order.paid' }))
      await acceptAt(2, eventAt(2, { type: 'order.sent', data: '{}' }))
      expect(await subject().log.usage(NOON)).toEqual({
        since: TODAY,
        days: [{ day: TODAY, events: 3, deliveries: 3, bytes: 13 + 14 + 2, invalid: 0 }],
      })
    })

    it('tells what was accepted and delivered by hour, of the days that are asked for', async () => {
      const { log, webhooks, tenantId } = subject()
      await webhooks.insert(aWebhook(2, { id: 'webhook-2', tenantId, eventTypes: ['*'] }))
      await acceptAt(0, eventAt(0, { data: '{"a":1}' }), eventAt(1, { data: '{}' }))
      const outcome = (ms: number, delivered: FirstOutcome['delivered']): FirstOutcome => ({
        ...{ eventId: idAt(0), eventType: 'a', webhookId: `webhook-${ms}` },
        ...{ at: NOON + ms, delivered },
      })
      await log.record([
        outcome(20, { statusCode: 200, durationMs: 20 }),
        outcome(30, { statusCode: 200, durationMs: 700 }),
        outcome(40, null),
      ])
      await acceptAt(2 * HOUR, eventAt(2 * HOUR, { data: '{}' }))
      await acceptAt(DAY, eventAt(DAY, { data: '{}' }))
      const { days: told } = await log.activity([TODAY, TODAY + DAY, TODAY - DAY])
      const shown = (day: number) =>
        sumHours(told.filter((one) => one.day === day)).map(
          ({ hour, events, bytes, delivered, latencyMs }) => {
            return { hour: hour - NOON, events, bytes, delivered, latencyMs }
          },
        )
      expect(shown(TODAY)).toEqual([
        { hour: 0, events: 2, bytes: 9, delivered: 2, latencyMs: 720 },
        { hour: 2 * HOUR, events: 1, bytes: 2, delivered: 0, latencyMs: 0 },
      ])
      expect(shown(TODAY + DAY)).toEqual([
        { hour: DAY, events: 1, bytes: 2, delivered: 0, latencyMs: 0 },
      ])
      expect(shown(TODAY - DAY)).toEqual([])
    })

    it('tells days apart, in UTC and newest first, from that of the time on that is given', async () => {
      await acceptAt(12 * HOUR - 1, loggedAt(12 * HOUR - 1, { data: '{}' }))
      await acceptAt(12 * HOUR, loggedAt(12 * HOUR, { data: '{}' }))
      await acceptAt(12 * HOUR + 1, loggedAt(12 * HOUR + 1, { data: '{"a":1}' }))
      await acceptAt(3 * DAY, loggedAt(3 * DAY))
      const days = [
        { day: TODAY + 3 * DAY, events: 1, deliveries: 1, bytes: 14, invalid: 0 },
        { day: TODAY + DAY, events: 2, deliveries: 2, bytes: 9, invalid: 0 },
        { day: TODAY, events: 1, deliveries: 1, bytes: 2, invalid: 0 },
      ]
      expect(await daysSince(NOON)).toEqual(days)
      expect(await daysSince(TODAY + 2 * DAY - 1)).toEqual(days.slice(0, 2))
      expect(await daysSince(TODAY + 2 * DAY)).toEqual(days.slice(0, 1))
    })

    it('counts an event once, on the day of its acceptance, whatever its id tells', async () => {
      await acceptAt(0, loggedAt(0))
      await acceptAt(DAY, loggedAt(-3 * HOUR), loggedAt(0), loggedAt(DAY))
      await acceptAt(DAY + 1, loggedAt(DAY + 2 * HOUR))
      await acceptAt(DAY + 2, loggedAt(-3 * HOUR), loggedAt(DAY + 2))
      expect(await daysSince(NOON)).toEqual([
        { day: TODAY + DAY, events: 4, deliveries: 4, bytes: 56, invalid: 0 },
        { day: TODAY, events: 1, deliveries: 1, bytes: 14, invalid: 0 },
      ])
    })

    it('counts what is accepted in parts, minutes apart, as well as in one', async () => {
      const events = Array.from({ length: 40 }, (_, n) => loggedAt(n, { id: idAt(n * 20_000, n) }))
      for (const [n, event] of events.entries()) await acceptAt(n * 20_000, event)
      const whole = events.map((event, n) => ({ ...event, id: idAt(DAY + n * 20_000, n) }))
      await acceptAt(DAY, ...whole)
      const totals = { events: 40, deliveries: 40, bytes: 560, invalid: 0 }
      expect(await daysSince(NOON)).toEqual([
        { day: TODAY + DAY, ...totals },
        { day: TODAY, ...totals },
      ])
    })

    it('leaves out what is sent to further webhooks later', async () => {
      await acceptAt(0, loggedAt(0))
      await subject().log.addWebhooks([idAt(0)], ['b', 'c'])
      await acceptAt(1, loggedAt(1))
      expect(await daysSince(NOON)).toMatchObject([{ events: 2, deliveries: 2 }])
    })

    it('has forgotten it once it is purged, and begins anew', async () => {
      await acceptAt(0, loggedAt(0), loggedAt(1))
      await subject().log.purge()
      expect(await daysSince(NOON)).toEqual([])
      await subject().log.revive()
      await acceptAt(1, loggedAt(2))
      expect(await daysSince(NOON)).toMatchObject([{ events: 1 }])
    })
  })
}
