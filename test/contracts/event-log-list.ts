// The contract of EventLog: lists, in both directions, over batches that overlap in time because they were routed out
// of order.

import { beforeEach, describe, expect, it } from 'vitest'
import type { EventQuery } from '../../src/engine/ports/index.ts'
import { timeOf } from '../../src/primitives/ids.ts'
import { type EventLogSubject, NOON } from './durable-fixtures.ts'
import { accept, loggedAt } from './event-log-fixtures.ts'
import { BAD_CURSORS } from './monitor-attempts.ts'

const order = { type: 'order.paid' }

const overlapping = [
  [loggedAt(1_000), loggedAt(9_000), loggedAt(30_000)],
  [loggedAt(5_000, order), loggedAt(20_000)],
  [loggedAt(2_000), loggedAt(61_500)],
  [loggedAt(70_000, order)],
]
const NEWEST_FIRST = [70_000, 61_500, 30_000, 20_000, 9_000, 5_000, 2_000, 1_000]

export function eventLogList(subject: () => EventLogSubject): void {
  describe('listed', () => {
    let batches = 0
    /** Has them accepted one after the other, a millisecond apart. */
    const append = async (all: typeof overlapping) => {
      for (const batch of all) {
        batches += 1
        subject().setTime(batches)
        await accept(subject(), batch)
      }
    }
    beforeEach(() => {
      batches = 0
    })
    /** Oldest first is in the order of batches; those of one batch may stand in any. */
    const expectInTurn = (times: readonly number[], all: readonly (readonly number[])[]) => {
      const turns = times.map((time) => all.findIndex((batch) => batch.includes(time)))
      expect(turns).toEqual(turns.toSorted((a, b) => a - b))
      expect(times.toSorted((a, b) => a - b)).toEqual(all.flat().toSorted((a, b) => a - b))
    }
    const timesOf = (all: typeof overlapping) =>
      all.map((batch) => batch.map(({ id }) => timeOf(id) - NOON))

    /** Milliseconds after noon of what a page shows. */
    const read = async (query: EventQuery) => {
      const { items, nextCursor } = await subject().log.list(query)
      const times = items.map(
        ({ id }) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) - NOON,
      )
      return { times, nextCursor }
    }
    /** The same of all pages; ends at an empty one. */
    const readAll = async (query: EventQuery) => {
      const seen: number[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await read({ ...query, cursor })
        expect(page.times.length).toBeLessThanOrEqual(query.limit)
        seen.push(...page.times)
        cursor = page.nextCursor
      }
      return seen
    }

    describe('over overlapping batches', () => {
      beforeEach(() => append(overlapping))

      it.each([1, 2, 3, 7, 8, 50])('is in order, %d a page', async (limit) => {
        expect(await readAll({ limit })).toEqual(NEWEST_FIRST)
        expect(await readAll({ limit, order: 'newest' })).toEqual(NEWEST_FIRST)
        expectInTurn(await readAll({ limit, order: 'oldest' }), timesOf(overlapping))
      })

      it.each<readonly [Partial<EventQuery>, readonly number[]]>([
        [{ after: NOON + 2_000, before: NOON + 30_000 }, [20_000, 9_000, 5_000]],
        [{ after: NOON + 1_999, before: NOON + 2_001 }, [2_000]],
        [{ after: NOON + 30_000 }, [70_000, 61_500]],
        [{ before: NOON + 2_000 }, [1_000]],
        [{ after: NOON + 70_000 }, []],
        [{ before: NOON + 1_000 }, []],
        [{ type: 'order.paid' }, [70_000, 5_000]],
        [{ type: 'invoice.paid', after: NOON + 9_000 }, [61_500, 30_000, 20_000]],
        [{ type: 'order' }, []],
      ])('shows what %j asks for, in both orders', async (query, newestFirst) => {
        for (const limit of [1, 2, 50]) {
          expect(await readAll({ ...query, limit })).toEqual(newestFirst)
          const oldestFirst = await readAll({ ...query, order: 'oldest', limit })
          const shown = timesOf(overlapping).map((batch) =>
            batch.filter((time) => newestFirst.includes(time)),
          )
          expectInTurn(oldestFirst, shown)
        }
      })

      it('ends, newest first, without a cursor when a page is just full', async () => {
        expect((await read({ limit: 8 })).nextCursor).toBeNull()
        expect((await read({ limit: 7 })).nextCursor).not.toBeNull()
      })

      it('goes on where a page ended though more was published', async () => {
        const { nextCursor } = await read({ limit: 2 })
        await append([[loggedAt(80_000)], [loggedAt(40_000)]])
        const rest = await read({ limit: 3, cursor: nextCursor ?? '' })
        expect(rest.times).toEqual([40_000, 30_000, 20_000])
      })

      it('leads, oldest first, to what is published after the last page', async () => {
        const { nextCursor } = await read({ limit: 50, order: 'oldest' })
        const cursor = nextCursor ?? ''
        expect(await read({ limit: 5, order: 'oldest', cursor })).toEqual({
          times: [],
          nextCursor: null,
        })
        await append([[loggedAt(80_000)]])
        expect((await read({ limit: 5, order: 'oldest', cursor })).times).toEqual([80_000])
      })

      it('leads, oldest first, also to what comes late, whatever its id', async () => {
        const { nextCursor } = await read({ limit: 3, order: 'oldest' })
        const late = [[loggedAt(3_000)], [loggedAt(-7_200_000), loggedAt(0)], [loggedAt(90_000)]]
        await append(late)
        const shown = (await read({ limit: 3, order: 'oldest' })).times
        const rest: number[] = []
        for (let cursor = nextCursor ?? ''; cursor !== ''; ) {
          const page = await read({ limit: 2, order: 'oldest', cursor })
          rest.push(...page.times)
          cursor = page.nextCursor ?? ''
        }
        expectInTurn([...shown, ...rest], timesOf([...overlapping, ...late]))
      })

      it('goes on, oldest first, behind the event that a cursor of an earlier version names', async () => {
        const cursor = `events.${loggedAt(70_000).id}`
        await append([[loggedAt(80_000)], [loggedAt(71_000)]])
        const { times } = await read({ limit: 50, order: 'oldest', cursor })
        expect(times.slice(-2)).toEqual([80_000, 71_000])
      })
    })

    it.each([1, 2, 7, 50])('goes through interleaved batches, %d a page', async (limit) => {
      const events = Array.from({ length: 24 }, (_, n) => loggedAt(n * 4_000))
      // Batch k holds every fourth event: all overlap, over more than a minute.
      const all = [2, 0, 3, 1].map((k) => events.filter((_, n) => n % 4 === k))
      await append(all)
      const times = Array.from({ length: 24 }, (_, n) => n * 4_000)
      expect(await readAll({ limit })).toEqual(times.toReversed())
      expectInTurn(await readAll({ limit, order: 'oldest' }), timesOf(all))
    })

    it('goes through batches that lie within each other and far apart', async () => {
      const all = [
        [loggedAt(3_600_000)],
        [loggedAt(0), loggedAt(59_000)],
        [loggedAt(10), loggedAt(20)],
      ]
      await append(all)
      expect(await readAll({ limit: 2 })).toEqual([3_600_000, 59_000, 20, 10, 0])
      expectInTurn(await readAll({ limit: 2, order: 'oldest' }), timesOf(all))
    })

    it('shows what no one answer could carry, in either order', async () => {
      // 200 events at their largest, in characters of two bytes each: 39 MB, and an answer may have 32 MiB.
      const data = `"—${'x'.repeat(97_000)}"`
      const events = Array.from({ length: 200 }, (_, ms) => loggedAt(ms, { data }))
      for (let from = 0; from < 200; from += 40) await append([events.slice(from, from + 40)])
      const times = Array.from({ length: 200 }, (_, ms) => ms)
      for (const [order, all] of [
        ['oldest', times],
        ['newest', times.toReversed()],
      ] as const) {
        const first = await read({ limit: 250, order })
        expect(first.times.length).toBeGreaterThan(30)
        expect(first.times.length).toBeLessThan(60)
        const shown = await readAll({ limit: 250, order })
        expect(order === 'newest' ? shown : shown.toSorted((a, b) => a - b)).toEqual(all)
      }
    })

    it('is not misled by a payload that looks like a type', async () => {
      await append([[loggedAt(0, { data: '{"type":"order.paid"}' })]])
      expect(await readAll({ limit: 5, type: 'order.paid' })).toEqual([])
    })

    it.each(BAD_CURSORS)('refuses a cursor that is none: "%s"', async (cursor) => {
      await expect(subject().log.list({ limit: 5, cursor })).rejects.toMatchObject({
        code: 'invalid',
      })
    })
  })
}
