// What happens at a later time of the test's clock.

interface Timer {
  readonly at: number
  readonly fire: () => void
}

export class Timers {
  private readonly timers = new Set<Timer>()

  /** Fires once at a time (Unix milliseconds); what it returns cancels it. */
  add(at: number, fire: () => void): () => void {
    const timer = { at, fire }
    this.timers.add(timer)
    return () => this.timers.delete(timer)
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
