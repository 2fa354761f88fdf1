// What a row of reports holds as JSON, with a default for whatever a released version left out.

import { z } from 'zod'
import { INITIAL_HEALTH } from '../../../engine/health/health.ts'
import type { Attempt, Health, ResponseFacts } from '../../../engine/model/index.ts'
import { DIAGNOSTIC_HEADERS, FIRST_RUN } from '../../../engine/model/index.ts'

export const StoredHealth: z.ZodType<Health> = z.object({
  version: z.number().default(INITIAL_HEALTH.version),
  consecutiveFailures: z.number().default(INITIAL_HEALTH.consecutiveFailures),
  failingSince: z.number().nullable().default(INITIAL_HEALTH.failingSince),
  failedEvents: z.number().default(INITIAL_HEALTH.failedEvents),
  exhaustedEvents: z.number().default(INITIAL_HEALTH.exhaustedEvents),
  lastSuccessAt: z.number().nullable().default(INITIAL_HEALTH.lastSuccessAt),
  suspendedAt: z.number().nullable().default(INITIAL_HEALTH.suspendedAt),
  suspendedReason: z.enum(['failing', 'gone']).nullable().default(INITIAL_HEALTH.suspendedReason),
  lane: z.enum(['fast', 'slow']).default(INITIAL_HEALTH.lane),
  laneStreak: z.number().default(INITIAL_HEALTH.laneStreak),
  hold: z
    .object({
      since: z.number(),
      askedAt: z.number(),
      until: z.number(),
      pace: z.number(),
      isAnswering: z.boolean(),
    })
    .nullable()
    .default(INITIAL_HEALTH.hold),
})

const StoredFacts = z.object({
  headers: z.partialRecord(z.enum(DIAGNOSTIC_HEADERS), z.string()).default({}),
  redirect: z.object({ from: z.string(), to: z.string() }).optional(),
  sentCredentials: z.literal(true).optional(),
}) satisfies z.ZodType<ResponseFacts>

export const StoredAttempt = z.object({
  id: z.string().default(''),
  eventId: z.string(),
  eventType: z.string().default(''),
  run: z.string().default(FIRST_RUN),
  attempt: z.number().default(1),
  at: z.number(),
  outcome: z.enum(['delivered', 'failed']),
  statusCode: z.number().nullable().default(null),
  durationMs: z.number().default(0),
  error: z.string().nullable().default(null),
  responseExcerpt: z.string().nullable().default(null),
  responseFacts: StoredFacts.optional(),
  nextAttemptAt: z.number().nullable().default(null),
}) satisfies z.ZodType<Attempt>
