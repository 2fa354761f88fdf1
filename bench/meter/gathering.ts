// Calls that begin together: so that what shares a write is arranged, and not left to the clock.

export class Gathering {
  private size = 1
  private waiting: (() => void)[] = []

  /** From now on calls wait until they are so many. */
  expect(size: number): void {
    this.size = size
  }

  /** Resolves with the last of them. */
  async join(): Promise<void> {
    if (this.size === 1) return
    const turn = Promise.withResolvers<void>()
    this.waiting.push(turn.resolve)
    if (this.waiting.length >= this.size) {
      for (const go of this.waiting.splice(0)) go()
    }
    await turn.promise
  }
}

/** What the event logs of this isolate are asked to write. */
export const accepts = new Gathering()
export const records = new Gathering()
