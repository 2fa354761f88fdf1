// Svix's lists: pages that go on from an iterator, forwards, or backwards from one that begins with a minus
// (docs/contracts/svix.md, "Transport rules the server must satisfy").

import { z } from 'zod'
import { invalid } from '../../errors.ts'
import { isUuid } from '../../http/ids.ts'
import { limitOf } from '../../http/pagination.ts'
import { PAGE } from '../../limits.ts'
import { timeOf } from '../../primitives/ids.ts'

export const PageLimit = limitOf('The maximum number of items.')

export const Iterator = z
  .string()
  .max(2_000)
  .optional()
  .meta({ description: 'The `iterator` or `prevIterator` of an earlier page.' })

const Order = z
  .enum(['ascending', 'descending'])
  .default('ascending')
  .meta({ description: 'In which order of creation.' })

export const OrderedQuery = z.object({ limit: PageLimit, iterator: Iterator, order: Order })

interface Page<T> {
  data: T[]
  iterator: string | null
  prevIterator: string | null
  done: boolean
}

/** The schema of a page. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    data: z.array(item).meta({ description: 'The items of the page.' }),
    iterator: z.string().nullable().meta({ description: 'From where the next page goes on.' }),
    prevIterator: z
      .string()
      .nullable()
      .meta({ description: 'From where the page before this one is read.' }),
    done: z.boolean().meta({ description: 'Whether nothing follows in this direction.' }),
  })
}

/** An iterator as it was given: from where, and whether backwards. */
export function readIterator(iterator: string | undefined): {
  readonly from: string | null
  readonly isBackwards: boolean
} {
  if (iterator === undefined || iterator === '') return { from: null, isBackwards: false }
  const isBackwards = iterator.startsWith('-')
  return { from: isBackwards ? iterator.slice(1) : iterator, isBackwards }
}

/** A page with iterators at its ends, which are the keys of its items. */
export function toPage<T>(
  items: readonly T[],
  done: boolean,
  keyOf: (item: T) => string,
  given?: string,
): Page<T> {
  const [first, last] = [items[0], items.at(-1)]
  return {
    data: [...items],
    iterator: last === undefined ? (given ?? null) : keyOf(last),
    prevIterator: first === undefined ? null : `-${keyOf(first)}`,
    done,
  }
}

/** A page of a whole list in its order. `comes` says whether one key comes after another there. */
export function pageOfAll<T>(
  all: readonly T[],
  { limit, iterator }: { readonly limit: number; readonly iterator?: string | undefined },
  keyOf: (item: T) => string,
  comes: (key: string, other: string) => boolean,
): Page<T> {
  const { from, isBackwards } = readIterator(iterator)
  if (from === null) return toPage(all.slice(0, limit), all.length <= limit, keyOf)
  if (isBackwards) {
    const before = all.filter((item) => comes(from, keyOf(item)))
    return toPage(before.slice(-limit), before.length <= limit, keyOf, iterator)
  }
  const behind = all.filter((item) => comes(keyOf(item), from))
  return toPage(behind.slice(0, limit), behind.length <= limit, keyOf, iterator)
}

/** A list that the engine has newest first, as a call asks for a part of it. */
interface NewestFirst<T> {
  read(part: {
    readonly limit: number
    readonly cursor: string | undefined
    /** Bounds in Unix milliseconds, exclusive. */
    readonly after: number | undefined
    readonly before: number | undefined
  }): Promise<{ readonly items: readonly T[]; readonly nextCursor: string | null }>
  /** A UUID whose time is the item's. */
  idOf(item: T): string
  /** How far an item may stand from its place in the order of ids, in milliseconds; absent: not at all. */
  readonly disorderMs?: number
  isShown(item: T): boolean
}

interface Asked {
  readonly limit: number
  readonly iterator?: string | undefined
  readonly after?: number | undefined
  readonly before?: number | undefined
}

/** Reads of the engine for one page; then the page is short, and goes on. */
const READS = 20
/** Reads to find what stands just before a page. */
const READS_BACK = 100

/** A page of such a list: on from a cursor of the engine, or back from the id of an item. */
export async function newestPage<T>(list: NewestFirst<T>, asked: Asked): Promise<Page<T>> {
  const { from, isBackwards } = readIterator(asked.iterator)
  const { items, cursor, done } =
    from !== null && isBackwards
      ? await readBack(list, from, asked)
      : await readOn(list, from ?? undefined, asked)
  const [first, last] = [items[0], items.at(-1)]
  return {
    data: items,
    iterator: cursor ?? (last === undefined ? (asked.iterator ?? null) : `=${list.idOf(last)}`),
    prevIterator: first === undefined ? null : `-${list.idOf(first)}`,
    done,
  }
}

interface Found<T> {
  readonly items: T[]
  readonly cursor: string | null
  readonly done: boolean
}

async function readOn<T>(
  list: NewestFirst<T>,
  from: string | undefined,
  { limit, after, before }: Asked,
): Promise<Found<T>> {
  // Behind an item that ended a list, or that a page read backwards ended with.
  const behind = from?.startsWith('=') ? from.slice(1) : null
  const { disorderMs = 0 } = list
  const upTo =
    behind === null ? before : Math.min(before ?? Infinity, timeOfId(behind) + 1 + disorderMs)
  const isPast = passing(list, behind)
  const isShown = (item: T) => isPast(item) && list.isShown(item)
  const items: T[] = []
  let cursor = behind === null ? from : undefined
  for (let reads = 0; ; reads += 1) {
    // Where much may stand before the place, it is read at once.
    const isFar = behind !== null && disorderMs > 0
    const wanted = isFar ? PAGE.maxLimit : limit - items.length
    const page = await list.read({ limit: wanted, cursor, after, before: upTo })
    items.push(...page.items.filter(isShown))
    if (items.length > limit) return { items: items.slice(0, limit), cursor: null, done: false }
    if (page.nextCursor === null) return { items, cursor: null, done: true }
    cursor = page.nextCursor
    if (items.length === limit || reads >= READS) return { items, cursor, done: false }
  }
}

/** What stands just before an item: looked for in spans of time that grow until they hold enough. */
async function readBack<T>(
  list: NewestFirst<T>,
  id: string,
  { limit, after, before }: Asked,
): Promise<Found<T>> {
  const at = timeOfId(id)
  const { disorderMs = 0 } = list
  const now = Date.now()
  let reads = 0
  for (let span = 1_000; ; span *= 8) {
    const upTo = at + span > now ? before : Math.min(before ?? Infinity, at + span)
    let found: T[] = []
    let cursor: string | undefined
    const isPast = passing(list, id)
    const isShown = (item: T) => !isPast(item) && list.idOf(item) !== id && list.isShown(item)
    do {
      const lowest = Math.max(after ?? -1, at - 1 - disorderMs)
      const page = await list.read({ limit: PAGE.maxLimit, cursor, after: lowest, before: upTo })
      found = [...found, ...page.items.filter(isShown)].slice(-limit - 1)
      cursor = page.nextCursor ?? undefined
      reads += 1
      if (reads > READS_BACK) throw invalid(['iterator'], 'Too much stands before this place.')
    } while (cursor !== undefined)
    if (found.length > limit || upTo === before) {
      return { items: found.slice(-limit), cursor: null, done: found.length <= limit }
    }
  }
}

/**
 * Whether each item of a list, asked one after the other, stands behind the one that has an id, which is itself not behind it. Where
 * that is gone, behind its place.
 */
function passing<T>({ idOf, disorderMs }: NewestFirst<T>, id: string | null): (item: T) => boolean {
  if (id === null) return () => true
  const at = timeOfId(id)
  let hasPassed = false
  return (item) => {
    const wasPassed = hasPassed
    const isOlder =
      disorderMs === undefined ? idOf(item) < id : timeOf(idOf(item)) < at - disorderMs
    hasPassed ||= isOlder || idOf(item) === id
    return wasPassed || isOlder
  }
}

function timeOfId(id: string): number {
  if (!isUuid(id)) throw invalid(['iterator'], 'Not an iterator of this list.')
  return timeOf(id)
}
