// Opaque cursors of the logs: base64url of a position in JSON.

import { z } from 'zod'
import { invalid } from '../../engine/errors.ts'

/** A cursor for a position. */
export function toCursor(position: readonly (string | number)[]): string {
  return btoa(JSON.stringify(position))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** The position of a cursor; null without one. Throws `invalid` for a text that is none of ours. */
export function fromCursor<T>(cursor: string | undefined, schema: z.ZodType<T>): T | null {
  if (cursor === undefined) return null
  const result = schema.safeParse(decode(cursor))
  if (!result.success) throw invalid(['cursor'], 'is not a cursor of this list')
  return result.data
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')))
  } catch {
    // Whatever it is, it is no position: the schema says so.
    return undefined
  }
}

/** Where a page of attempts goes on: the row, and how many of its attempts were shown. */
export const AttemptPosition = z.tuple([z.int().nonnegative(), z.int().nonnegative()])
export type AttemptPosition = z.infer<typeof AttemptPosition>

/** Where a page of events goes on: after this event id. */
export const EventPosition = z.tuple([z.uuid()])
export type EventPosition = z.infer<typeof EventPosition>
