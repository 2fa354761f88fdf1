// The contract of Monitor: the diverted events it keeps.

import { beforeEach, describe, expect, it } from 'vitest'
import {
  delivered,
  diverted,
  eventAt,
  failing,
  idAt,
  type MonitorSubject,
  NOON,
  RUN,
  reportTo,
  skipped,
} from './durable-fixtures.ts'
import { BAD_CURSORS } from './monitor-attempts.ts'

export function monitorDiverted(make: () => Promise<MonitorSubject>): void {
  describe('diverted events', () => {
    let subject: MonitorSubject
    beforeEach(async () => {
      subject = await make()
    })
    const page = async (limit: number, from: { cursor?: string; offset?: number } = {}) => {
      const { items, nextCursor } = await subject.monitor.diverted({ limit, ...from })
      return { ids: items.map(({ event }) => event.id), nextCursor }
    }

    it('are none at first', async () => {
      expect(await subject.monitor.diverted({ limit: 5 })).toEqual({ items: [], nextCursor: null })
      expect(await subject.monitor.findDiverted(idAt(0))).toBeNull()
    })

    it('are kept as they were accepted, with why and when', async () => {
      const event = eventAt(0, {
        data: '{"2":12345678901234567890,"1":1.10,"u":"\\u00e9 é \u{1F4EE}"}',
        scope: { inbox: 'Grüße', data: 'x' },
        actor: idAt(0, 1),
        requestId: idAt(0, 2),
      })
      await reportTo(subject, [diverted(event)])
      const kept = {
        event,
        trigger: 500,
        message: 'It answered 500.',
        divertedAt: NOON + 20,
      }
      expect(await subject.monitor.findDiverted(event.id)).toEqual(kept)
      expect((await subject.monitor.diverted({ limit: 5 })).items).toEqual([kept])
    })

    it('may have had no answer, or not been tried', async () => {
      await reportTo(subject, [
        diverted(eventAt(0), { statusCode: null, error: 'It did not answer.' }),
        skipped(eventAt(1)),
      ])
      expect(await subject.monitor.findDiverted(eventAt(0).id)).toMatchObject({
        trigger: 'timeout',
        message: 'It did not answer.',
      })
      expect(await subject.monitor.findDiverted(eventAt(1).id)).toMatchObject({
        trigger: 'suspended',
        message: 'The webhook is suspended.',
        divertedAt: NOON,
      })
    })

    it('do not include what is tried again, or was not to be kept', async () => {
      await reportTo(subject, [failing(eventAt(0)), skipped(eventAt(1), { kept: false })])
      expect((await page(5)).ids).toEqual([])
    })

    it('are kept once each, as they failed last', async () => {
      await reportTo(subject, [diverted(eventAt(0))])
      await reportTo(subject, [diverted(eventAt(0), { run: RUN, at: NOON + 9_000 })])
      const { items } = await subject.monitor.diverted({ limit: 5 })
      expect(items.map(({ divertedAt }) => divertedAt)).toEqual([NOON + 9_020])
    })

    it('are listed though no one answer could carry them', async () => {
      // 200 events at their largest, in characters of two bytes each: 39 MB, and an answer may have 32 MiB.
      const data = `"—${'x'.repeat(97_000)}"`
      for (let from = 0; from < 200; from += 40) {
        const entries = Array.from({ length: 40 }, (_, n) => diverted(eventAt(from + n, { data })))
        await reportTo(subject, entries)
      }
      const sizes: number[] = []
      const seen: string[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const { ids, nextCursor } = await page(250, cursor === undefined ? {} : { cursor })
        sizes.push(ids.length)
        seen.push(...ids)
        cursor = nextCursor
      }
      expect(Math.max(...sizes)).toBeLessThan(60)
      expect(seen).toEqual(Array.from({ length: 200 }, (_, n) => idAt(199 - n)))
    })

    it.each([1, 2, 3, 5])('are listed newest event first, %d a page', async (limit) => {
      await reportTo(subject, [diverted(eventAt(3)), diverted(eventAt(1))])
      await reportTo(subject, [diverted(eventAt(2)), diverted(eventAt(5)), diverted(eventAt(4))])
      const seen: string[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const { ids, nextCursor } = await page(limit, cursor === undefined ? {} : { cursor })
        expect(ids.length).toBeLessThanOrEqual(limit)
        seen.push(...ids)
        cursor = nextCursor
      }
      expect(seen).toEqual([idAt(5), idAt(4), idAt(3), idAt(2), idAt(1)])
    })

    it('are listed by number', async () => {
      await reportTo(
        subject,
        [1, 2, 3].map((ms) => diverted(eventAt(ms))),
      )
      expect((await page(2, { offset: 0 })).ids).toEqual([idAt(3), idAt(2)])
      expect(await page(2, { offset: 2 })).toEqual({ ids: [idAt(1)], nextCursor: null })
      expect(await page(2, { offset: 3 })).toEqual({ ids: [], nextCursor: null })
    })

    it('go on where a page ended though that event left', async () => {
      await reportTo(
        subject,
        [1, 2, 3].map((ms) => diverted(eventAt(ms))),
      )
      const { nextCursor } = await page(2)
      await subject.monitor.deleteDiverted(idAt(2))
      expect((await page(2, { cursor: nextCursor ?? '' })).ids).toEqual([idAt(1)])
    })

    it.each(BAD_CURSORS)('are not listed from a cursor that is none: "%s"', async (cursor) => {
      await expect(subject.monitor.diverted({ limit: 5, cursor })).rejects.toMatchObject({
        code: 'invalid',
      })
    })

    it('are deleted once', async () => {
      await reportTo(subject, [diverted(eventAt(0)), diverted(eventAt(1))])
      expect(await subject.monitor.deleteDiverted(idAt(0))).toBe(true)
      expect(await subject.monitor.deleteDiverted(idAt(0))).toBe(false)
      expect(await subject.monitor.findDiverted(idAt(0))).toBeNull()
      expect((await page(5)).ids).toEqual([idAt(1)])
    })

    it('leave once they are delivered, in whichever run', async () => {
      await reportTo(subject, [diverted(eventAt(0)), diverted(eventAt(1))])
      await reportTo(subject, [delivered(eventAt(0), { attempt: 2 })])
      await reportTo(subject, [delivered(eventAt(1), { run: RUN })])
      expect((await page(5)).ids).toEqual([])
    })
  })
}
