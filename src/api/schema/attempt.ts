// Attempts of a webhook on the wire.

import { z } from 'zod'
import { ALL_CAUSES, diagnose } from '../../engine/diagnosis/diagnose.ts'
import { optional, Uuid } from '../../engine/intake/event-input.ts'
import { EventType } from '../../engine/model/event-type.ts'
import type { Attempt } from '../../engine/model/index.ts'
import { cursorOf, Limit } from '../../http/pagination.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { MASK } from '../../primitives/mask.ts'
import { formatTime, formatTimeOrNull, Timestamp } from '../../primitives/time.ts'
import { idField, timeField, timeOrNull } from './fields.ts'

const Outcome = z.enum(['delivered', 'failed'])

export const AttemptQueryInput = z.object({
  eventId: Uuid.optional().meta({ description: 'Only attempts to deliver this event.' }),
  outcome: Outcome.optional().meta({ description: 'Only attempts with this outcome.' }),
  after: Timestamp.optional().meta({ description: 'Only attempts made after this time.' }),
  before: Timestamp.optional().meta({ description: 'Only attempts made before this time.' }),
  limit: Limit,
  cursor: cursorOf(CURSORS.webhookAttempts).optional(),
})

/** `data` is described here and cut out of the text of the request. */
export const TestWebhook = z
  .strictObject({
    type: optional(EventType, 'The type of the test event. Defaults to `webhook.test`.'),
    data: optional(
      z.looseObject({}),
      'The payload of the test event. Defaults to the first example of the type in the catalogue that is valid under the version that the webhook gets.',
    ),
  })
  .meta({ id: 'TestWebhook' })

export const DiagnosisResponse = z
  .object({
    cause: z.enum(ALL_CAUSES).meta({
      description:
        'Why the attempt failed; `unknown` if Hookline cannot tell. Later versions may add causes.',
    }),
    explanation: z.string().meta({ description: 'What happened, in a sentence or more.' }),
    remedy: z.string().meta({ description: 'What to do about it, in a sentence or more.' }),
    useUrl: z.string().nullable().meta({
      description: 'The URL that the webhook should have instead; null if none is known.',
    }),
    source: z
      .string()
      .nullable()
      .meta({ description: 'A page about this cause; null without one.' }),
  })
  .meta({ id: 'Diagnosis' })

export const AttemptResponse = z
  .object({
    id: idField('attempt'),
    eventId: idField('event'),
    eventType: z.string().meta({ description: 'The type of the event.' }),
    attempt: z.int().meta({ description: 'The number of the attempt, from 1.' }),
    at: timeField('When the request was made.'),
    outcome: Outcome.meta({ description: 'Whether the receiver answered with a 2xx in time.' }),
    statusCode: z
      .int()
      .nullable()
      .meta({ description: 'The status code of the response; null if there was none.' }),
    durationMs: z.number().meta({ description: 'How long the request took, in milliseconds.' }),
    error: z.string().nullable().meta({ description: 'What went wrong; null if nothing did.' }),
    responseExcerpt: z
      .string()
      .nullable()
      .meta({
        description: `The beginning of the response body. Secrets of the request are shown as "${MASK}".`,
      }),
    responseHeaders: z.record(z.string(), z.string()).meta({
      description: `Headers of a response that refuses, by their names in lower case: those that tell why, such as \`retry-after\`, and of \`location\` the origin and path. Others are not kept. Secrets of the request are shown as "${MASK}".`,
    }),
    diagnosis: DiagnosisResponse.nullable().meta({
      description: 'Why it failed, and what to do about it; null if it was delivered.',
    }),
    nextAttemptAt: timeOrNull('When the next attempt is due; null if none is.'),
    batchId: z.string().nullable().meta({
      description:
        'The `webhook-id` of the request, where the event went in a batch, alone or with others; else null.',
    }),
  })
  .meta({ id: 'Attempt' })
export type AttemptResponse = z.infer<typeof AttemptResponse>

export function toAttemptResponse(attempt: Attempt): AttemptResponse {
  const { run: _, responseFacts: facts, at, nextAttemptAt, batchId = null, ...same } = attempt
  return {
    ...same,
    at: formatTime(at),
    responseHeaders: {
      ...facts?.headers,
      ...(facts?.redirect && { location: facts.redirect.to }),
    },
    diagnosis: diagnose(attempt),
    nextAttemptAt: formatTimeOrNull(nextAttemptAt),
    batchId,
  }
}
