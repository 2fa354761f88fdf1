// One list out of those of several shards, each in order.

import { addTotals, type JobProgress, NO_TOTALS } from '../../engine/model/index.ts'
import type { JobEntry, Usage } from '../../engine/ports/index.ts'
import { timeOf } from '../../primitives/ids.ts'

/** What a shard showed, in order, and whether more follows there. */
interface Part<T> {
  readonly items: readonly T[]
  readonly more: boolean
}

/** What was taken of the parts, in order; `from`: how many of each part's items. */
interface Merged<T> {
  readonly items: readonly T[]
  readonly from: readonly number[]
  /** Whether more follows in any of them. */
  readonly more: boolean
}

/**
 * The first of all parts by `isBefore`, `limit` at most. Ends where a part ends that goes on: what follows there may come before what
 * the others have left. Each part keeps its own order.
 */
export function mergeParts<T>(
  parts: readonly Part<T>[],
  limit: number,
  isBefore: (one: T, other: T) => boolean,
): Merged<T> {
  const from = parts.map(() => 0)
  const items: T[] = []
  while (items.length < limit) {
    if (parts.some(({ items: all, more }, index) => more && from[index] === all.length)) break
    let first: { readonly index: number; readonly item: T } | null = null
    for (const [index, part] of parts.entries()) {
      const item = part.items[from[index] ?? 0]
      if (item !== undefined && (first === null || isBefore(item, first.item))) {
        first = { index, item }
      }
    }
    if (first === null) break
    items.push(first.item)
    from[first.index] = (from[first.index] ?? 0) + 1
  }
  const more = parts.some((part, index) => part.more || (from[index] ?? 0) < part.items.length)
  return { items, from, more }
}

/** The first jobs, newest first, of lists in that order; what several shards do as one job is one. */
export function mergeJobs(lists: readonly (readonly JobEntry[])[], limit: number) {
  const byId = Map.groupBy(lists.flat(), ({ id }) => id)
  return [...byId.values()]
    .flatMap((entries) => toOneJob(entries) ?? [])
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, limit)
}

/** A job as its parts have it; null of none. */
export function toOneJob(entries: readonly JobEntry[]): JobEntry | null {
  const [first] = entries
  if (first === undefined) return null
  return { ...first, progress: sumProgress(entries.flatMap(({ progress }) => progress ?? [])) }
}

/** How far several get together, that do parts of one job: it runs until all have ended. */
function sumProgress(parts: readonly JobProgress[]): JobProgress | null {
  const [first, ...others] = parts
  if (first === undefined || others.length === 0) return first ?? null
  const states = parts.map(({ state }) => state)
  const ends = parts.map(({ endedAt }) => endedAt)
  const isOver = !states.includes('running')
  const total = sum(parts.map((one) => one.total))
  return {
    state:
      (['running', 'failed', 'cancelled'] as const).find((one) => states.includes(one)) ?? 'done',
    done: sum(parts.map(({ done }) => done)) ?? 0,
    total,
    error: parts.find(({ error }) => error !== null)?.error ?? null,
    endedAt: isOver ? Math.max(...ends.map((at) => at ?? 0)) : null,
  }
}

/** The sum of what shards counted, of the days that all of them did. */
export function mergeUsage(parts: readonly Usage[]): Usage {
  const since = Math.max(...parts.map((part) => part.since))
  const counted = parts.flatMap(({ days }) => days).filter(({ day }) => day >= since)
  const days = [...Map.groupBy(counted, ({ day }) => day)].map(([day, totals]) => {
    return { day, ...totals.reduce(addTotals, NO_TOTALS) }
  })
  return { since, days: days.toSorted((a, b) => b.day - a.day) }
}

/** Null when one of them is. */
function sum(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce((all, one) => (all === null || one === null ? null : all + one), 0)
}

/** Where a position stands among those of other shards: in microseconds since 1970. */
export function placeOf(position: string): number {
  return position.includes('-') ? timeOf(position) * 1_000 : Number(position)
}
