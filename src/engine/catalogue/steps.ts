// How much checking may cost. Whoever takes a request gives it a number of steps, and each of its events a share of them.

import { CATALOGUE } from '../../limits.ts'
import { CONVERSIONS } from '../expressions/bounds.ts'

/** There are no steps left: it is not told whether the data is valid. */
export class TooComplex extends Error {}

/** Steps that are left. What a share spends the whole has spent, too. */
export class Steps {
  private left: number
  private readonly whole: Steps | null

  constructor(most: number, whole: Steps | null = null) {
    this.left = most
    this.whole = whole
  }

  get remaining(): number {
    return Math.max(0, this.left)
  }

  /** At most so many of these, and no more than are left, for one part of the work. */
  share(most: number): Steps {
    return new Steps(Math.min(most, this.remaining), this)
  }

  /** Of the whole alone, as far as they are there: what one part does that others need as well. */
  spendOfWhole(steps: number): void {
    const { whole } = this
    whole?.spend(Math.min(steps, whole.remaining))
  }

  /** Throws `TooComplex` where fewer are left; then none are. What is not there to be spent the whole does not lose. */
  spend(steps: number): void {
    const there = Math.min(steps, this.remaining)
    this.left -= steps
    this.whole?.spend(there)
    if (this.left >= 0) return
    this.left = -1
    throw new TooComplex()
  }
}

/** The steps of a request, which its events take one after the other: each leaves to those behind it a half of an even share. */
export class RequestSteps {
  private readonly checking: Turns
  private readonly converting: Turns

  constructor(
    events: number,
    checking: Steps = new Steps(CATALOGUE.requestSteps),
    converting: Steps = new Steps(CONVERSIONS.requestSteps),
  ) {
    this.checking = new Turns(events, checking, CATALOGUE.eventSteps)
    this.converting = new Turns(events, converting, CONVERSIONS.eventSteps)
  }

  /** Those that the next event may take: of checking, and of expressions. */
  next(): EventSteps {
    return { checking: this.checking.next(), converting: this.converting.next() }
  }
}

export interface EventSteps {
  readonly checking: Steps
  readonly converting: Steps
}

class Turns {
  private readonly all: Steps
  private readonly most: number
  private readonly kept: number
  private behind: number

  constructor(events: number, all: Steps, most: number) {
    this.all = all
    this.most = most
    this.behind = events
    this.kept = Math.floor(all.remaining / 2 / Math.max(1, events))
  }

  next(): Steps {
    this.behind = Math.max(0, this.behind - 1)
    const free = this.all.remaining - this.behind * this.kept
    return this.all.share(Math.max(0, Math.min(this.most, free)))
  }
}
