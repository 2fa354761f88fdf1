// How much a webhook may get in a time: as its owner wants it, and as its receiver allows it.

/** At most so many requests in any second or in any minute, and so many under way at a time; null: no such bound. */
export interface Rate {
  readonly perSecond: number | null
  readonly perMinute: number | null
  readonly concurrency: number | null
}

/** What its owner said of it last, and when (Unix milliseconds): whoever hears of several, late or twice, takes the last. */
export interface Throttle {
  readonly since: number
  /** Null: it has none any more. */
  readonly rate: Rate | null
}

/** What its receiver allowed, and when it said so last (Unix milliseconds). */
export interface AllowedRate {
  readonly perMinute: number
  readonly at: number
}

/** The rate that its owner gave a webhook; null: none. */
export function rateOf({
  throttle,
}: {
  readonly throttle?: Throttle | null | undefined
}): Rate | null {
  return throttle?.rate ?? null
}

/** What is known of a webhook's rate after its owner said what it is to be; the same where that is nothing new. */
export function nextThrottle(
  known: Throttle | null,
  rate: Rate | null,
  now: number,
): Throttle | null {
  if (isSame(known?.rate ?? null, rate)) return known
  return { since: Math.max(now, (known?.since ?? 0) + 1), rate }
}

function isSame(one: Rate | null, other: Rate | null): boolean {
  if (one === null || other === null) return one === other
  const { perSecond, perMinute, concurrency } = other
  return (
    one.perSecond === perSecond && one.perMinute === perMinute && one.concurrency === concurrency
  )
}
