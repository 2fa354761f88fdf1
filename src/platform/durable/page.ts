// Where a page of events ends: at its limit, or before one answer of a Durable Object could not carry it.

import { PAGE } from '../../limits.ts'
import { frame } from '../../primitives/framed-json.ts'
import { type Cut, packFirst } from '../../primitives/pack.ts'

/** The first items, `limit` or `PAGE.answerBytes` at most, which `share` pages share, and one at least if there is any. Reads one item more. */
export function cutPage<T>(all: Iterable<T>, limit: number, share = 1): Cut<T> {
  return packFirst(all, { count: limit, size: PAGE.answerBytes / share, sizeOf })
}

/** Bytes at most: one character beyond Latin-1 makes every one of its string two bytes wide. */
function sizeOf(item: unknown): number {
  return 2 * frame(item).length
}
