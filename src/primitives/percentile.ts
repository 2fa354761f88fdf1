/** The value at a fraction of sorted numbers, by nearest rank; null of none. */
export function percentile(sorted: ArrayLike<number>, fraction: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? null
}
