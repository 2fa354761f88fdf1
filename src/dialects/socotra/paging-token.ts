// Paging tokens of the event stream: what was asked first and how far it was read, as a text that means nothing to
// clients. Every page has one, also the last: it leads to what is published later.

import { z } from 'zod'
import { EventType } from '../../engine/intake/event-input.ts'
import { invalid } from '../../errors.ts'

/** The options of a first query, as they were written. */
export const StreamOptions = z.object({
  startTimestamp: z.string().optional(),
  endTimestamp: z.string().optional(),
  type: EventType.optional(),
  pageSize: z.string().optional(),
})

const Position = z.strictObject({ ...StreamOptions.shape, cursor: z.string().min(1).optional() })
export type Position = z.infer<typeof Position>

export function toPagingToken(position: Position): string {
  const bytes = new TextEncoder().encode(JSON.stringify(position))
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** Throws `invalid` for a text that is no token of ours. */
export function fromPagingToken(token: string): Position {
  const result = Position.safeParse(decode(token))
  if (result.success) return result.data
  throw invalid(['pagingToken'], 'Not a paging token of this list.')
}

/** Null for what `toPagingToken` did not write. */
function decode(token: string): unknown {
  try {
    const bytes = Uint8Array.fromBase64(token, { alphabet: 'base64url' })
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}
