import { describe, expect, it } from 'vitest'
import { isDue, isOver, lateHold, nextRelease } from '../../../src/engine/health/hold.ts'
import type { Hold, Pause } from '../../../src/engine/model/index.ts'
import { PAUSE } from '../../../src/limits.ts'
import { HOLD } from '../../../src/tuning.ts'

const NOW = 1_700_000_000_000
const ANSWER_MS = HOLD.answerSeconds * 1_000

const aHold = (fields: Partial<Hold> = {}): Hold => ({
  ...{
    reason: 'asked',
    since: NOW - 60_000,
    askedAt: NOW - 60_000,
    until: NOW - 1_000,
    pace: 4,
    isAnswering: true,
  },
  ...fields,
})

describe('what may be sent now', () => {
  const release = (
    hold: Hold | null,
    waiting: number,
    underWay: number,
    isSuspended = false,
    pause: Pause | null = null,
  ) => nextRelease(hold, { waiting, underWay }, { now: NOW, delayScale: 1, isSuspended, pause })

  it('is nothing in a pause', () => {
    const until = NOW + 1
    expect(release(aHold({ until }), 9, 0)).toEqual({ count: 0, lookAt: until })
  })

  it('is nothing while its owner has it wait, unless what comes for it ends', () => {
    const pause = { since: NOW - 1, isOver: false }
    const lookAt = NOW + PAUSE.lookSeconds * 1_000
    expect(release(aHold(), 9, 0, false, pause)).toEqual({ count: 0, lookAt })
    expect(release(null, 9, 1, false, pause)).toEqual({ count: 0, lookAt: NOW + ANSWER_MS })
    expect(release(null, 0, 0, false, pause)).toEqual({ count: 0, lookAt: null })
    expect(release(null, 9, 0, true, pause)).toMatchObject({ count: 9 })
    expect(release(null, 9, 0, false, { ...pause, isOver: true })).toMatchObject({ count: 9 })
  })

  it('is what the pace leaves room for', () => {
    expect(release(aHold(), 9, 1)).toMatchObject({ count: 3 })
    expect(release(aHold(), 2, 1)).toMatchObject({ count: 2 })
    expect(release(aHold(), 9, 7)).toEqual({ count: 0, lookAt: NOW + ANSWER_MS })
  })

  it.each([
    ['of a suspended webhook', aHold({ until: NOW + 1 }), true],
    ['when the hold is over', null, false],
  ])('is all of it %s, but no more at a time than else', (_, hold, isSuspended) => {
    expect(release(hold, 9, 0, isSuspended)).toMatchObject({ count: 9 })
    expect(release(hold, 1_000_000, 96, isSuspended)).toEqual({
      count: HOLD.mostUnderWay - 96,
      lookAt: NOW + ANSWER_MS,
    })
    expect(release(hold, 9, HOLD.mostUnderWay + 1, isSuspended)).toMatchObject({ count: 0 })
    expect(release(hold, 0, 1, isSuspended)).toEqual({ count: 0, lookAt: NOW + ANSWER_MS })
    expect(release(hold, 0, 0, isSuspended)).toEqual({ count: 0, lookAt: null })
  })
})

describe('a hold', () => {
  const over = (hold: Hold, waiting: number, underWay: number, mayWait = false) =>
    isOver(hold, { waiting, underWay }, { now: NOW, delayScale: 1, mayWait })

  it('is over once the receiver keeps up', () => {
    expect(over(aHold(), 0, 0)).toBe(true)
    expect(over(aHold(), 0, 2)).toBe(true)
    expect(over(aHold(), 0, 3)).toBe(false)
    expect(over(aHold(), 1, 0)).toBe(false)
    // Its rate has that wait, and not the hold.
    expect(over(aHold(), 1, 0, true)).toBe(true)
    expect(over(aHold({ isAnswering: false }), 1, 0, true)).toBe(false)
    expect(over(aHold({ until: NOW + 1 }), 0, 0)).toBe(false)
    expect(over(aHold({ isAnswering: false }), 0, 0)).toBe(false)
  })

  it('begins late only where nothing of another one is under way', () => {
    expect(lateHold({ waiting: 0, underWay: 0 }, NOW)).toMatchObject({ until: NOW, pace: 1 })
    expect(lateHold({ waiting: 0, underWay: 1 }, NOW)).toBeNull()
  })

  it('lets go what was released, until the next pause', () => {
    expect(isDue(aHold(), 'released', NOW)).toBe(true)
    expect(isDue(null, 'released', NOW)).toBe(true)
    expect(isDue(aHold({ until: NOW + 1 }), 'released', NOW)).toBe(false)
    expect(isDue(aHold(), 'waiting', NOW)).toBe(false)
  })
})
