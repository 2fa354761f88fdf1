// How much checking may cost. Whoever takes a request gives it a number of steps, and each of its events a share of them.

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

  /** At most so many of these, for one part of the work. */
  share(most: number): Steps {
    return new Steps(most, this)
  }

  /** Throws `TooComplex` where fewer are left; then none are. */
  spend(steps: number): void {
    this.left -= steps
    this.whole?.spend(steps)
    if (this.left >= 0) return
    this.left = -1
    throw new TooComplex()
  }
}
