import { describe, expect, it } from 'vitest'
import { dispositionOf, scheduledDelay } from '../../../src/engine/attempt/disposition.ts'
import type { FailureHandling, Outcome } from '../../../src/engine/model/index.ts'
import { delivered, failed, handling } from './outcomes.ts'

const exact = { delayScale: 1, random: 0 }
const linear = { type: 'linear', intervalSeconds: 60, attempts: 3 } as const
const exponential = { type: 'exponential', intervalSeconds: 60, attempts: 100 } as const
const schedule = {
  type: 'schedule',
  delaysSeconds: [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400],
} as const

describe('what follows an attempt', () => {
  it.each<[string, Outcome, number, Partial<FailureHandling>, unknown]>([
    ['success', delivered, 1, {}, { kind: 'done' }],
    ['success on the last attempt', delivered, 3, {}, { kind: 'done' }],
    ['a first failure', failed(500), 1, {}, { kind: 'retry', delaySeconds: 5 }],
    ['a second failure', failed(null), 2, {}, { kind: 'retry', delaySeconds: 300 }],
    ['exhaustion', failed(500), 3, {}, { kind: 'divert', trigger: 500 }],
    ['exhaustion by silence', failed(null), 3, {}, { kind: 'divert', trigger: 'timeout' }],
    [
      'exhaustion without divert',
      failed(500),
      3,
      { divert: false },
      { kind: 'drop', trigger: 500 },
    ],
    ['no retries', failed(500), 1, { retry: null }, { kind: 'divert', trigger: 500 }],
    [
      'no retries, no divert',
      failed(500),
      1,
      { retry: null, divert: false },
      { kind: 'drop', trigger: 500 },
    ],
    ['410', failed(410), 1, {}, { kind: 'divert', trigger: 410 }],
    ['410 without divert', failed(410), 1, { divert: false }, { kind: 'drop', trigger: 410 }],
    ['410 under no trigger', failed(410), 1, { triggers: [] }, { kind: 'divert', trigger: 410 }],
    ...[301, 302, 304, 404, 500, 600, 999].map(
      (status): [string, Outcome, number, Partial<FailureHandling>, unknown] => [
        `a ${status}`,
        failed(status),
        1,
        {},
        { kind: 'retry', delaySeconds: 5 },
      ],
    ),
    ['a 101', failed(101), 1, {}, { kind: 'retry', delaySeconds: 5 }],
    [
      'an excluded failure',
      failed(302),
      1,
      { triggers: ['4xx'] },
      { kind: 'divert', trigger: 302, excluded: true },
    ],
    [
      'an excluded failure without divert',
      failed(302),
      1,
      { triggers: ['4xx'], divert: false },
      { kind: 'drop', trigger: 302, excluded: true },
    ],
    [
      'an excluded silence',
      failed(null),
      3,
      { triggers: ['5xx'] },
      { kind: 'divert', trigger: 'timeout', excluded: true },
    ],
    ['an attempt far beyond the schedule', failed(500), 99, {}, { kind: 'divert', trigger: 500 }],
    [
      'an empty schedule',
      failed(500),
      1,
      { retry: { type: 'schedule', delaysSeconds: [] } },
      {
        kind: 'divert',
        trigger: 500,
      },
    ],
  ])('%s', (_, outcome, attempt, fields, expected) => {
    const failureHandling = { ...handling, ...fields }
    expect(dispositionOf({ outcome, attempt, failureHandling }, exact)).toEqual(expected)
  })
})

describe('the delay of a retry', () => {
  it.each([
    ['the schedule', failed(500), { delayScale: 1, random: 0 }, 5],
    ['whole seconds within the jitter', failed(500), { delayScale: 100, random: 0.505 }, 525],
    ['no jitter where a whole second is too much', failed(500), { delayScale: 1, random: 0.9 }, 5],
    ['the jitter itself below a second', failed(500), { delayScale: 0.1, random: 0.5 }, 0.525],
    ['Retry-After on 429', failed(429, { retryAfterSeconds: 60 }), exact, 60],
    ['Retry-After on 503', failed(503, { retryAfterSeconds: 60 }), exact, 60],
    ['Retry-After on 500, which has no say', failed(500, { retryAfterSeconds: 60 }), exact, 5],
    ['Retry-After on 404, which has no say', failed(404, { retryAfterSeconds: 60 }), exact, 5],
    ['a Retry-After below the schedule', failed(503, { retryAfterSeconds: 1 }), exact, 5],
    ['a Retry-After of nothing', failed(503, { retryAfterSeconds: null }), exact, 5],
    ['a Retry-After beyond a day', failed(503, { retryAfterSeconds: 1e9 }), exact, 86_400],
    [
      'jitter on a day, which is the most',
      failed(503, { retryAfterSeconds: 86_400 }),
      { delayScale: 1, random: 0.9 },
      86_400,
    ],
    ['a scale', failed(500), { delayScale: 0.01, random: 0 }, 0.05],
    [
      'a scale on Retry-After',
      failed(503, { retryAfterSeconds: 60 }),
      { delayScale: 0.5, random: 0 },
      30,
    ],
  ])('follows %s', (_, outcome, chance, delaySeconds) => {
    const result = dispositionOf({ outcome, attempt: 1, failureHandling: handling }, chance)
    expect(result).toEqual({ kind: 'retry', delaySeconds: expect.closeTo(delaySeconds, 9) })
  })

  it.each([0, 0.25, 0.5, 0.999_999])('lies within 10 %% above the schedule (%d)', (random) => {
    const result = dispositionOf(
      { outcome: failed(500), attempt: 2, failureHandling: handling },
      { delayScale: 1, random },
    )
    expect(result.kind === 'retry' && result.delaySeconds).toBeGreaterThanOrEqual(300)
    expect(result.kind === 'retry' && result.delaySeconds).toBeLessThan(330)
  })

  it.each([
    ['is that of the attempt it may have been', 1, 2, { kind: 'retry', delaySeconds: 300 }],
    ['is its own beyond the schedule', 1, 3, { kind: 'retry', delaySeconds: 5 }],
    ['does not come after the last one', 3, 1, { kind: 'divert', trigger: 500 }],
  ])('%s', (_, attempt, retryIndex, expected) => {
    const outcome = failed(500)
    expect(
      dispositionOf({ outcome, attempt, retryIndex, failureHandling: handling }, exact),
    ).toEqual(expected)
  })
})

describe('the scheduled delay', () => {
  it.each([
    [null, 1, null],
    [linear, 1, 60],
    [linear, 3, 60],
    [linear, 4, null],
    [exponential, 1, 60],
    [exponential, 2, 120],
    [exponential, 5, 960],
    [exponential, 11, 61_440],
    [exponential, 12, 86_400],
    [exponential, 100, 86_400],
    [exponential, 101, null],
    [{ type: 'linear', intervalSeconds: 0, attempts: 1 } as const, 1, 0],
    [schedule, 1, 5],
    [schedule, 9, 86_400],
    [schedule, 10, null],
  ])('of %j after attempt %d is %j', (retry, attempt, expected) => {
    expect(scheduledDelay(retry, attempt)).toBe(expected)
  })
})
