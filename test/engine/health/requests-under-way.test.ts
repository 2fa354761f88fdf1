import { describe, expect, it } from 'vitest'
import { IsolateRequests } from '../../../src/engine/health/requests-under-way.ts'
import { HOLD } from '../../../src/tuning.ts'

const { silentAttempts: MANY, silentMs: LONG } = HOLD
const NOON = Date.UTC(2026, 10, 27, 12)

describe('a webhook whose requests hang', () => {
  /** So many begun at noon. */
  function begun(count: number) {
    const requests = new IsolateRequests()
    const ends = Array.from({ length: count }, () => requests.begin('webhook', NOON))
    return { requests, ends, isSilentAt: (ms: number) => requests.isSilent('webhook', NOON + ms) }
  }

  it.each([
    ['many, for long', MANY, LONG, true],
    ['many, not for long yet', MANY, LONG - 1, false],
    ['fewer', MANY - 1, LONG, false],
    ['none', 0, LONG, false],
    ['many that nobody heard of for a minute', MANY, 60_000, false],
  ])('is silent or not: %s', (_, count, ms, isSilent) => {
    expect(begun(count).isSilentAt(ms)).toBe(isSilent)
  })

  it('is not while it answers others that began as late', () => {
    const { requests, isSilentAt } = begun(MANY)
    requests.begin('webhook', NOON)(true)
    expect(isSilentAt(LONG)).toBe(false)
  })

  it('is though it answered one that had begun before them', () => {
    const requests = new IsolateRequests()
    const end = requests.begin('webhook', NOON - 1)
    for (let one = 0; one < MANY; one += 1) requests.begin('webhook', NOON)
    end(true)
    expect(requests.isSilent('webhook', NOON + LONG)).toBe(true)
  })

  it('is not any more when its requests have ended, answered or not', () => {
    const { ends, isSilentAt } = begun(MANY)
    expect(isSilentAt(LONG)).toBe(true)
    ends[0]?.(false)
    expect(isSilentAt(LONG)).toBe(false)
  })

  it('is silent for itself', () => {
    const { requests } = begun(MANY)
    expect(requests.isSilent('another', NOON + LONG)).toBe(false)
  })
})
