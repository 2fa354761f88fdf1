// Which events of a webhook go together, several in one request.

/** `batch` of a webhook (docs/batching.md); the first two as issue 16 has them, the rest ours. */
export const BATCH_LIMITS = {
  maxEvents: 100,
  maxWaitMs: 60_000,
  /** Of a webhook whose owner says nothing of it. */
  waitMs: 1_000,
  /** Characters of the messages of its events at which a request is full, however few they are: they are one row, of 2 MB at most. */
  chars: 500_000,
  /** Characters of what a `body` makes of one of them: in that row each is four bytes at most, beside the event itself. */
  partChars: 400_000,
  /** Characters of the answer to one request that are kept with the attempts of its events together: a hundred of them are in one row. */
  excerptChars: 10_240,
  /** Events of a webhook that are in requests which are sent, or to be sent again: its monitor knows each in memory. */
  mostJoined: 100_000,
  /** Bytes of a 207 that are read: a hundred events with the longest ids take a tenth of it. */
  answerBytes: 65_536,
} as const

/** Its body says what became of what (RFC 4918, section 13). */
export const MULTI_STATUS = 207

/** A request has so many events at most, and waits for them so long (milliseconds) from the first one on. */
export interface Batch {
  readonly maxEvents: number
  readonly maxWaitMs: number
}

/** What its owner said of it last, and when (Unix milliseconds): whoever hears of several, late or twice, takes the last. */
export interface Batching {
  readonly since: number
  /** Null: each event has a request of its own again. */
  readonly batch: Batch | null
}

/** How events of a webhook go together as its owner wants it; null: they do not. */
export function batchOf({
  batching,
}: {
  readonly batching?: Batching | null | undefined
}): Batch | null {
  return batching?.batch ?? null
}

/** What is known of it after its owner said what it is to be; the same where that is nothing new. */
export function nextBatching(
  known: Batching | null,
  batch: Batch | null,
  now: number,
): Batching | null {
  const present = known?.batch ?? null
  const isSame = present?.maxEvents === batch?.maxEvents && present?.maxWaitMs === batch?.maxWaitMs
  if (isSame) return known
  return { since: Math.max(now, (known?.since ?? 0) + 1), batch }
}
