import { describe, expect, it } from 'vitest'
import {
  INITIAL_HEALTH,
  nextHealth,
  type Observation,
  resumedHealth,
  suspendsAt,
  toMonitorState,
  unansweredHealth,
} from '../../../src/engine/health/health.ts'
import type { Health } from '../../../src/engine/model/index.ts'

const T = 1_700_000_000_000
const patient = { suspend: { afterSeconds: 100, afterFailures: 3 }, delayScale: 1 }
const strict = { suspend: { afterSeconds: 0, afterFailures: 1 }, delayScale: 1 }
const never = { suspend: null, delayScale: 1 }

function seen(kind: Observation['kind'], at: number, fields: Partial<Observation> = {}) {
  return { kind, at, durationMs: 10, firstFailure: true, firstExhaustion: false, ...fields }
}

/** Health after observations, from the beginning. */
function healthAfter(
  observations: readonly Observation[],
  rules: Parameters<typeof nextHealth>[2],
) {
  return observations.reduce((health, one) => nextHealth(health, one, rules), INITIAL_HEALTH)
}

const failing = (seconds: number, fields: Partial<Observation> = {}) =>
  seen('failed', T + seconds * 1_000, fields)

const slowly = { durationMs: 1_500 }

describe('counts', () => {
  it('grow with each failure, events only with their first', () => {
    const health = healthAfter([failing(0), failing(5, { firstFailure: false }), failing(6)], never)
    expect(health).toMatchObject({
      consecutiveFailures: 3,
      failedEvents: 2,
      exhaustedEvents: 0,
      failingSince: T,
      lastSuccessAt: null,
    })
  })

  it('begin with the earliest failure, whichever is reported first', () => {
    expect(healthAfter([failing(10), failing(3)], never).failingSince).toBe(T + 3_000)
  })

  it('start anew with a success', () => {
    const health = healthAfter(
      [failing(0, { firstExhaustion: true }), seen('delivered', T + 1_000)],
      never,
    )
    expect(health).toMatchObject({
      consecutiveFailures: 0,
      failedEvents: 0,
      exhaustedEvents: 0,
      failingSince: null,
      lastSuccessAt: T + 1_010,
    })
  })

  it('keep the latest success, whichever is reported last', () => {
    const health = healthAfter([seen('delivered', T + 5_000), seen('delivered', T)], never)
    expect(health.lastSuccessAt).toBe(T + 5_010)
  })
})

describe('suspension', () => {
  it.each<[string, Observation[], Parameters<typeof nextHealth>[2], number | null]>([
    ['waits for the time', [failing(0), failing(1), failing(99)], patient, null],
    ['waits for the events', [failing(0), failing(200)], patient, null],
    [
      'counts an event once',
      [failing(0), failing(50, { firstFailure: false }), failing(200, { firstFailure: false })],
      patient,
      null,
    ],
    [
      'comes when both are reached',
      [failing(0), failing(1), failing(2), failing(100)],
      patient,
      T + 100_010,
    ],
    [
      'looks at the end of the attempt',
      [failing(0), failing(1), failing(99, { durationMs: 1_000 })],
      patient,
      T + 100_000,
    ],
    [
      'starts anew with a success',
      [failing(0), failing(1), seen('delivered', T + 2_000), failing(101), failing(102)],
      patient,
      null,
    ],
    [
      'scales its time',
      [failing(0), failing(1), failing(2)],
      { ...patient, delayScale: 0.01 },
      T + 2_010,
    ],
    ['of 0 s and 1 event waits for the retries', [failing(0), failing(900)], strict, null],
    [
      'of 0 s and 1 event comes with the first exhausted event',
      [failing(0), failing(900, { firstFailure: false, firstExhaustion: true })],
      strict,
      T + 900_010,
    ],
    [
      'of 0 s and 2 events comes with the second exhausted event',
      [failing(0, { firstExhaustion: true }), failing(1, { firstExhaustion: true })],
      { suspend: { afterSeconds: 0, afterFailures: 2 }, delayScale: 1 },
      T + 1_010,
    ],
    ['of null never comes', [failing(0, { firstExhaustion: true }), failing(1e9)], never, null],
    ['comes at once with 410', [seen('gone', T)], patient, T + 10],
    ['comes at once with 410 even of null', [seen('gone', T)], never, T + 10],
    ['stays when more fails', [seen('gone', T), seen('gone', T + 5_000)], patient, T + 10],
    ['is not lifted by a success', [seen('gone', T), seen('delivered', T + 1_000)], never, T + 10],
  ])('%s', (_, observations, rules, suspendedAt) => {
    expect(healthAfter(observations, rules).suspendedAt).toBe(suspendedAt)
  })

  it.each([
    ['gone', [seen('gone', T)], patient],
    ['failing', [failing(0, { firstExhaustion: true })], strict],
    [null, [failing(0)], strict],
  ] as const)('has the reason %j', (reason, observations, rules) => {
    expect(healthAfter(observations, rules).suspendedReason).toBe(reason)
  })
})

describe('when the present failures suspend', () => {
  it.each([
    ['not without failures', { failingSince: null, failedEvents: 0 }, patient, null],
    ['not while too few events failed', { failingSince: T, failedEvents: 2 }, patient, null],
    ['the time after the first failure', { failingSince: T, failedEvents: 3 }, patient, T + 1e5],
    [
      'a scaled time',
      { failingSince: T, failedEvents: 3 },
      { ...patient, delayScale: 0.1 },
      T + 1e4,
    ],
    ['never of null', { failingSince: T, failedEvents: 99 }, never, null],
    ['not before an exhaustion', { failingSince: T, failedEvents: 5 }, strict, null],
    ['at once', { failingSince: T, failedEvents: 5, exhaustedEvents: 1 }, strict, T],
  ])('%s', (_, fields, rules, expected) => {
    expect(suspendsAt({ ...INITIAL_HEALTH, ...fields }, rules)).toBe(expected)
  })
})

describe('the lane', () => {
  const good = seen('delivered', T, { durationMs: 1_499 })
  const slow = seen('delivered', T, { durationMs: 1_500 })
  const bad = seen('failed', T, { durationMs: 1_500 })
  it.each<[string, Observation[], Health['lane'], number]>([
    ['is fast at first', [], 'fast', 0],
    ['stays fast with good answers', [good, good], 'fast', 0],
    ['stays fast with one bad answer', [bad], 'fast', 1],
    ['forgets a bad answer', [bad, good, bad], 'fast', 3],
    ['becomes slow with two slow failures', [bad, bad], 'slow', 2],
    [
      'stays fast with failures that hold nobody up',
      [failing(0), failing(1), failing(2)],
      'fast',
      1,
    ],
    ['becomes slow with two slow successes', [slow, slow], 'slow', 2],
    ['stays slow with four good answers', [bad, bad, good, good, good, good], 'slow', 2],
    ['becomes fast with five', [bad, bad, good, good, good, good, good], 'fast', 3],
    [
      'forgets good answers before a bad one',
      [bad, bad, good, good, good, good, bad, good],
      'slow',
      2,
    ],
  ])('%s', (_, observations, lane, version) => {
    expect(healthAfter(observations, never)).toMatchObject({ lane, version })
  })
})

describe('version', () => {
  it('grows once when lane and suspension change together', () => {
    const health = healthAfter(
      [failing(0, slowly), failing(0, { ...slowly, firstExhaustion: true })],
      strict,
    )
    // And before that when it became troubled.
    expect(health).toMatchObject({ version: 2, lane: 'slow', suspendedAt: T + 1_500 })
  })
})

describe('whether it is troubled', () => {
  const good = seen('delivered', T)
  const slow = seen('delivered', T, { durationMs: 1_500 })
  const bad = seen('failed', T, { durationMs: 1_500 })
  it.each<[string, Observation[], boolean, number]>([
    ['not at first', [], false, 0],
    ['not by good answers', [good, good], false, 0],
    ['by one failure', [bad], true, 1],
    ['by one slow success, which may move it', [slow], true, 1],
    ['no more after a success', [bad, good], false, 2],
    ['no more after a quick one', [slow, good], false, 2],
    ['in the slow lane, though all is well', [bad, bad, good], true, 2],
    ['no more once it is back', [bad, bad, good, good, good, good, good], false, 3],
    ['by another failure after that', [bad, good, bad], true, 3],
  ])('%s', (_, observations, expected, version) => {
    const health = healthAfter(observations, never)
    expect(toMonitorState(health)).toMatchObject({ isTroubled: expected, version })
  })

  it('changes nothing where a success comes: nobody need tell of it', () => {
    const before = healthAfter([good], never)
    const after = nextHealth(before, seen('delivered', T + 5_000), never)
    expect(after).toEqual({ ...before, lastSuccessAt: T + 5_010 })
  })
})

describe('resuming', () => {
  it('lifts the suspension and counts from zero, in the same lane', () => {
    const suspended = healthAfter([failing(0), seen('gone', T + 1_000)], patient)
    expect(resumedHealth({ ...suspended, lastSuccessAt: 5 })).toEqual({
      version: 3,
      consecutiveFailures: 0,
      failingSince: null,
      failedEvents: 0,
      exhaustedEvents: 0,
      lastSuccessAt: 5,
      suspendedAt: null,
      suspendedReason: null,
      toldFailing: [],
      lane: 'fast',
      laneStreak: 0,
      silence: null,
      hold: null,
      pause: null,
    })
  })
})

describe('an attempt that outlasts its batch', () => {
  it('moves its webhook to the slow lane at once, and is counted when it ends', () => {
    const expected = { ...INITIAL_HEALTH, lane: 'slow', version: 1 }
    expect(unansweredHealth(INITIAL_HEALTH)).toEqual(expected)
  })

  it('makes a webhook on its way out of the slow lane begin again', () => {
    const slow: Health = { ...INITIAL_HEALTH, lane: 'slow', laneStreak: 4, version: 7 }
    expect(unansweredHealth(slow)).toEqual({ ...slow, laneStreak: 0 })
  })
})
