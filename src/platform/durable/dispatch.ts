// When an object sends what it owes: one pass at a time, one more when something was added meanwhile, and again by its
// alarm when a pass failed.

export class Dispatch {
  private readonly pay: () => Promise<void>
  private readonly onFailure: (error: unknown) => Promise<void>
  private asked = false
  private passing: Promise<void> | null = null

  /** `pay` makes a pass over all that is owed; `onFailure` sees to it that there will be another one. */
  constructor(pay: () => Promise<void>, onFailure: (error: unknown) => Promise<void>) {
    this.pay = pay
    this.onFailure = onFailure
  }

  /** Resolves when all that is owed now is sent, or will be tried again later. */
  run(): Promise<void> {
    this.asked = true
    this.passing ??= this.passWhileAsked().finally(() => {
      this.passing = null
    })
    return this.passing
  }

  private async passWhileAsked(): Promise<void> {
    while (this.asked) {
      // A pass may be past what is added while it runs.
      this.asked = false
      try {
        await this.pay()
      } catch (error) {
        await this.onFailure(error)
      }
    }
  }
}
