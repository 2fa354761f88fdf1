// The contract of ActivityStore: what is told again counts once, and all that was told is counted for good.

import { beforeEach, describe, expect, it } from 'vitest'
import {
  addActivity,
  type DayActivity,
  deliveredIn,
  type HourActivity,
  NO_ACTIVITY,
} from '../../src/engine/model/index.ts'
import type { ActivityStore } from '../../src/engine/ports/index.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const FIRST = Date.UTC(2096, 0, 1)

const hourAt = (at: number, events: number): HourActivity => ({
  hour: at,
  ...addActivity(addActivity(NO_ACTIVITY, deliveredIn(80, 2)), {
    ...{ events, bytes: 10 * events, failed: 3, diverted: 1, microdollars: 2 * events },
  }),
})
const dayOf = (source: string, day: number, ...events: number[]): DayActivity => ({
  ...{ day, source },
  hours: events.map((count, index) => hourAt(day + index * HOUR, count)),
})

/** `make` gives an empty store. */
export function activityStoreContract(make: () => Promise<ActivityStore>): void {
  describe('an activity store', () => {
    let store: ActivityStore
    beforeEach(async () => {
      store = await make()
    })
    const events = async () => (await store.total()).events

    it('knows of nothing at first', async () => {
      expect(await store.total()).toEqual(NO_ACTIVITY)
      expect(await store.ofTenant('a', [FIRST])).toEqual([])
      await store.close(FIRST, FIRST)
      expect(await store.total()).toEqual(NO_ACTIVITY)
    })

    it('tells what a tenant told of the days that are asked for, as it was told last', async () => {
      await store.tell('a', dayOf('log:1', FIRST, 1))
      await store.tell('a', dayOf('log:1', FIRST, 2, 3))
      await store.tell('a', dayOf('w', FIRST, 0))
      await store.tell('a', dayOf('log:1', FIRST + DAY, 4))
      await store.tell('a', dayOf('log:1', FIRST + 2 * DAY, 5))
      await store.tell('b', dayOf('log:2', FIRST, 6))
      const told = await store.ofTenant('a', [FIRST, FIRST + DAY])
      expect(told).toHaveLength(3)
      expect(told).toEqual(
        expect.arrayContaining([
          dayOf('log:1', FIRST, 2, 3),
          dayOf('w', FIRST, 0),
          dayOf('log:1', FIRST + DAY, 4),
        ]),
      )
    })

    it('sums up what all told, once', async () => {
      await store.tell('a', dayOf('log:1', FIRST, 1, 2))
      await store.tell('a', dayOf('log:1', FIRST, 1, 3))
      await store.tell('b', dayOf('w', FIRST + DAY, 5))
      const latencies = NO_ACTIVITY.latencies.map((_, index) => (index === 2 ? 6 : 0))
      const onDay = async (day: number) => (await store.summary(day)).today
      expect((await onDay(FIRST + DAY)).events).toBe(5)
      expect((await onDay(FIRST + 2 * DAY)).events).toBe(0)
      expect((await store.summary(FIRST)).population).toEqual(await store.population())
      expect(await store.total()).toEqual({
        ...{ events: 9, bytes: 90, delivered: 6, failed: 9, diverted: 3, microdollars: 18 },
        ...{ latencyMs: 480, latencies },
      })
    })

    it('counts closed days once, also when they are forgotten', async () => {
      for (const [index, count] of [1, 2, 4, 8].entries()) {
        await store.tell('a', dayOf('log:1', FIRST + index * DAY, count))
      }
      await store.close(FIRST + 2 * DAY, FIRST + DAY)
      expect(await events()).toBe(15)
      expect(await store.ofTenant('a', [FIRST])).toEqual([])
      expect(await store.ofTenant('a', [FIRST + DAY])).toHaveLength(1)
      await store.close(FIRST + 2 * DAY, FIRST + DAY)
      await store.close(FIRST + DAY, FIRST)
      expect(await events()).toBe(15)
      await store.close(FIRST + 4 * DAY, FIRST + 4 * DAY)
      expect(await events()).toBe(15)
      await store.tell('a', dayOf('log:1', FIRST + 4 * DAY, 16))
      expect(await events()).toBe(31)
    })

    it('never forgets what it has not closed', async () => {
      await store.tell('a', dayOf('log:1', FIRST + DAY, 1))
      await store.close(FIRST, FIRST + 9 * DAY)
      expect(await events()).toBe(1)
    })

    it('counts no more of a day that is closed', async () => {
      await store.tell('a', dayOf('log:1', FIRST, 1))
      await store.close(FIRST + DAY, FIRST)
      await store.tell('a', dayOf('log:1', FIRST, 7))
      expect(await events()).toBe(1)
    })
  })
}
