// Timers with the clock in hand.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Timers } from '../../../src/platform/outgoing/timers.ts'

let timers: Timers
/** What fired, and when. */
let fired: string[]
const start = Date.UTC(2026, 10, 22)
const called = (name: string) => () => {
  fired.push(`${name} ${Date.now() - start}`)
}

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  fired = []
})

afterEach(() => {
  vi.useRealTimers()
})

describe.each([
  ['timers', false],
  ['timers that linger', true],
])('%s', (_, lingers) => {
  beforeEach(() => {
    timers = new Timers({ lingers })
  })

  it('fire when they are due, in whatever order they were set', () => {
    timers.set(called('c'), 300)
    timers.set(called('a'), 100)
    vi.advanceTimersByTime(50)
    timers.set(called('b'), 100)
    vi.advanceTimersByTime(1_000)
    expect(fired).toEqual(['a 100', 'b 150', 'c 300'])
  })

  it('fire once, at the earlier of two times', () => {
    const both = called('both')
    timers.set(both, 300)
    timers.set(both, 100)
    timers.set(both, 200)
    vi.advanceTimersByTime(1_000)
    expect(fired).toEqual(['both 100'])
  })

  it('do not fire once they are cleared, and leave the others alone', () => {
    const cleared = called('cleared')
    timers.set(cleared, 100)
    timers.set(called('kept'), 200)
    timers.clear(cleared)
    vi.advanceTimersByTime(1_000)
    expect(fired).toEqual(['kept 200'])
  })

  it('share one timer of the runtime', () => {
    for (const ms of [300, 300, 400]) timers.set(called(`${ms}`), ms)
    expect(vi.getTimerCount()).toBe(1)
  })

  it('keep one of the runtime when nothing is set only where it may linger, and then use it again', () => {
    const callbacks = [called('a'), called('b'), called('c')]
    for (const [index, fire] of callbacks.entries()) timers.set(fire, 300 + index)
    for (const fire of callbacks) timers.clear(fire)
    expect(vi.getTimerCount()).toBe(lingers ? 1 : 0)
    for (const [index, fire] of callbacks.entries()) timers.set(fire, 300 + index)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(1_000)
    expect(fired).toEqual(['a 300', 'b 301', 'c 302'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('can be set by one that fires', () => {
    timers.set(() => timers.set(called('next'), 100), 100)
    vi.advanceTimersByTime(1_000)
    expect(fired).toEqual(['next 200'])
  })

  it('are timers of the engine as well, over when they are due and never once stopped', async () => {
    const over: string[] = []
    const made = [100, 200, 300].map((ms) => {
      const timer = timers.timer(ms)
      timer.over.then(() => over.push(`${ms} at ${Date.now() - start}`))
      return timer
    })
    made[1]?.stop()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(over).toEqual(['100 at 100', '300 at 300'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('fire though the clock is set back, late by no more than what it had not seen pass', () => {
    const names = () => fired.map((one) => one.split(' ')[0])
    timers.set(called('slot'), 1_500)
    vi.advanceTimersByTime(500)
    vi.setSystemTime(start - 3_600_000)
    timers.set(called('attempt'), 400)
    timers.set(called('late'), 2_000)
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
