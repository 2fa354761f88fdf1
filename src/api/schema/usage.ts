// How much a tenant publishes, on the wire.

import { z } from 'zod'
import type { ActivityNow, DayReport, HourActivity } from '../../engine/model/index.ts'
import { formatDay, formatTime, formatTimeOrNull } from '../../primitives/time.ts'
import { timeField, timeOrNull } from './fields.ts'

const DayUsageResponse = z.object({
  day: z.string().meta({ format: 'date', example: '2026-11-26', description: 'The day, in UTC.' }),
  events: z.int().meta({ description: 'The number of events accepted on this day.' }),
  deliveries: z.int().meta({
    description: 'The number of webhooks that these events matched, counted for each event.',
  }),
  bytes: z.int().meta({ description: 'The size of the `data` of these events, in bytes.' }),
  delivered: z
    .int()
    .meta({ description: 'The number of attempts made on this day that delivered.' }),
  failed: z.int().meta({ description: 'The number of attempts made on this day that failed.' }),
  dollars: z.number().meta({
    description:
      'What Cloudflare bills for this, in US dollars, by the price list beyond what a plan includes; an estimate.',
    example: 0.0125,
  }),
  invalid: z.int().meta({
    description:
      'The number of these events whose data is not valid, and whose types only warn of that.',
  }),
})

export const UsageResponse = z
  .object({
    items: z.array(DayUsageResponse).meta({
      description: 'The days on which anything happened, newest first, at most 31.',
    }),
  })
  .meta({ id: 'Usage' })
export type UsageResponse = z.infer<typeof UsageResponse>

export function toUsageResponse(days: readonly DayReport[]): UsageResponse {
  return { items: days.map(({ day, ...totals }) => ({ day: formatDay(day), ...totals })) }
}

const HourResponse = z.object({
  hour: timeField('When the hour began.'),
  events: z.int().meta({ description: 'The number of events accepted.' }),
  delivered: z.int().meta({ description: 'The number of attempts that delivered.' }),
  failed: z.int().meta({ description: 'The number of attempts that failed.' }),
  diverted: z.int().meta({ description: 'The number of deliveries that were given up.' }),
})

const TodayResponse = HourResponse.omit({ hour: true }).extend({
  bytes: z.int().meta({ description: 'The size of the `data` of these events, in bytes.' }),
  dollars: z.number().meta({ description: 'What Cloudflare bills for this; an estimate.' }),
})

export const WebhookActivityResponse = z
  .object({
    items: z
      .array(
        HourResponse.omit({ events: true }).extend({
          latencyMs: z.number().nullable().meta({
            description:
              'How long the receiver took to answer, in milliseconds, on average; null without a delivery.',
          }),
        }),
      )
      .meta({ description: 'The last 24 hours, oldest first. The last one is under way.' }),
  })
  .meta({ id: 'WebhookActivity' })
export type WebhookActivityResponse = z.infer<typeof WebhookActivityResponse>

export function toWebhookActivityResponse(hours: readonly HourActivity[]): WebhookActivityResponse {
  return {
    items: hours.map(({ hour, delivered, failed, diverted, latencyMs }) => ({
      ...{ hour: formatTime(hour), delivered, failed, diverted },
      latencyMs: delivered === 0 ? null : Math.round(latencyMs / delivered),
    })),
  }
}

export const ActivityResponse = z
  .object({
    today: TodayResponse.meta({ description: 'The sums of the present day, in UTC.' }),
    items: z.array(HourResponse).meta({
      description: 'The last 24 hours, oldest first. The last one is under way.',
    }),
    failing: z.int().meta({
      description: 'The number of webhooks whose last delivery failed and that are not suspended.',
    }),
    held: z.int().meta({
      description: 'The number of webhooks whose events wait because their receivers asked for it.',
    }),
    oldestUndeliveredAt: timeOrNull(
      'When the oldest event was accepted that waits for the webhook that has been failing or held for the longest time; null if none ' +
        'waits for it. Others that are failing or held may have an older one.',
    ),
  })
  .meta({ id: 'Activity' })
export type ActivityResponse = z.infer<typeof ActivityResponse>

export function toActivityResponse({
  hours,
  today,
  oldestUndeliveredAt,
  ...standing
}: ActivityNow): ActivityResponse {
  const { latencies: _, latencyMs: __, microdollars, ...sums } = today
  return {
    ...standing,
    oldestUndeliveredAt: formatTimeOrNull(oldestUndeliveredAt),
    today: { ...sums, dollars: microdollars / 1_000_000 },
    items: hours.map(({ hour, events, delivered, failed, diverted }) => {
      return { hour: formatTime(hour), events, delivered, failed, diverted }
    }),
  }
}
