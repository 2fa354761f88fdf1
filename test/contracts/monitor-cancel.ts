// The contract of Monitor: deliveries that their owner cancels.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Event } from '../../src/engine/model/index.ts'
import type { PendingFilter, ReportEntry } from '../../src/engine/ports/index.ts'
import { LOG } from '../../src/tuning.ts'
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

const pause = { since: NOON, isOver: false }
const CANCELLED = { status: 'dropped', reason: 'The delivery was cancelled.', nextAttemptAt: null }

const ASKED = { wasMatched: true, isChosen: false }

export function monitorCancel(make: () => Promise<MonitorSubject>): void {
  describe('cancelling', () => {
    let subject: MonitorSubject
    beforeEach(async () => {
      subject = await make()
    })
    const report = (...entries: readonly ReportEntry[]) => reportTo(subject, entries, { pause })
    const wait = (...all: readonly Event[]) =>
      report(...all.map((event) => held(event, subject.ref)))
    const cancel = (filter: PendingFilter = {}) => subject.monitor.cancel(filter, null)
    const stateOf = async ({ id }: Event) => (await subject.monitor.statesOfEvents([id]))[0]
    const waiting = async () => (await subject.monitor.health()).waiting

    it('ends what waits, and sends none of it', async () => {
      await wait(eventAt(1), eventAt(2))
      expect(await cancel()).toEqual({ cancelled: 2, next: null })
      expect(await stateOf(eventAt(1))).toMatchObject({ ...CANCELLED, attempts: 0 })
      expect(await waiting()).toBe(0)
      await subject.monitor.notePause({ ...pause, isOver: true })
      expect(await subject.flush()).toEqual([])
    })

    it('ends what is to be tried again, whose message finds that it has ended', async () => {
      await report(failing(eventAt(1)))
      expect(await cancel()).toEqual({ cancelled: 1, next: null })
      expect(await stateOf(eventAt(1))).toMatchObject({ ...CANCELLED, attempts: 1 })
      const [state] = await subject.monitor.states([{ eventId: eventAt(1).id, run: '' }])
      expect(state).toMatchObject({ status: 'dropped' })
    })

    it('leaves what has ended, and changes nothing a second time', async () => {
      await report(delivered(eventAt(1)), diverted(eventAt(2)), failing(eventAt(3)))
      expect(await cancel()).toEqual({ cancelled: 1, next: null })
      expect(await cancel()).toEqual({ cancelled: 0, next: null })
      expect(await stateOf(eventAt(1))).toMatchObject({ status: 'delivered' })
      expect(await stateOf(eventAt(2))).toMatchObject({ status: 'diverted' })
    })

    it('lets an attempt that is under way end as it does', async () => {
      await report(failing(eventAt(1)), failing(eventAt(2)))
      await cancel()
      await report(
        failing(eventAt(1), { attempt: 2, at: NOON + 10 }),
        delivered(eventAt(2), { attempt: 2, at: NOON + 10 }),
      )
      expect(await stateOf(eventAt(1))).toMatchObject({ ...CANCELLED, attempts: 2 })
      expect(await stateOf(eventAt(2))).toMatchObject({ status: 'delivered' })
    })

    it.each<[string, PendingFilter, readonly number[]]>([
      ['its id', { eventIds: [eventAt(2).id, eventAt(9).id] }, [2]],
      ['its type', { eventTypes: ['order.paid'] }, [3, 4]],
      ['the time after which it was accepted', { after: NOON + 2 }, [3, 4]],
      ['the time before which it was accepted', { before: NOON + 3 }, [1, 2]],
      ['all of it', { before: NOON + 4, eventTypes: ['order.paid', 'x'], after: NOON }, [3]],
      ['what none has', { eventTypes: ['x'] }, []],
    ])('chooses an event by %s', async (_, filter, chosen) => {
      const order = { type: 'order.paid' }
      await report(failing(eventAt(1)), failing(eventAt(4, order), { eventType: order.type }))
      await wait(eventAt(2), eventAt(3, order))
      expect(await cancel(filter)).toEqual({ cancelled: chosen.length, next: null })
      for (const ms of [1, 2, 3, 4]) {
        const isOver = (await stateOf(eventAt(ms)))?.status === 'dropped'
        expect([ms, isOver]).toEqual([ms, chosen.includes(ms)])
      }
    })

    it('goes on where it was', async () => {
      const all = Array.from({ length: LOG.claimedEvents + 1 }, (_, ms) => eventAt(ms))
      await wait(...all)
      const first = await cancel()
      expect(first.cancelled).toBe(LOG.claimedEvents)
      expect(await subject.monitor.cancel({}, first.next)).toEqual({ cancelled: 1, next: null })
      expect(await waiting()).toBe(0)
    })

    it('leaves a diverted event whose resend it ends to be resent', async () => {
      await report(diverted(eventAt(1)))
      await subject.monitor.resend(subject.ref, eventAt(1), ASKED)
      expect(await cancel()).toMatchObject({ cancelled: 1 })
      expect(await subject.monitor.findDiverted(eventAt(1).id)).not.toBeNull()
      expect(await subject.monitor.resend(subject.ref, eventAt(1), ASKED)).toBe(true)
      expect(await stateOf(eventAt(1))).toMatchObject({ status: 'pending' })
    })
  })
}
