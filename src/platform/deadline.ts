// A point in time that cuts off work, whether or not the work heeds its signal.

import { Timers } from './outgoing/timers.ts'

/** What `within` resolves to for work that was cut off. */
export const EXPIRED = Symbol('expired')

export class Deadline {
  readonly #expiry = Promise.withResolvers<typeof EXPIRED>()
  readonly #controller = new AbortController()
  readonly #timers: Timers
  readonly #expire = () => {
    this.#expiry.resolve(EXPIRED)
    this.#controller.abort()
  }

  /** Expires after `ms` milliseconds; many may share one timer. */
  constructor(ms: number, timers: Timers = new Timers()) {
    this.#timers = timers
    this.pullForward(ms)
  }

  /** Aborts when the deadline expires. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Makes it expire after `ms` milliseconds unless it does so earlier anyway. */
  pullForward(ms: number): void {
    this.#timers.set(this.#expire, ms)
  }

  /** What `work` comes to, or `EXPIRED`, whichever is first. */
  within<Result>(work: Promise<Result>): Promise<Result | typeof EXPIRED> {
    return Promise.race([work, this.#expiry.promise])
  }

  /** It does not expire any more. */
  clear(): void {
    this.#timers.clear(this.#expire)
  }
}
