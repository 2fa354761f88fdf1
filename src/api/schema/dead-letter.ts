// Dead letters on the wire.

import { z } from 'zod'
import type { DeadLetter } from '../../engine/ports/index.ts'
import { formatTime } from '../../primitives/time.ts'
import { Time } from './fields.ts'

export const DeadLetterResponse = z
  .object({
    id: z.string(),
    queue: z.string(),
    reason: z.string().meta({
      description:
        'Why the message could not be processed. Says so if the message was cut, and how long it was.',
    }),
    body: z.string().meta({ description: 'The message, as text.' }),
    at: Time,
  })
  .meta({ id: 'DeadLetter' })
export type DeadLetterResponse = z.infer<typeof DeadLetterResponse>

export function toDeadLetterResponse({
  id,
  queue,
  reason,
  body,
  at,
}: DeadLetter): DeadLetterResponse {
  return { id, queue, reason, body, at: formatTime(at) }
}
