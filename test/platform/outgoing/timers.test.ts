// Timers with the clock in hand.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Timers } from '../../../src/platform/outgoing/timers.ts'

let alarms: Timers
/** What rang, and when. */
let rang: string[]
const start = Date.UTC(2026, 10, 22)
const bell = (name: string) => () => {
  rang.push(`${name} ${Date.now() - start}`)
}

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  alarms = new Timers()
  rang = []
})

afterEach(() => {
  vi.useRealTimers()
})

describe('alarms', () => {
  it('ring when they are due, in whatever order they were set', () => {
    alarms.set(bell('c'), 300)
    alarms.set(bell('a'), 100)
    vi.advanceTimersByTime(50)
    alarms.set(bell('b'), 100)
    vi.advanceTimersByTime(1_000)
    expect(rang).toEqual(['a 100', 'b 150', 'c 300'])
  })

  it('ring once, at the earlier of two times', () => {
    const both = bell('both')
    alarms.set(both, 300)
    alarms.set(both, 100)
    alarms.set(both, 200)
    vi.advanceTimersByTime(1_000)
    expect(rang).toEqual(['both 100'])
  })

  it('do not ring once they are cleared, and leave the others alone', () => {
    const cleared = bell('cleared')
    alarms.set(cleared, 100)
    alarms.set(bell('kept'), 200)
    alarms.clear(cleared)
    vi.advanceTimersByTime(1_000)
    expect(rang).toEqual(['kept 200'])
  })

  it('share one timer, and have none when nothing is set', () => {
    const bells = [bell('a'), bell('b'), bell('c')]
    for (const [index, ring] of bells.entries()) alarms.set(ring, 300 - index)
    expect(vi.getTimerCount()).toBe(1)
    for (const ring of bells) alarms.clear(ring)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('can be set by one that rings', () => {
    alarms.set(() => alarms.set(bell('next'), 100), 100)
    vi.advanceTimersByTime(1_000)
    expect(rang).toEqual(['next 200'])
  })

  it('are timers of the engine as well, over when they are due and never once stopped', async () => {
    const over: string[] = []
    const timers = [100, 200, 300].map((ms) => {
      const timer = alarms.timer(ms)
      timer.over.then(() => over.push(`${ms} at ${Date.now() - start}`))
      return timer
    })
    timers[1]?.stop()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(over).toEqual(['100 at 100', '300 at 300'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ring though the clock is set back, late by no more than what it had not seen pass', () => {
    const names = () => rang.map((one) => one.split(' ')[0])
    alarms.set(bell('slot'), 1_500)
    vi.advanceTimersByTime(500)
    vi.setSystemTime(start - 3_600_000)
    alarms.set(bell('attempt'), 400)
    alarms.set(bell('late'), 2_000)
    vi.advanceTimersByTime(399)
    expect(names()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(names()).toEqual(['attempt'])
    vi.advanceTimersByTime(1_100)
    expect(names()).toEqual(['attempt', 'slot'])
    vi.advanceTimersByTime(500)
    expect(names()).toEqual(['attempt', 'slot', 'late'])
  })
})
