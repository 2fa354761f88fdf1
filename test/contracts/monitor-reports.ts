// The contract of Monitor: a report counts once.

import { beforeEach, describe, expect, it } from 'vitest'
import {
  delivered,
  diverted,
  eventAt,
  failing,
  idAt,
  type MonitorSubject,
  noticesIn,
  reportTo,
} from './durable-fixtures.ts'

export function monitorReports(make: () => Promise<MonitorSubject>): void {
  describe('a report', () => {
    let subject: MonitorSubject
    beforeEach(async () => {
      subject = await make()
    })
    const totals = async () => (await subject.monitor.health()).totals

    const entries = [delivered(eventAt(1)), failing(eventAt(2)), diverted(eventAt(3))]
    const once = { delivered: 1, failed: 2, diverted: 1, unsendable: 0 }

    it('counts once when it comes again', async () => {
      const id = idAt(0, 1)
      const state = await reportTo(subject, entries, { id })
      expect(state.isNew).toBe(true)
      expect(await reportTo(subject, entries, { id })).toEqual({ ...state, isNew: false })
      expect(await totals()).toEqual(once)
      expect((await subject.monitor.attempts({ limit: 10 })).items).toHaveLength(3)
      const told = noticesIn(await subject.flush()).map(({ type }) => type)
      expect(told).toEqual(['webhook.exhausted'])
    })

    it('counts once when it comes again in pieces', async () => {
      const id = idAt(0, 1)
      await reportTo(subject, entries, { id })
      for (const [n, entry] of entries.entries()) {
        await reportTo(subject, [entry], { id: `${id}/${n}` })
      }
      expect(await totals()).toEqual(once)
    })

    it('counts each of its pieces once, in any order', async () => {
      const id = idAt(0, 1)
      for (const n of [2, 0, 2, 1, 0]) {
        await reportTo(subject, entries.slice(n, n + 1), { id: `${id}/${n}` })
      }
      expect(await totals()).toEqual(once)
    })

    it('counts once when it comes late, after its pieces', async () => {
      const id = idAt(0, 1)
      for (const [n, entry] of entries.entries()) {
        await reportTo(subject, [entry], { id: `${id}/${n}` })
      }
      await reportTo(subject, entries, { id })
      expect(await totals()).toEqual(once)
    })

    it('is not taken for another one', async () => {
      await reportTo(subject, entries, { id: idAt(0, 1) })
      await reportTo(subject, entries, { id: idAt(0, 2) })
      expect(await totals()).toEqual({ delivered: 2, failed: 4, diverted: 2, unsendable: 0 })
    })

    it('may have nothing to tell', async () => {
      expect(await reportTo(subject, [])).toEqual({
        ...{
          version: 0,
          suspendedAt: null,
          lane: 'fast',
          isTroubled: false,
          isHeld: false,
          isNew: false,
        },
      })
      expect((await subject.monitor.attempts({ limit: 10 })).items).toEqual([])
    })
  })
}
