// Where a page of events ends: at its limit, or before one answer of a Durable Object could not carry it.

import { PAGE } from '../../limits.ts'
import { frame } from '../../primitives/framed-json.ts'

export interface Cut<T> {
  readonly items: T[]
  /** Whether anything follows. */
  readonly more: boolean
}

/** The first items, `limit` or `PAGE.answerBytes` at most, and one at least if there is any. Reads one item more. */
export function cutPage<T>(all: Iterable<T>, limit: number): Cut<T> {
  const items: T[] = []
  let bytes = 0
  for (const item of all) {
    bytes += sizeOf(item)
    const isFull = items.length === limit || (items.length > 0 && bytes > PAGE.answerBytes)
    if (isFull) return { items, more: true }
    items.push(item)
  }
  return { items, more: false }
}

/** Bytes at most: one character beyond Latin-1 makes every one of its string two bytes wide. */
function sizeOf(item: unknown): number {
  return 2 * frame(item).length
}
