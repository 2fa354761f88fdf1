// How many numbers of each size there were, without the numbers: percentiles of any number of them, from parts that add up.

/** Each bucket ends where its middle is 5 % off; numbers below 1 have a bucket of their own. */
const GROWTH = 1.1

/** Of numbers from 0 up. What it says of their size is good to 5 %, and is then rounded. */
export class Histogram {
  private readonly counts = new Map<number, number>()

  add(value: number): void {
    this.count(bucketOf(value), 1)
  }

  /** Adds what another one had: its `toPairs`, of any version. */
  merge(pairs: readonly number[]): void {
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      this.count(pairs[index] ?? 0, pairs[index + 1] ?? 0)
    }
  }

  /** As a list of a bucket and its count in turn, ascending: as it is stored. */
  toPairs(): readonly number[] {
    return this.ascending().flat()
  }

  /** The value at a fraction of the numbers, by nearest rank, as a whole number; null of none. */
  percentile(fraction: number): number | null {
    const all = this.ascending()
    const total = all.reduce((sum, [, count]) => sum + count, 0)
    const rank = Math.max(1, Math.ceil(total * fraction))
    let passed = 0
    for (const [bucket, count] of all) {
      passed += count
      if (passed >= rank) return middleOf(bucket)
    }
    return null
  }

  /** Each value, as far as its bucket tells, with how often there was one. */
  values(): readonly (readonly [value: number, count: number])[] {
    return this.ascending().map(([bucket, count]) => [middleOf(bucket), count])
  }

  private ascending(): [bucket: number, count: number][] {
    return [...this.counts].sort(([a], [b]) => a - b)
  }

  private count(bucket: number, count: number): void {
    this.counts.set(bucket, (this.counts.get(bucket) ?? 0) + count)
  }
}

function bucketOf(value: number): number {
  return value < 1 ? 0 : 1 + Math.round(Math.log(value) / Math.log(GROWTH))
}

function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : Math.round(GROWTH ** (bucket - 1))
}
