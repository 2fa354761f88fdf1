// A point in time that cuts off work, whether or not the work heeds its signal.

/** What `within` answers for work that was cut off. */
export const EXPIRED = Symbol('expired')

export class Deadline {
  readonly #expiry = Promise.withResolvers<typeof EXPIRED>()
  readonly #controller = new AbortController()
  readonly #timers: ReturnType<typeof setTimeout>[] = []

  /** Expires after `ms` milliseconds. */
  constructor(ms: number) {
    this.pullForward(ms)
  }

  /** Aborts when the deadline expires. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Makes it expire after `ms` milliseconds unless it does so earlier anyway. */
  pullForward(ms: number): void {
    this.#timers.push(
      setTimeout(() => {
        this.#expiry.resolve(EXPIRED)
        this.#controller.abort()
      }, ms),
    )
  }

  /** What `work` comes to, or `EXPIRED`, whichever is first. */
  within<Result>(work: Promise<Result>): Promise<Result | typeof EXPIRED> {
    return Promise.race([work, this.#expiry.promise])
  }

  /** Stops the timers: it does not expire any more. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }
}
