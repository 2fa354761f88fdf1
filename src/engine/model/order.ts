// Which events of a webhook come one after the other, in the order in which they were accepted.

/** Events of one key come one after the other. */
export interface Order {
  /** An expression in JSONata that makes the key; null: all events of the webhook have one. */
  readonly key: string | null
  /** What comes of the key when an event of it is given up: the next one, or nothing until somebody says so. */
  readonly onFailure: 'continue' | 'block'
}

/** What its owner said of it last, and when (Unix milliseconds): whoever hears of several, late or twice, takes the last. */
export interface Ordering {
  readonly since: number
  /** Null: events come as they may, not any more in order. */
  readonly order: Order | null
}

/** The key of an event that has none, and of every event where the order is that of the whole webhook. */
export const NO_KEY = '-'

/** A key of which nothing comes until somebody says so. */
export interface BlockedKey {
  readonly key: string
  /** The event that was given up, and when (Unix milliseconds). */
  readonly eventId: string
  readonly since: number
}

/** What waits because of a webhook's order. */
export interface OrderBacklog {
  readonly waiting: number
  /** The oldest of them, `ORDER.blockedShown` at most. */
  readonly blocked: readonly BlockedKey[]
}

/** The order that its owner gave a webhook; null: none. */
export function orderOf({
  ordering,
}: {
  readonly ordering?: Ordering | null | undefined
}): Order | null {
  return ordering?.order ?? null
}

/** What is known of a webhook's order after its owner said what it is to be; the same where that is nothing new. */
export function nextOrdering(
  known: Ordering | null,
  order: Order | null,
  now: number,
): Ordering | null {
  const present = known?.order ?? null
  const isSame = present?.key === order?.key && present?.onFailure === order?.onFailure
  if (isSame) return known
  return { since: Math.max(now, (known?.since ?? 0) + 1), order }
}
