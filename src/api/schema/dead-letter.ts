// Dead letters on the wire.

import { z } from 'zod'
import type { DeadLetter } from '../../engine/ports/index.ts'
import { formatTime } from '../../primitives/time.ts'
import { timeField } from './fields.ts'

export const DeadLetterResponse = z
  .object({
    id: z.string().meta({ description: 'The id of the message in its queue.' }),
    queue: z.string().meta({ description: 'The name of the queue.' }),
    reason: z.string().meta({
      description:
        'Why the message could not be processed. Says so if the message was cut, and how long it was.',
    }),
    body: z.string().meta({ description: 'The message, as text.' }),
    at: timeField('When the message was put aside.'),
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
