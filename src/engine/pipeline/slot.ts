// Runs work for as long as a batch may hold its slot. In: items and what to do with each; out: what finished, what
// still waits for an answer, what was not begun.

import type { Delivery } from './attempt.ts'
import { Turns } from './fair-order.ts'

export interface Slot<T, R> {
  readonly finished: readonly R[]
  readonly unanswered: readonly { readonly item: T; readonly result: Promise<R> }[]
  readonly unstarted: readonly T[]
}

interface SlotOptions {
  /** How many may be under way at a time. */
  readonly concurrency: number
  /** How many are begun at most. */
  readonly most?: number
  readonly end: Promise<void>
}

/** Begins items in fair turns until all are done, `most` are begun or `end` settles. `work` must not reject. */
export async function runInSlot<T extends Delivery, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  { concurrency, most = Number.POSITIVE_INFINITY, end }: SlotOptions,
): Promise<Slot<T, R>> {
  const turns = new Turns(items)
  const running = new Map<T, Promise<R>>()
  const finished: R[] = []
  let open = true
  let begun = 0

  function next(): T | undefined {
    if (begun >= most) return undefined
    begun += 1
    return turns.take()
  }

  async function runLane(): Promise<void> {
    for (let item = next(); item !== undefined; item = next()) {
      const result = work(item)
      running.set(item, result)
      const answer = await result
      if (!open) return
      running.delete(item)
      turns.giveBack(item)
      finished.push(answer)
    }
  }

  await Promise.race([Promise.all(Array.from({ length: concurrency }, runLane)), end])
  open = false
  return {
    finished,
    unanswered: [...running].map(([item, result]) => ({ item, result })),
    unstarted: turns.rest(),
  }
}
