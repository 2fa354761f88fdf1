// What happens at a later time of the test's clock.

import type { Timer } from '../../src/engine/ports/index.ts'

interface Due {
  readonly at: number
  readonly fire: () => void
}

export class Timers {
  private readonly timers = new Set<Due>()

  /** Fires once at a time (Unix milliseconds), of which a clock shows whole ones; what it returns cancels it. */
  add(at: number, fire: () => void): () => void {
    const timer = { at: Math.ceil(at), fire }
    this.timers.add(timer)
    return () => {
      this.timers.delete(timer)
    }
  }

  /** A timer of the engine's among them, started `now`. */
  timer(now: number, ms: number): Timer {
    // Time need not move for it, and moves only where nothing else is to be done.
    if (ms <= 0) return { over: Promise.resolve(), stop: () => {} }
    const { promise: over, resolve } = Promise.withResolvers<void>()
    return { over, stop: this.add(now + ms, resolve) }
  }

  /** When the next one fires; infinity when there is none. */
  get next(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { at } of this.timers) if (at < next) next = at
    return next
  }

  /** Fires all that are due, the earliest first. */
  fire(now: number): void {
    const due = [...this.timers].filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
    for (const timer of due) if (this.timers.delete(timer)) timer.fire()
  }
}
