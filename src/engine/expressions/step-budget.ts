// What expressions may cost one invocation, whoever's they are. What does not fit is not begun: nobody's delivery fails because another
// one's expression has taken the steps.

import { EXPRESSION } from './bounds.ts'

/** Whether so many evaluations may begin: while each could take all the steps that one may. */
export function mayBegin(evaluations: number, stepsLeft: number): boolean {
  return evaluations * EXPRESSION.steps <= stepsLeft
}

export class StepBudget {
  private left: number = EXPRESSION.invocationSteps
  private restedAt = 0
  private last: Promise<unknown> = Promise.resolve()
  private readonly rest: () => Promise<unknown>

  /** `rest`: lets whatever else the isolate has to do go first. */
  constructor(rest: () => Promise<unknown> = async () => {}) {
    this.rest = rest
  }

  /** Steps that were taken. */
  get taken(): number {
    return EXPRESSION.invocationSteps - this.left
  }

  spend(steps: number): void {
    this.left -= steps
  }

  mayBegin(evaluations: number): boolean {
    return mayBegin(evaluations, this.left)
  }

  /** One after the other, so that what each has left is known when the next one begins; with a rest now and then. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(() => this.restAfterMuch()).then(work)
    this.last = done.catch(() => {})
    return done
  }

  private async restAfterMuch(): Promise<void> {
    if (this.taken - this.restedAt < EXPRESSION.restSteps) return
    this.restedAt = this.taken
    await this.rest()
  }
}
