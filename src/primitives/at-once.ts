// Work on many things, a few at a time.

/**
 * Does the work on each item, on at most `most` at once. Resolves, in order, with what each came to, once none is under way; what was
 * not begun when another one failed is null.
 */
export async function atMostAtOnce<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly (PromiseSettledResult<Result> | null)[]> {
  const results: (PromiseSettledResult<Result> | null)[] = items.map(() => null)
  const left = items.entries()
  let hasFailed = false
  const takeTurns = async (): Promise<void> => {
    for (const [index, item] of left) {
      if (hasFailed) return
      const [result] = await Promise.allSettled([work(item)])
      results[index] = result
      if (result.status === 'rejected') hasFailed = true
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, takeTurns))
  return results
}
