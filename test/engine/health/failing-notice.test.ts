import { describe, expect, it } from 'vitest'
import { nextFailingNotice } from '../../../src/engine/health/failing-notice.ts'
import { INITIAL_HEALTH } from '../../../src/engine/health/health.ts'
import type { Health } from '../../../src/engine/model/index.ts'

const T = 1_700_000_000_000
const HOUR = 3_600_000
const tenHours = { suspend: { afterSeconds: 36_000, afterFailures: 3 }, delayScale: 1 }
const never = { suspend: null, delayScale: 1 }
const strict = { suspend: { afterSeconds: 0, afterFailures: 1 }, delayScale: 1 }
const oneHour = { suspend: { afterSeconds: 3_600, afterFailures: 3 }, delayScale: 1 }
const twoHours = { suspend: { afterSeconds: 7_200, afterFailures: 3 }, delayScale: 1 }

type Rules = Parameters<typeof nextFailingNotice>[2]

describe('what is told of a webhook that keeps failing', () => {
  const firstTold = { toldFailing: ['first_hour'] } as const
  const bothTold = { toldFailing: ['first_hour', 'half_time'] } as const
  const few = { failedEvents: 2 }
  it.each<[string, Partial<Health>, number, Rules, Health['toldFailing'][number] | null]>([
    ['nothing within the first hour', {}, HOUR - 1, tenHours, null],
    ['its first hour', {}, HOUR, tenHours, 'first_hour'],
    ['its first hour, however late it is known', {}, 4 * HOUR, tenHours, 'first_hour'],
    ['its first hour once', firstTold, 4 * HOUR, tenHours, null],
    ['nothing just before half of its time', firstTold, 5 * HOUR - 1, tenHours, null],
    ['half of its time', firstTold, 5 * HOUR, tenHours, 'half_time'],
    ['half of its time once', bothTold, 9 * HOUR, tenHours, null],
    ['the graver where both are due', {}, 5 * HOUR, tenHours, 'half_time'],
    ['half of its time before the first hour', {}, HOUR / 2, oneHour, 'half_time'],
    ['the graver where both are due at once', {}, HOUR, twoHours, 'half_time'],
    ['no half while too few events failed', { ...firstTold, ...few }, 9 * HOUR, tenHours, null],
    ['its first hour of however few events', few, HOUR, tenHours, 'first_hour'],
    ['its first hour, if it is never suspended', {}, HOUR, never, 'first_hour'],
    ['no half, if it is never suspended', firstTold, 1e9 * HOUR, never, null],
    ['no half before an exhaustion', firstTold, 9 * HOUR, strict, null],
    ['its first scaled hour', {}, HOUR / 10, { ...tenHours, delayScale: 0.1 }, 'first_hour'],
    ['a scaled half', firstTold, HOUR / 2, { ...tenHours, delayScale: 0.1 }, 'half_time'],
    ['nothing once it is suspended', { suspendedAt: T }, 9 * HOUR, tenHours, null],
    ['nothing unless it fails', { failingSince: null }, 9 * HOUR, tenHours, null],
  ])('%s', (_, fields, after, rules, expected) => {
    const health = { ...INITIAL_HEALTH, failingSince: T, failedEvents: 3, ...fields }
    expect(nextFailingNotice(health, T + after, rules).notice).toBe(expected)
  })

  it('is noted with its lesser, so that neither is told later', () => {
    const health = { ...INITIAL_HEALTH, failingSince: T, failedEvents: 3 }
    const decision = nextFailingNotice(health, T + 5 * HOUR, tenHours)
    expect(decision.health.toldFailing).toEqual(['first_hour', 'half_time'])
    expect(decision.suspendsAt).toBe(T + 10 * HOUR)
  })

  it('changes nothing that others are told', () => {
    const health = { ...INITIAL_HEALTH, failingSince: T, failedEvents: 1 }
    expect(nextFailingNotice(health, T + HOUR, never)).toEqual({
      health: { ...health, toldFailing: ['first_hour'] },
      notice: 'first_hour',
      suspendsAt: null,
    })
  })
})
