// Paging tokens of the event stream: what was asked first and how far it was read, as a text that means nothing to
// clients. Every page has one, also the last: it leads to what is published later.

import { z } from 'zod'
import { EventType } from '../../engine/model/event-type.ts'
import { invalid } from '../../errors.ts'
import { tokensOf } from '../../primitives/cursor.ts'

/** The options of a first query, as they were written. */
export const StreamOptions = z.object({
  startTimestamp: z
    .string()
    .optional()
    .meta({ description: 'Only events accepted at or after this time.' }),
  endTimestamp: z
    .string()
    .optional()
    .meta({ description: 'Only events accepted before this time.' }),
  type: EventType.optional().meta({ description: 'Only events of this type.' }),
  pageSize: z.string().optional().meta({ description: 'The maximum number of events.' }),
})

const Position = z.strictObject({ ...StreamOptions.shape, cursor: z.string().min(1).optional() })
export type Position = z.infer<typeof Position>

const tokens = tokensOf(Position)

export const toPagingToken = tokens.write

/** Throws `invalid` for a text that is no token of ours. */
export function fromPagingToken(token: string): Position {
  const position = tokens.read(token)
  if (position === null) throw invalid(['pagingToken'], 'Not a paging token of this list.')
  return position
}
