// Fields that several resources have in common.

import { z } from 'zod'
import { idCursorOf, Limit } from '../../http/pagination.ts'
import type { Cursors } from '../../primitives/cursor.ts'

/** An id in an answer. */
export const Id = z.string().meta({ format: 'uuid' })

/** A time in an answer: RFC 3339 UTC with milliseconds. */
export const Time = z.string().meta({ format: 'date-time', example: '2026-11-22T10:00:00.000Z' })

/** A page of a list in an answer. */
export function listOf<T>(
  item: z.ZodType<T>,
): z.ZodType<{ items: T[]; nextCursor: string | null }> {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** How many were sent on their way. */
export const Queued = z.object({ queued: z.int() }).meta({ id: 'Queued' })

/** Query of a list in order of ids. */
export function idPageQuery(cursors: Cursors) {
  return z.object({ limit: Limit, cursor: idCursorOf(cursors).optional() })
}
