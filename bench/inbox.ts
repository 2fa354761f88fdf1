// What came to one path of the receiver.

/** A request that was refused, and the next one with the same event; milliseconds of the clock. */
export interface Retry {
  readonly refusedAt: number
  cameAgainAt: number | null
}

/** What the receiver tells of a path. */
export interface Receipts {
  /** When each event came first: its id, and milliseconds of the clock. */
  readonly first: readonly (readonly [eventId: string, at: number])[]
  readonly retries: readonly Retry[]
  /** When the first request was answered, or given up by who sent it; null while neither has happened. */
  readonly firstEndedAt: number | null
  /** Requests in all, those that came again included. */
  readonly requests: number
  /** What reading the event answered while its request was under way, and how often. */
  readonly readBack: Readonly<Record<string, number>>
}

interface Waiting {
  readonly isDone: () => boolean
  readonly resolve: () => void
}

export class Inbox {
  readonly first = new Map<string, number>()
  private readonly retries = new Map<string, Retry>()
  private readonly readBack: Record<string, number> = {}
  private firstEndedAt: number | null = null
  private requests = 0
  private waiting: Waiting[] = []

  /** Whether this event came for the first time. */
  note(eventId: string, at: number): boolean {
    this.requests += 1
    const isNew = !this.first.has(eventId)
    if (isNew) this.first.set(eventId, at)
    const retry = this.retries.get(eventId)
    if (retry !== undefined) retry.cameAgainAt ??= at
    this.wake()
    return isNew
  }

  refused(eventId: string, at: number): void {
    this.retries.set(eventId, { refusedAt: at, cameAgainAt: null })
  }

  ended(at: number): void {
    this.firstEndedAt ??= at
  }

  wasRead(status: number): void {
    this.readBack[status] = (this.readBack[status] ?? 0) + 1
  }

  /** Whether so many different events came, and each refused one again. */
  isComplete(count: number): boolean {
    return this.first.size >= count && [...this.retries.values()].every(hasComeAgain)
  }

  /** Resolves once it is complete, or when patience ends. */
  async complete(count: number, patienceMs: number): Promise<void> {
    const isDone = () => this.isComplete(count)
    if (isDone()) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.waiting.push({ isDone, resolve })
    const timer = setTimeout(resolve, patienceMs)
    await promise
    clearTimeout(timer)
  }

  toReceipts(): Receipts {
    const { firstEndedAt, requests, readBack } = this
    const retries = [...this.retries.values()]
    return { first: [...this.first], retries, firstEndedAt, requests, readBack }
  }

  private wake(): void {
    if (this.waiting.length === 0) return
    const done = this.waiting.filter(({ isDone }) => isDone())
    this.waiting = this.waiting.filter((one) => !done.includes(one))
    for (const { resolve } of done) resolve()
  }
}

function hasComeAgain({ cameAgainAt }: Retry): boolean {
  return cameAgainAt !== null
}
