// Attempts and health of a webhook on the wire.

import { z } from 'zod'
import { optional } from '../../engine/intake/event-input.ts'
import { EventType } from '../../engine/model/event-type.ts'
import {
  type Attempt,
  type HealthReport,
  statusOf,
  type Webhook,
} from '../../engine/model/index.ts'
import { cursorOf, Limit } from '../../http/pagination.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { formatTime, formatTimeOrNull, Timestamp } from '../../primitives/time.ts'
import { Id, Time } from './fields.ts'

const Outcome = z.enum(['delivered', 'failed'])

export const AttemptQueryInput = z.object({
  outcome: Outcome.optional(),
  after: Timestamp.optional(),
  before: Timestamp.optional(),
  limit: Limit,
  cursor: cursorOf(CURSORS.attempts).optional(),
})

/** `data` is described here and cut out of the text of the request. */
export const TestWebhook = z
  .strictObject({ type: optional(EventType), data: optional(z.looseObject({})) })
  .meta({ id: 'TestWebhook' })

export const AttemptResponse = z
  .object({
    id: Id,
    eventId: Id,
    eventType: z.string(),
    attempt: z.int(),
    at: Time,
    outcome: Outcome,
    statusCode: z.int().nullable(),
    durationMs: z.number(),
    error: z.string().nullable(),
    responseExcerpt: z.string().nullable(),
    nextAttemptAt: Time.nullable(),
  })
  .meta({ id: 'Attempt' })
export type AttemptResponse = z.infer<typeof AttemptResponse>

export function toAttemptResponse(attempt: Attempt): AttemptResponse {
  const { run: _, at, nextAttemptAt, ...same } = attempt
  return { ...same, at: formatTime(at), nextAttemptAt: formatTimeOrNull(nextAttemptAt) }
}

export const HealthResponse = z
  .object({
    status: z.enum(['active', 'disabled', 'suspended']),
    consecutiveFailures: z.int(),
    failingSince: Time.nullable(),
    suspendsAt: Time.nullable().meta({
      description: 'When the webhook will be suspended, unless a delivery succeeds before then.',
    }),
    lastSuccessAt: Time.nullable(),
    lane: z.enum(['fast', 'slow']),
    totals: z.object({
      delivered: z.int(),
      failed: z.int(),
      diverted: z.int(),
      unsendable: z.int().meta({
        description:
          'Events that the webhook’s format cannot express. They do not count towards a suspension.',
      }),
    }),
    latencyMs: z.object({ p50: z.number().nullable(), p95: z.number().nullable() }),
  })
  .meta({ id: 'Health', description: 'Totals and latency cover the last 24 hours.' })
export type HealthResponse = z.infer<typeof HealthResponse>

export function toHealthResponse(
  report: HealthReport & { readonly suspendsAt: number | null; readonly webhook: Webhook },
): HealthResponse {
  const { health, totals, latencyMs, suspendsAt, webhook } = report
  return {
    status: statusOf(webhook),
    consecutiveFailures: health.consecutiveFailures,
    failingSince: formatTimeOrNull(health.failingSince),
    suspendsAt: formatTimeOrNull(suspendsAt),
    lastSuccessAt: formatTimeOrNull(health.lastSuccessAt),
    lane: health.lane,
    totals: { ...totals },
    latencyMs: { ...latencyMs },
  }
}
