// The contract of Monitor: forgetting.

import { beforeEach, describe, expect, it } from 'vitest'
import {
  delivered,
  deliveriesIn,
  diverted,
  eventAt,
  failing,
  type MonitorSubject,
  nextJobId,
  RUN,
  reportTo,
} from './durable-fixtures.ts'

export function monitorPurge(make: () => Promise<MonitorSubject>): void {
  describe('a purged monitor', () => {
    let subject: MonitorSubject
    const event = eventAt(0)

    beforeEach(async () => {
      subject = await make()
      await reportTo(subject, [diverted(event, { statusCode: 410 }), failing(eventAt(1))])
      await reportTo(subject, [delivered(eventAt(2))])
      await subject.monitor.purge()
    })

    const expectNothing = async () => {
      const { monitor } = subject
      expect((await monitor.attempts({ limit: 5 })).items).toEqual([])
      expect((await monitor.diverted({ limit: 5 })).items).toEqual([])
      expect(await monitor.findDiverted(event.id)).toBeNull()
      expect(await monitor.health()).toMatchObject({
        health: { version: 0, suspendedAt: null, lastSuccessAt: null, consecutiveFailures: 0 },
        totals: { delivered: 0, failed: 0, diverted: 0, unsendable: 0 },
        latencies: [],
      })
    }

    it('has forgotten everything', expectNothing)

    it('takes no report that comes late', async () => {
      const state = await reportTo(subject, [diverted(event, { statusCode: 410 })])
      expect(state).toEqual({
        ...{
          version: 0,
          suspendedAt: null,
          lane: 'fast',
          isTroubled: false,
          isHeld: false,
          isNew: false,
        },
      })
      await reportTo(subject, [delivered(eventAt(2))])
      await expectNothing()
    })

    it('shows every delivery as dropped', async () => {
      const gone = {
        ...{ status: 'dropped', attempts: 0, lastAttemptAt: null, nextAttemptAt: null },
        ...{ reason: null, carrier: null },
      }
      const ids = [event.id, eventAt(2).id, eventAt(9).id]
      expect(await subject.monitor.statesOfEvents(ids)).toEqual([gone, gone, gone])
      const keys = [
        { eventId: event.id, run: '' },
        { eventId: event.id, run: RUN },
      ]
      const ofRuns = keys.map(({ run }) => ({ ...gone, run }))
      expect(await subject.monitor.states(keys)).toEqual(ofRuns)
    })

    it('has nothing to delete, to resend or to resume', async () => {
      const { monitor, ref } = subject
      expect(await monitor.deleteDiverted(event.id)).toBe(false)
      expect(await monitor.resendDiverted(ref, nextJobId(), {})).toBe(0)
      expect(await monitor.resend(ref, event, { wasMatched: true, isChosen: false })).toBe(true)
      const state = {
        version: 0,
        suspendedAt: null,
        lane: 'fast',
        isTroubled: false,
        isHeld: false,
      }
      expect(await monitor.resume(ref.tenantId, ref.id)).toEqual({ state, resumed: false })
      expect(deliveriesIn(await subject.flush())).toEqual([])
    })

    it('may be purged again', async () => {
      await subject.monitor.purge()
      await expectNothing()
    })
  })
}
