// Attempts as they happen, on the wire.

import { z } from 'zod'
import type { AttemptTo } from '../../engine/ports/index.ts'
import { cursorOf } from '../../http/pagination.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { AttemptResponse, toAttemptResponse } from './attempt.ts'
import { idField, StreamSeconds } from './fields.ts'

export const TailQueryInput = z.object({
  cursor: cursorOf(CURSORS.tail)
    .transform((cursor) => Number(CURSORS.tail.read(cursor)?.[0]))
    .optional(),
  seconds: StreamSeconds,
})

const WatchedAttempt = AttemptResponse.extend({ webhookId: idField('webhook') }).meta({
  id: 'WatchedAttempt',
})
type WatchedAttempt = z.infer<typeof WatchedAttempt>

export const TailResponse = z
  .object({
    items: z.array(WatchedAttempt).meta({ description: 'The attempts, oldest first.' }),
    behind: z.boolean().meta({
      description: 'Whether attempts are left out: there were too many, or the cursor is too old.',
    }),
    nextCursor: z.string().meta({ description: 'From where the next call goes on; opaque.' }),
  })
  .meta({ id: 'Tail' })

export function toWatchedAttempt({ webhookId, attempt }: AttemptTo): WatchedAttempt {
  return { ...toAttemptResponse(attempt), webhookId }
}
