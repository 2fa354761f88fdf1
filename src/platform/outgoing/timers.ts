// Many points in time that share one timer of the runtime: a batch sets one for each attempt, and hardly any is reached. Setting
// and clearing those of the runtime is dear, so that an invocation's timer is left to run when nobody waits for it any more.

import type { Timer } from '../../engine/ports/index.ts'

export class Timers {
  /** Whether the runtime's timer may outlive what it was set for: one that is pending keeps an object from being evicted. */
  readonly #lingers: boolean
  /** What is called, and when (Unix milliseconds). */
  readonly #due = new Map<() => void, number>()
  #timer: ReturnType<typeof setTimeout> | undefined
  /** When the timer is over: never later than the first that is due. */
  #timerAt = Number.POSITIVE_INFINITY
  /** The latest time that is known to have come: where the clock is set back, time goes on from here. */
  #latest = 0

  constructor({ lingers = false }: { readonly lingers?: boolean } = {}) {
    this.#lingers = lingers
  }

  /** Calls `fire` in `ms` milliseconds, or when it was to be called before, if that is earlier. */
  set(fire: () => void, ms: number): void {
    const at = this.#now() + ms
    if ((this.#due.get(fire) ?? Number.POSITIVE_INFINITY) <= at) return
    this.#due.set(fire, at)
    if (at < this.#timerAt) this.#start(at, ms)
  }

  /** A timer of the engine's among them. */
  timer(ms: number): Timer {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    this.set(resolve, ms)
    return { over, stop: () => this.clear(resolve) }
  }

  /** `fire` is not called any more. */
  clear(fire: () => void): void {
    this.#due.delete(fire)
    if (this.#due.size === 0 && !this.#lingers) this.#stop()
  }

  #start(at: number, ms: number): void {
    if (!this.#lingers) this.#stop()
    this.#timerAt = at
    const timer = setTimeout(() => {
      // Left behind by one that was started since.
      if (timer === this.#timer) this.#fire(at)
    }, ms)
    this.#timer = timer
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  #now(): number {
    this.#latest = Math.max(this.#latest, Date.now())
    return this.#latest
  }

  #fire(upTo: number): void {
    this.#stop()
    this.#latest = Math.max(this.#latest, upTo)
    for (const [fire, at] of this.#due) {
      if (at > upTo) continue
      this.#due.delete(fire)
      fire()
    }
    const next = Math.min(...this.#due.values())
    if (next < this.#timerAt) this.#start(next, Math.max(0, next - this.#now()))
  }
}
