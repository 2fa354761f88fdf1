// Runs work for as long as a batch may hold its slot. In: items and what to do with each; out: what finished, what
// still waits for an answer, what was not begun.

export interface Slot<T, R> {
  readonly finished: readonly R[]
  readonly unanswered: readonly { readonly item: T; readonly result: Promise<R> }[]
  readonly unstarted: readonly T[]
}

/** Begins items in order, `concurrency` at a time, until all are done or `end` settles. `work` must not reject. */
export async function runInSlot<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  { concurrency, end }: { readonly concurrency: number; readonly end: Promise<void> },
): Promise<Slot<T, R>> {
  const waiting = [...items]
  const running = new Map<T, Promise<R>>()
  const finished: R[] = []
  let open = true

  async function runLane(): Promise<void> {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const result = work(item)
      running.set(item, result)
      const answer = await result
      if (!open) return
      running.delete(item)
      finished.push(answer)
    }
  }

  await Promise.race([Promise.all(Array.from({ length: concurrency }, runLane)), end])
  open = false
  return {
    finished,
    unanswered: [...running].map(([item, result]) => ({ item, result })),
    unstarted: waiting.splice(0),
  }
}
