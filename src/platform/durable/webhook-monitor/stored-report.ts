// What a row of reports holds as JSON, with a default for whatever a released version left out, and how excerpts of responses leave it, and what events were answered with.

import { z } from 'zod'
import { INITIAL_HEALTH } from '../../../engine/health/health.ts'
import type { Attempt, Health, ResponseFacts } from '../../../engine/model/index.ts'
import {
  DIAGNOSTIC_HEADERS,
  FIRST_RUN,
  HOLD_REASONS,
  hasResponseContent,
  withoutResponseContent,
} from '../../../engine/model/index.ts'
import type { DeliveryKey, LastAnswer } from '../../../engine/ports/index.ts'
import { timeOf } from '../../../primitives/ids.ts'
import {
  BatchingColumn,
  OrderingColumn,
  PauseColumn,
  ThrottleColumn,
} from '../../d1/json-columns.ts'
import { jsonText } from '../rows.ts'
import type { ReportTables } from './report-tables.ts'

const StoredHealth: z.ZodType<Health> = z.object({
  version: z.number().default(INITIAL_HEALTH.version),
  consecutiveFailures: z.number().default(INITIAL_HEALTH.consecutiveFailures),
  failingSince: z.number().nullable().default(INITIAL_HEALTH.failingSince),
  failedEvents: z.number().default(INITIAL_HEALTH.failedEvents),
  exhaustedEvents: z.number().default(INITIAL_HEALTH.exhaustedEvents),
  lastSuccessAt: z.number().nullable().default(INITIAL_HEALTH.lastSuccessAt),
  suspendedAt: z.number().nullable().default(INITIAL_HEALTH.suspendedAt),
  suspendedReason: z.enum(['failing', 'gone']).nullable().default(INITIAL_HEALTH.suspendedReason),
  toldFailing: z
    .array(z.enum(['first_hour', 'half_time']))
    .readonly()
    .default(INITIAL_HEALTH.toldFailing),
  lane: z.enum(['fast', 'slow']).default(INITIAL_HEALTH.lane),
  laneStreak: z.number().default(INITIAL_HEALTH.laneStreak),
  silence: z
    .object({ since: z.number(), attempts: z.number() })
    .nullable()
    .default(INITIAL_HEALTH.silence),
  hold: z
    .object({
      reason: z.enum(HOLD_REASONS).default('asked'),
      since: z.number(),
      askedAt: z.number(),
      until: z.number(),
      pace: z.number(),
      isAnswering: z.boolean(),
    })
    .nullable()
    .default(INITIAL_HEALTH.hold),
  pause: PauseColumn.nullable().default(INITIAL_HEALTH.pause),
  throttle: ThrottleColumn.optional(),
  ordering: OrderingColumn.optional(),
  batching: BatchingColumn.optional(),
  allowed: z.object({ perMinute: z.number(), at: z.number() }).optional(),
})

/** Whose monitor it is, as each report says it. */
const Subject = z.object({
  of: z.object({ tenantId: z.string(), webhookId: z.string() }).nullable().default(null),
})
export type MonitorSubject = NonNullable<z.infer<typeof Subject>['of']>

export const LatestRow = z.object({
  seq: z.number(),
  health: jsonText(StoredHealth.and(Subject)).transform(({ of, ...health }) => ({ of, health })),
})
/** The newest report, as far as the next one goes on from it. */
export interface Latest {
  readonly seq: number
  readonly health: Health
  readonly of: MonitorSubject | null
}

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
  batchId: z.string().optional(),
}) satisfies z.ZodType<Attempt>

const Row = z.object({ seq: z.number(), attempts: jsonText(z.array(StoredAttempt)) })

/** Removes what responses to attempts of events said, or to one attempt; the events that attempts were made of. */
export function eraseExcerpts(
  tables: ReportTables,
  eventIds: readonly string[],
  attemptId?: string,
): ReadonlySet<string> {
  const found = new Set<string>()
  const meant = new Set(eventIds)
  const isErased = (one: Attempt) => meant.has(one.eventId) && (attemptId ?? one.id) === one.id
  const changed = new Map<number, readonly Attempt[]>()
  for (const { seq, attempts } of tables.readAbout(Row, 'seq, attempts', eventIds)) {
    const told = attempts.filter(({ eventId }) => meant.has(eventId))
    for (const { eventId } of told) found.add(eventId)
    if (!told.some((one) => isErased(one) && hasResponseContent(one))) continue
    const bare = attempts.map((one) => (isErased(one) ? withoutResponseContent(one) : one))
    changed.set(seq, bare)
  }
  for (const [seq, attempts] of changed) {
    tables.rewrite(seq, JSON.stringify(attempts))
  }
  return found
}

/** Whether a stored attempt is of one of these events. */
export function isOfOne(attempt: unknown, eventIds: ReadonlySet<unknown>): boolean {
  const isObject = typeof attempt === 'object' && attempt !== null
  return isObject && 'eventId' in attempt && eventIds.has(attempt.eventId)
}

const AnswersRow = z.object({
  attempts: jsonText(
    z.array(z.object({ eventId: z.string(), at: z.number(), statusCode: z.number().nullable() })),
  ),
})

/** In order; null for an event that no report tells of. One pass over the reports since the oldest of them. */
export function findLastAnswers(
  tables: ReportTables,
  eventIds: readonly string[],
): (LastAnswer | null)[] {
  const found = new Map<string, LastAnswer>()
  const asked = new Set(eventIds)
  for (const { attempts } of tables.readAbout(AnswersRow, 'attempts', eventIds)) {
    for (const { eventId, at, statusCode } of attempts) {
      if (asked.has(eventId) && at >= (found.get(eventId)?.at ?? 0)) {
        found.set(eventId, { at, statusCode })
      }
    }
  }
  return eventIds.map((id) => found.get(id) ?? null)
}

/** Unix milliseconds before which a delivery cannot have been attempted. */
export function timeOfKey({ eventId, run }: DeliveryKey): number {
  return run === FIRST_RUN ? timeOf(eventId) : Math.max(timeOf(eventId), timeOf(run))
}
