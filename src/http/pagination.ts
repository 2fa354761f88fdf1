// Pages of a list: a bounded limit, and cursors that are opaque to callers and versioned for us.

import { z } from 'zod'
import { PAGE } from '../config.ts'
import { readCursor, toCursor } from '../engine/cursor.ts'

/** How many items a page may have: 1–250, 50 unless told (contracts/native.md). */
export const Limit = z
  .string()
  .regex(/^\d{1,9}$/, 'Expected an integer.')
  .transform(Number)
  .pipe(z.int().min(1).max(PAGE.maxLimit))
  .default(PAGE.limit)
  .meta({
    override: ({ jsonSchema }) => {
      // A number to whoever writes one into a URL.
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key)
      const { limit, maxLimit } = PAGE
      const description =
        'A page may have fewer items where they are large: only a null `nextCursor` ends the list.'
      const bounds = { minimum: 1, maximum: maxLimit, default: limit }
      Object.assign(jsonSchema, { type: 'integer', ...bounds, description })
    },
  })

/** Characters of a cursor; ours, far above the longest that is given out. */
const CURSOR_CHARS = 1_024

/** A cursor that the log gives out and reads. */
export const LogCursor = z.string().min(1).max(CURSOR_CHARS)

/** Where a page ended: the id of its last item, or for lists without an order of ids how many items came before. */
const Position = z.strictObject({ v: z.literal(1), after: z.string().min(1) })
const Offset = z.strictObject({ v: z.literal(1), offset: z.int().positive() })

/** A cursor of a list in order of ids, as the id after which the page begins. */
export const IdCursor = cursorOf(Position).transform(({ after }) => after)

/** A cursor of a list that is paged by number, as the number of items before the page. */
export const OffsetCursor = cursorOf(Offset).transform(({ offset }) => offset)

/** A cursor of a list whose positions are those of the schema. */
export function cursorOf<T>(position: z.ZodType<T>) {
  return LogCursor.transform((text, context): T => {
    const result = position.safeParse(readCursor(text))
    if (result.success) return result.data
    context.addIssue('This is not a cursor of this list.')
    return z.NEVER
  })
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

/** A page of a list in order of ids. `read` is asked for one item more than the limit, to know whether more follow. */
export async function readIdPage<T extends { readonly id: string }>(
  limit: number,
  read: (limit: number) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const found = await read(limit + 1)
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const more = found.length > limit && last !== undefined
  return { items, nextCursor: more ? toCursor({ v: 1, after: last.id }) : null }
}

/** A page of a list that is paged by number, of which there are `count` items. */
export function toOffsetPage<T>(items: readonly T[], offset: number, count: number): Page<T> {
  const next = offset + items.length
  return {
    items,
    nextCursor: next < count && items.length > 0 ? toCursor({ v: 1, offset: next }) : null,
  }
}

/** The same page with each item as `present` shows it. */
export function mapPage<T, U>(
  { items, nextCursor }: Page<T>,
  present: (item: T) => U,
): { items: U[]; nextCursor: string | null } {
  return { items: items.map(present), nextCursor }
}
