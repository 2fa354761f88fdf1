// Positions in the logs, and the cursors that say them.

import { z } from 'zod'
import { readCursor } from '../../engine/cursor.ts'
import { invalid } from '../../engine/errors.ts'

/** The position of a cursor; null without one. Throws `invalid` for a text that is none of ours. */
export function fromCursor<T>(cursor: string | undefined, schema: z.ZodType<T>): T | null {
  if (cursor === undefined) return null
  const result = schema.safeParse(readCursor(cursor))
  if (!result.success) throw invalid(['cursor'], 'is not a cursor of this list')
  return result.data
}

/** Where a page of attempts goes on: the row, and how many of its attempts were shown. */
export const AttemptPosition = z.tuple([z.int().nonnegative(), z.int().nonnegative()])
export type AttemptPosition = z.infer<typeof AttemptPosition>

/** Where a page of events goes on: after this event id. */
export const EventPosition = z.tuple([z.uuid()])
export type EventPosition = z.infer<typeof EventPosition>
