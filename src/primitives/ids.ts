// Ids: UUIDv7 (RFC 9562), so that an id tells when it was made and sorting by id is sorting by time.

import { v7 } from 'uuid'

let latest = { ms: 0, sequence: 0 }

/** A new id whose time is `now` (Unix milliseconds). Ids that one isolate makes in one millisecond ascend. */
export function newId(now: number): string {
  const sequence = now === latest.ms ? latest.sequence + 1 : randomStart()
  latest = { ms: now, sequence }
  return v7({ msecs: now, seq: sequence })
}

/**
 * Where a millisecond's sequence starts: anywhere, with room above for as many ids as a millisecond can bring. What makes
 * an id unlike any other isolate's is the random rest of it.
 */
function randomStart(): number {
  return Math.floor(Math.random() * 2 ** 31)
}

/**
 * The id for the `index`-th event of a queue message: the same each time the message is delivered, so that a
 * redelivered message does not publish anew.
 */
export async function derivedId(
  message: { id: string; timestamp: number },
  index: number,
): Promise<string> {
  const source = new TextEncoder().encode(`${message.id}/${index}`)
  const random = new Uint8Array(await crypto.subtle.digest('SHA-256', source)).slice(0, 16)
  return v7({ msecs: message.timestamp, random, seq: index })
}

/** Unix milliseconds at which an id was made. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** The smallest id of a time: a bound for "made at or after `ms`". */
export function firstIdAt(ms: number): string {
  return v7({ msecs: Math.max(0, ms), random: new Uint8Array(16), seq: 0 })
}

/** Sorts behind every id. */
export const AFTER_ALL_IDS = 'g'
