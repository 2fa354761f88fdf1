// Work on many things, a few at a time.

/** Does the work on each item, on at most `most` at once. Resolves, in order, with what each came to; never rejects. */
export async function atMostAtOnce<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly PromiseSettledResult<Result>[]> {
  const results: PromiseSettledResult<Result>[] = new Array(items.length)
  const left = items.entries()
  const takeTurns = async (): Promise<void> => {
    for (const [index, item] of left) {
      const [result] = await Promise.allSettled([work(item)])
      results[index] = result
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, takeTurns))
  return results
}
