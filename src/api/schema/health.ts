// The health of a webhook on the wire.

import { z } from 'zod'
import { diagnose } from '../../engine/diagnosis/diagnose.ts'
import {
  type Attempt,
  batchOf,
  type HealthReport,
  HOLD_REASONS,
  isPaused,
  isPausedFor,
  orderOf,
  PAUSE_REASONS,
  type PullConsumer,
  rateOf,
  statusOf,
  type Webhook,
} from '../../engine/model/index.ts'
import { formatTime, formatTimeOrNull } from '../../primitives/time.ts'
import { DiagnosisResponse } from './attempt.ts'
import { BatchHealth, toBatchHealth } from './batch.ts'
import { ShownStatus, timeField, timeOrNull } from './fields.ts'
import { OrderHealth, toOrderHealth } from './order.ts'
import { PullHealth, toPullHealth } from './pull.ts'
import { RateHealth, toRateHealth } from './rate.ts'

export const HealthResponse = z
  .object({
    status: ShownStatus,
    consecutiveFailures: z
      .int()
      .meta({ description: 'The number of failed attempts since the last success.' }),
    failingSince: timeOrNull('When the first of these failures was; null if there is none.'),
    suspendsAt: timeOrNull(
      'When the webhook will be suspended, unless a delivery succeeds before then.',
    ),
    lastSuccessAt: timeOrNull('When an attempt last succeeded; null if none ever did.'),
    diagnosis: DiagnosisResponse.nullable().meta({
      description:
        'Why the latest attempt failed; null without failures since the last success, or where that attempt is not kept any more.',
    }),
    lane: z.enum(['fast', 'slow']).meta({
      description: '`slow` if deliveries wait behind those of healthy webhooks.',
    }),
    hold: z
      .object({
        reason: z.enum(HOLD_REASONS).meta({
          description:
            '`asked`: the receiver answered 429 or 503 with `Retry-After`. `no_answer`: it left ten attempts in a row, begun within a ' +
            'minute, without an answer. `catching_up`: what waited is on its way.',
        }),
        since: timeField('When the first pause began.'),
        until: timeField(
          'When the pause is over. What waits is sent from then on, a little faster each time.',
        ),
        waiting: z
          .int()
          .meta({ description: 'Deliveries that wait, or were sent and not answered.' }),
      })
      .nullable()
      .meta({
        description:
          'Events for the receiver wait, because it asked for less, does not answer, or what waited is only now on its way; null if they do not.',
      }),
    pause: z
      .object({
        since: timeField('When the webhook was paused.'),
        reasons: z.array(z.enum(PAUSE_REASONS)).meta({
          description:
            '`owner`: its owner wants it so. `unverified`: its receiver has not agreed to be sent to.',
        }),
        waiting: z
          .int()
          .meta({ description: 'Deliveries that wait, or were sent and not answered.' }),
      })
      .nullable()
      .meta({
        description:
          'The webhook is paused, or not verified: its events wait; null if it is neither.',
      }),
    rate: RateHealth.nullable().meta({
      description: 'The webhook has a rate, or its receiver allows no more; null if neither is so.',
    }),
    pull: PullHealth.nullable().meta({
      description: 'The webhook is a pull webhook; null if events are sent to it.',
    }),
    order: OrderHealth.nullable().meta({
      description: 'Events of the webhook come in order; null if they do not.',
    }),
    batch: BatchHealth.nullable().meta({
      description: 'Events of the webhook go together in one request; null if they do not.',
    }),
    totals: z
      .object({
        delivered: z.int().meta({ description: 'Attempts that succeeded.' }),
        failed: z.int().meta({ description: 'Attempts that failed.' }),
        diverted: z.int().meta({ description: 'Events that were given up and kept.' }),
        unsendable: z.int().meta({
          description:
            'Events that the webhook’s format cannot express. They do not count towards a suspension.',
        }),
      })
      .meta({ description: 'What happened, counted.' }),
    latencyMs: z
      .object({
        p50: z.number().nullable().meta({ description: 'The median; null without attempts.' }),
        p95: z.number().nullable().meta({
          description: 'The 95th percentile; null if there were no attempts.',
        }),
      })
      .meta({ description: 'How long receivers took to answer, in milliseconds.' }),
  })
  .meta({ id: 'Health', description: 'Totals and latency cover the last 24 hours.' })
export type HealthResponse = z.infer<typeof HealthResponse>

export function toHealthResponse(
  report: HealthReport & {
    readonly suspendsAt: number | null
    readonly webhook: Webhook
    readonly latestFailure: Attempt | null
    readonly consumers: readonly PullConsumer[] | null
  },
): HealthResponse {
  const {
    health,
    waiting,
    underWay,
    forOthers,
    order,
    totals,
    latencyMs,
    suspendsAt,
    webhook,
    latestFailure,
    consumers,
  } = report
  return {
    status: statusOf(webhook),
    consecutiveFailures: health.consecutiveFailures,
    failingSince: formatTimeOrNull(health.failingSince),
    suspendsAt: formatTimeOrNull(suspendsAt),
    lastSuccessAt: formatTimeOrNull(health.lastSuccessAt),
    diagnosis: latestFailure && diagnose(latestFailure),
    lane: health.lane,
    hold: health.hold && {
      reason: health.hold.reason,
      since: formatTime(health.hold.since),
      until: formatTime(health.hold.until),
      waiting,
    },
    pause:
      isPaused(webhook) && webhook.pause
        ? {
            since: formatTime(webhook.pause.since),
            reasons: PAUSE_REASONS.filter((reason) => isPausedFor(reason, webhook)),
            waiting,
          }
        : null,
    rate: toRateHealth(rateOf(webhook), health.allowed, { waiting, underWay, forOthers }),
    pull: consumers && toPullHealth(consumers),
    order: toOrderHealth(orderOf(webhook), order),
    batch: toBatchHealth(batchOf(webhook), { forOthers, underWay }),
    totals: { ...totals },
    latencyMs: { ...latencyMs },
  }
}
