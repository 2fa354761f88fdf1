// The contract of Timer: over when its time has passed, and never once it was stopped.

import { describe, expect, it } from 'vitest'
import type { Ports } from '../../src/engine/ports/index.ts'

/** Timers, and the clock that they go by. */
export interface TimerSubject {
  readonly timer: Ports['timer']
  /** Time passes, and whatever is due then happens. */
  readonly pass: (ms: number) => Promise<void>
}

export function timerContract(make: () => TimerSubject): void {
  describe('a timer', () => {
    /** Starts a timer for each length; `over` has those that are over, in order. */
    function start(...lengths: readonly number[]) {
      const { timer, pass } = make()
      const over: number[] = []
      const timers = lengths.map((ms) => {
        const started = timer(ms)
        started.over.then(() => over.push(ms))
        return started
      })
      return { timers, over, pass }
    }

    it('is over when its time has passed, and not before', async () => {
      const { over, pass } = start(1_500)
      await pass(1_499)
      expect(over).toEqual([])
      await pass(1)
      expect(over).toEqual([1_500])
    })

    it('is over in its turn, in whatever order it was started', async () => {
      const { over, pass } = start(300, 100, 200)
      await pass(1_000)
      expect(over).toEqual([100, 200, 300])
    })

    it('is over in a moment when it is for no time at all', async () => {
      const { over, pass } = start(0)
      await pass(0)
      expect(over).toEqual([0])
    })

    it('is never over once it was stopped, and leaves the others alone', async () => {
      const { timers, over, pass } = start(100, 200)
      timers[0]?.stop()
      await pass(10_000)
      expect(over).toEqual([200])
    })

    it('can be stopped when it is over, and more than once', async () => {
      const { timers, over, pass } = start(100, 200)
      await pass(100)
      timers[0]?.stop()
      timers[0]?.stop()
      await pass(100)
      expect(over).toEqual([100, 200])
    })
  })
}
