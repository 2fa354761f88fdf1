import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  concurrencyRoom,
  endPermit,
  NO_PERMITS,
  type Permits,
  returnPermit,
  roomAt,
  roomFrom,
  withPermit,
} from '../../../src/engine/health/permits.ts'
import type { Rate } from '../../../src/engine/model/index.ts'
import { RATE } from '../../../src/tuning.ts'

const NOW = Date.UTC(2026, 10, 27)
const NONE: Rate = { perSecond: null, perMinute: null, concurrency: null }
const at = (now: number, validMs = 0, name = 'event/') => ({ name, now: NOW + now, validMs })

/** Takes one at each of these times; which were given. */
function taken(rate: Rate, times: readonly number[], validMs = 0): readonly number[] {
  let permits = NO_PERMITS
  return times.filter((now) => {
    const next = withPermit(permits, rate, at(now, validMs))
    permits = next ?? permits
    return next !== null
  })
}

describe('permits', () => {
  it.each<[string, Rate, readonly number[], number, readonly number[]]>([
    ['all without a bound', NONE, [0, 0, 0], 0, [0, 0, 0]],
    ['as many as a second has', { ...NONE, perSecond: 2 }, [0, 0, 0, 999, 1_000], 0, [0, 0, 1_000]],
    [
      'again once the first is out',
      { ...NONE, perSecond: 2 },
      [0, 400, 1_000, 1_399, 1_400],
      0,
      [0, 400, 1_000, 1_400],
    ],
    [
      'as if used at the last instant',
      { ...NONE, perSecond: 1 },
      [0, 1_000, 1_099, 1_100],
      100,
      [0, 1_100],
    ],
    ['as many as a minute has', { ...NONE, perMinute: 1 }, [0, 59_999, 60_000], 0, [0, 60_000]],
    [
      'by the lower of both',
      { ...NONE, perSecond: 1, perMinute: 2 },
      [0, 500, 1_000, 2_000, 60_000],
      0,
      [0, 1_000, 60_000],
    ],
  ])('are given: %s', (_, rate, times, validMs, expected) => {
    expect(taken(rate, times, validMs)).toEqual(expected)
  })

  it('are given for so many under way at a time, until they end', () => {
    const rate = { ...NONE, concurrency: 2 }
    const one = withPermit(NO_PERMITS, rate, at(0, 0, 'a/')) ?? NO_PERMITS
    const two = withPermit(one, rate, at(1, 0, 'b/')) ?? NO_PERMITS
    expect(withPermit(two, rate, at(2, 0, 'c/'))).toBeNull()
    expect(concurrencyRoom(two, rate, NOW + 2)).toEqual({ room: 0, from: NOW + RATE.attemptMs })
    expect(withPermit(endPermit(two, 'c/'), rate, at(2, 0, 'c/'))).toBeNull()
    expect(withPermit(endPermit(two, 'a/'), rate, at(2, 0, 'c/'))).not.toBeNull()
    expect(withPermit(two, rate, at(RATE.attemptMs, 0, 'c/'))).not.toBeNull()
  })

  it('come back when they were not used', () => {
    const rate = { ...NONE, perMinute: 1, concurrency: 1 }
    const one = withPermit(NO_PERMITS, rate, at(0, 100)) ?? NO_PERMITS
    expect(withPermit(one, rate, at(200, 500))).toBeNull()
    const back = returnPermit(one, 'event/', NOW + 100)
    expect(withPermit(back, rate, at(200, 500))).not.toBeNull()
  })

  it('tell how many there are, and from when on', () => {
    const rate = { ...NONE, perSecond: 2 }
    let permits: Permits = withPermit(NO_PERMITS, rate, at(0)) ?? NO_PERMITS
    permits = withPermit(permits, rate, at(300)) ?? NO_PERMITS
    expect([0, 999, 1_000, 1_300].map((ms) => roomAt(permits, rate, NOW + ms))).toEqual([
      0, 0, 1, 2,
    ])
    const from = [1, 2, 3].map((count) => roomFrom(permits, rate, count, NOW + 300) - NOW)
    expect(from).toEqual([1_000, 1_300, Number.POSITIVE_INFINITY])
  })

  it('never let more than the rate leave in any window, whenever they are asked for and used', () => {
    const asks = fc.array(
      fc.record({
        afterMs: fc.oneof(fc.nat(40), fc.nat(900), fc.nat(70_000)),
        validMs: fc.constantFrom(0, ...RATE.validMs),
        /** When in that time it is used; null: it is returned. */
        used: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 8 }),
      }),
      { minLength: 20, maxLength: 120 },
    )
    const bounds = fc.record({
      perSecond: fc.option(fc.integer({ min: 1, max: 12 })),
      perMinute: fc.option(fc.integer({ min: 1, max: 40 })),
    })
    fc.assert(
      fc.property(asks, bounds, (all, bound) => {
        const rate = { ...bound, concurrency: null }
        let permits = NO_PERMITS
        let now = NOW
        const left: number[] = []
        for (const { afterMs, validMs, used } of all) {
          now += afterMs
          const next = withPermit(permits, rate, { name: 'event/', now, validMs })
          if (next === null) continue
          permits = used === null ? returnPermit(next, 'event/', now + validMs) : next
          if (used !== null) left.push(now + Math.floor(used * validMs))
        }
        for (const [name, ms] of [
          ['perSecond', 1_000],
          ['perMinute', 60_000],
        ] as const) {
          const most = rate[name] ?? Number.POSITIVE_INFINITY
          for (const from of left) {
            expect(left.filter((one) => one >= from && one < from + ms).length).toBeLessThanOrEqual(
              most,
            )
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('are given almost as often as the rate has it', () => {
    const every = Array.from({ length: 60_000 }, (_, ms) => ms)
    expect(taken({ ...NONE, perSecond: 10 }, every, RATE.validMs[0]).length).toBeGreaterThan(540)
  })
})
