// Pages of a list: a bounded limit, and cursors that name their list.

import { z } from 'zod'
import { PAGE } from '../limits.ts'
import type { Cursors } from '../primitives/cursor.ts'
import { asInteger } from './query.ts'

/** How many items a page may have: 1–250, 50 unless told (docs/contracts/native.md, "Lists"). */
export const limitOf = (description: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'Expected an integer.')
    .transform(Number)
    .pipe(z.int().min(1).max(PAGE.maxLimit))
    .default(PAGE.limit)
    .meta(
      asInteger({
        ...{ minimum: 1, maximum: PAGE.maxLimit, default: PAGE.limit },
        description,
      }),
    )

export const Limit = limitOf(
  'The maximum number of items. A page of large items may have fewer: only a null `nextCursor` ends the list.',
)

/** A cursor of a list as it is given out; what it says is for whoever has the list to read. */
export function cursorOf({ pattern }: Cursors) {
  return z
    .string()
    .regex(pattern, 'Not a cursor of this list.')
    .meta({ description: 'The `nextCursor` of the previous page; opaque.' })
}

/** A cursor of a list in order of ids, as the id after which the page begins. */
export function idCursorOf(cursors: Cursors) {
  return cursorOf(cursors).transform((cursor) => cursors.read(cursor)?.[0])
}

/** A cursor of a list that is paged by number, as the number of items before the page. */
export function offsetCursorOf(cursors: Cursors) {
  return cursorOf(cursors).transform((cursor) => Number(cursors.read(cursor)?.[0] ?? 0))
}

interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

/** A page of a list in order of ids. `read` is asked for one item more than the limit, to know whether more follow. */
export async function readIdPage<T extends { readonly id: string }>(
  cursors: Cursors,
  limit: number,
  read: (limit: number) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const found = await read(limit + 1)
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const more = found.length > limit && last !== undefined
  return { items, nextCursor: more ? cursors.write(last.id) : null }
}

/** A page of a list that is paged by number, of which there are `count` items. */
export function toOffsetPage<T>(
  cursors: Cursors,
  items: readonly T[],
  { offset, count }: { readonly offset: number; readonly count: number },
): Page<T> {
  const next = offset + items.length
  return { items, nextCursor: next < count && items.length > 0 ? cursors.write(next) : null }
}

/** The same page with each item as `present` shows it. */
export function mapPage<T, U>(
  { items, nextCursor }: Page<T>,
  present: (item: T) => U,
): { items: U[]; nextCursor: string | null } {
  return { items: items.map(present), nextCursor }
}
