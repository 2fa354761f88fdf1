// What Cloudflare bills, as numbers of it.

/** One line of the price list each (prices.ts), unless it says that it is none. */
export interface Counts {
  /** HTTP requests to the Worker. */
  readonly requests: number
  /** Batches of a queue and cron runs that the Worker was called for. */
  readonly invocations: number
  /** Operations of Queues: 64 KB each. */
  readonly queueWrites: number
  readonly queueReads: number
  readonly queueDeletes: number
  /** Queries of D1, whatever they find: not billed, and waited for. */
  readonly databaseQueries: number
  readonly databaseRowsRead: number
  readonly databaseRowsWritten: number
  /** RPC calls of Durable Objects, and alarms that rang. */
  readonly objectRequests: number
  readonly objectRowsRead: number
  /** Rows, and alarms that were set. */
  readonly objectRowsWritten: number
}

export const NOTHING: Counts = {
  requests: 0,
  invocations: 0,
  queueWrites: 0,
  queueReads: 0,
  queueDeletes: 0,
  databaseQueries: 0,
  databaseRowsRead: 0,
  databaseRowsWritten: 0,
  objectRequests: 0,
  objectRowsRead: 0,
  objectRowsWritten: 0,
}

export class Meter {
  private counts: Counts = NOTHING

  add(line: keyof Counts, count = 1): void {
    this.counts = { ...this.counts, [line]: this.counts[line] + count }
  }

  /** What was counted since the last call. */
  take(): Counts {
    const taken = this.counts
    this.counts = NOTHING
    return taken
  }
}
