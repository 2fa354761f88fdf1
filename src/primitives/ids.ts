// Ids: UUIDv7 (RFC 9562), so that an id tells when it was made and sorting by id is sorting by time.

import { v7 } from 'uuid'

/** How many values an id's sequence has. */
const SEQUENCES = 2 ** 32

let sequence: number | null = null

/** A new id whose time is `now` (Unix milliseconds). Ids that one isolate makes of one millisecond ascend. */
export function newId(now: number): string {
  // One sequence for all milliseconds, since requests that saw the clock at other times make their ids in between. Not
  // begun where the module is loaded: a Worker has no randomness there. What makes an id unlike any other isolate's is
  // the random rest of it.
  sequence = sequence === null ? Math.floor(Math.random() * SEQUENCES) : (sequence + 1) % SEQUENCES
  return v7({ msecs: now, seq: sequence })
}

/**
 * The id for the `index`-th event of a queue message: the same each time the message is delivered, so that a
 * redelivered message does not publish anew. There are as many for it as there are turns.
 */
export async function derivedId(
  message: { id: string; timestamp: number },
  index: number,
  turn = 0,
): Promise<string> {
  const name = turn === 0 ? `${message.id}/${index}` : `${message.id}/${index}/${turn}`
  const source = new TextEncoder().encode(name)
  const random = new Uint8Array(await crypto.subtle.digest('SHA-256', source)).slice(0, 16)
  return v7({ msecs: message.timestamp, random, seq: index })
}

/**
 * The id for what happened at `ms` (Unix milliseconds) and is told from everything else by its name: the same each time,
 * so that it need not be kept. No secret: it follows from the two.
 */
export function idNamed(ms: number, name: string): string {
  const lanes = spread(name)
  return v7({ msecs: ms, random: new Uint8Array(lanes.buffer), seq: lanes[0] ?? 0 })
}

/** 128 bits that depend evenly on each character: cyrb128 (https://stackoverflow.com/a/47593316), in the public domain. */
function spread(name: string): Uint32Array {
  let [a, b, c, d] = [1_779_033_703, 3_144_134_277, 1_013_904_242, 2_773_480_762]
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index)
    a = b ^ Math.imul(a ^ code, 597_399_067)
    b = c ^ Math.imul(b ^ code, 2_869_860_233)
    c = d ^ Math.imul(c ^ code, 951_274_213)
    d = a ^ Math.imul(d ^ code, 2_716_044_179)
  }
  a = Math.imul(c ^ (a >>> 18), 597_399_067)
  b = Math.imul(d ^ (b >>> 22), 2_869_860_233)
  c = Math.imul(a ^ (c >>> 17), 951_274_213)
  d = Math.imul(b ^ (d >>> 19), 2_716_044_179)
  return new Uint32Array([a ^ b ^ c ^ d, b ^ a, c ^ a, d ^ a])
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
