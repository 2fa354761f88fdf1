// What happens at a later time of the test's clock.

interface Timer {
  readonly at: number
  readonly ring: () => void
}

export class Timers {
  private readonly timers = new Set<Timer>()

  /** Rings once at a time (Unix milliseconds); the answer cancels it. */
  add(at: number, ring: () => void): () => void {
    const timer = { at, ring }
    this.timers.add(timer)
    return () => this.timers.delete(timer)
  }

  /** When the next one rings; infinity when there is none. */
  get next(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { at } of this.timers) if (at < next) next = at
    return next
  }

  /** Rings all that are due, the earliest first. */
  ring(now: number): void {
    const due = [...this.timers].filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
    for (const timer of due) if (this.timers.delete(timer)) timer.ring()
  }
}
