// The contract of Monitor: the list of attempts.

import { beforeEach, describe, expect, it } from 'vitest'
import type { AttemptQuery } from '../../src/engine/ports/index.ts'
import {
  delivered,
  eventAt,
  failing,
  idAt,
  type MonitorSubject,
  NOON,
  RUN,
  reportTo,
  skipped,
} from './durable-fixtures.ts'

/** No cursor of any list. */
export const BAD_CURSORS = ['', 'x', 'W10', btoa('[1]'), btoa('[-1,0]'), btoa('["no id"]')]

export function monitorAttempts(make: () => Promise<MonitorSubject>): void {
  describe('the list of attempts', () => {
    let subject: MonitorSubject
    beforeEach(async () => {
      subject = await make()
    })

    /** Milliseconds after noon of what all pages show. */
    const timesOf = async (query: AttemptQuery) => {
      const times: number[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await subject.monitor.attempts({ ...query, cursor })
        expect(page.items.length).toBeLessThanOrEqual(query.limit)
        times.push(...page.items.map(({ at }) => at - NOON))
        cursor = page.nextCursor
      }
      return times
    }
    /** One report with a delivered attempt for each even number and a failed one for each odd. */
    const reportTimes = (...times: readonly number[]) =>
      reportTo(
        subject,
        times.map((ms) => (ms % 2 === 0 ? delivered : failing)(eventAt(ms), { at: NOON + ms })),
      )

    it('shows an attempt as it was reported', async () => {
      await reportTo(subject, [
        failing(eventAt(0), {
          id: idAt(0, 5),
          run: RUN,
          attempt: 2,
          error: 'It answered 500.',
          responseExcerpt: 'Grüße, "Welt" \u{1F4EE}',
          responseFacts: {
            headers: { server: 'nginx', 'content-type': 'text/html' },
            redirect: { from: 'https://one.example/a', to: 'https://two.example/b' },
            sentCredentials: true,
          },
        }),
      ])
      expect(await subject.monitor.attempts({ limit: 10 })).toEqual({
        items: [
          {
            id: idAt(0, 5),
            eventId: idAt(0),
            eventType: 'invoice.paid',
            run: RUN,
            attempt: 2,
            at: NOON,
            outcome: 'failed',
            statusCode: 500,
            durationMs: 20,
            error: 'It answered 500.',
            responseExcerpt: 'Grüße, "Welt" \u{1F4EE}',
            responseFacts: {
              headers: { server: 'nginx', 'content-type': 'text/html' },
              redirect: { from: 'https://one.example/a', to: 'https://two.example/b' },
              sentCredentials: true,
            },
            nextAttemptAt: NOON + 5_000,
          },
        ],
        nextCursor: null,
      })
    })

    it('shows nothing of what was not attempted', async () => {
      await reportTo(subject, [skipped(eventAt(0))])
      expect(await subject.monitor.attempts({ limit: 10 })).toEqual({ items: [], nextCursor: null })
    })

    it.each([1, 2, 3, 6, 7, 50])('is newest first, %d a page', async (limit) => {
      await reportTimes(3, 1, 2)
      await reportTimes(4)
      await reportTo(subject, [])
      await reportTimes(5, 7, 6)
      expect(await timesOf({ limit })).toEqual([7, 6, 5, 4, 3, 2, 1])
    })

    it('ends without a cursor when a page is just full', async () => {
      await reportTimes(1, 2)
      expect((await subject.monitor.attempts({ limit: 2 })).nextCursor).toBeNull()
      expect((await subject.monitor.attempts({ limit: 1 })).nextCursor).not.toBeNull()
    })

    it('goes on where a page ended though more was reported', async () => {
      await reportTimes(1, 2, 3)
      const first = await subject.monitor.attempts({ limit: 2 })
      await reportTimes(4, 5)
      const rest = await subject.monitor.attempts({ limit: 9, cursor: first.nextCursor ?? '' })
      expect(rest.items.map(({ at }) => at - NOON)).toEqual([1])
    })

    it('is of one event, page by page, whichever reports its attempts came in', async () => {
      const [mine, other] = [eventAt(5), eventAt(6)]
      await reportTo(subject, [failing(mine, { at: NOON + 1 }), delivered(other, { at: NOON + 2 })])
      await reportTo(subject, [delivered(other, { at: NOON + 3 })])
      await reportTo(subject, [delivered(mine, { attempt: 2, at: NOON + 4 })])
      expect(await timesOf({ limit: 1, eventId: mine.id })).toEqual([4, 1])
      expect(await timesOf({ limit: 9, eventId: mine.id, outcome: 'failed' })).toEqual([1])
      expect(await timesOf({ limit: 9, eventId: eventAt(7).id })).toEqual([])
    })

    it.each<readonly [Omit<AttemptQuery, 'limit'>, readonly number[]]>([
      [{ outcome: 'failed' }, [5, 3, 1]],
      [{ outcome: 'delivered' }, [6, 4, 2]],
      [{ after: NOON + 2 }, [6, 5, 4, 3]],
      [{ before: NOON + 5 }, [4, 3, 2, 1]],
      [{ after: NOON + 2, before: NOON + 5 }, [4, 3]],
      [{ outcome: 'failed', after: NOON + 1, before: NOON + 6 }, [5, 3]],
      [{ before: NOON + 1 }, []],
      [{ after: NOON + 6 }, []],
    ])('shows what %j asks for, page by page', async (query, expected) => {
      await reportTimes(1, 2, 3, 4)
      await reportTimes(5, 6)
      for (const limit of [1, 2, 9]) expect(await timesOf({ ...query, limit })).toEqual(expected)
    })

    it.each(BAD_CURSORS)('refuses a cursor that is none: "%s"', async (cursor) => {
      await reportTimes(1)
      await expect(subject.monitor.attempts({ limit: 5, cursor })).rejects.toMatchObject({
        code: 'invalid',
      })
    })
  })
}
