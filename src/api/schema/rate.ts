// The rate of a webhook on the wire.

import { z } from 'zod'
import type { AllowedRate, HealthReport, Rate } from '../../engine/model/index.ts'
import { RATE_LIMITS } from '../../limits.ts'
import { formatTime } from '../../primitives/time.ts'
import { timeField, wholeNumber } from './fields.ts'

export const RATE_MEANING =
  'How many requests the webhook gets at most: in any second or in any minute, and under way at a time. What exceeds it waits. Null: no bound.'

const FIELDS = {
  perSecond: 'Requests in any second at most.',
  perMinute: 'Requests in any minute at most.',
  concurrency: 'Requests under way at a time at most.',
} as const

const bound = (name: keyof typeof FIELDS) =>
  wholeNumber(1, RATE_LIMITS[name]).nullish().meta({ description: FIELDS[name] })

export const RateInput = z
  .strictObject({
    perSecond: bound('perSecond'),
    perMinute: bound('perMinute'),
    concurrency: bound('concurrency'),
  })
  .refine(
    ({ perSecond, perMinute }) => !perSecond || !perMinute,
    'Only one of perSecond and perMinute may be given.',
  )
  .refine(
    (rate) => Object.values(rate).some((most) => typeof most === 'number'),
    'At least one of perSecond, perMinute and concurrency must be given.',
  )
  .transform(({ perSecond = null, perMinute = null, concurrency = null }): Rate => {
    return { perSecond, perMinute, concurrency }
  })

const shown = (name: keyof typeof FIELDS) => z.int().nullable().meta({ description: FIELDS[name] })

export const RateResponse = z.object({
  perSecond: shown('perSecond'),
  perMinute: shown('perMinute'),
  concurrency: shown('concurrency'),
})

export const RateHealth = z.object({
  ...RateResponse.shape,
  allowed: z
    .object({
      perMinute: z.int().meta({ description: 'Requests in any minute at most.' }),
      since: timeField('When the receiver last said so.'),
    })
    .nullable()
    .meta({
      description:
        'What the receiver allows by `WebHook-Allowed-Rate`; null if it did not say so in the last 24 hours. The lower rate counts.',
    }),
  waiting: z.int().meta({
    description: 'Deliveries that wait for their turn, without what waits for its batch.',
  }),
  underWay: z.int().meta({ description: 'Deliveries on their way, or sent and not answered.' }),
})

/** What a webhook’s rate has wait; null: it has none, and its receiver asks for none. */
export function toRateHealth(
  rate: Rate | null,
  allowed: AllowedRate | undefined,
  { waiting, underWay, forOthers }: Pick<HealthReport, 'waiting' | 'underWay' | 'forOthers'>,
): z.infer<typeof RateHealth> | null {
  if (rate === null && allowed === undefined) return null
  return {
    ...(rate ?? { perSecond: null, perMinute: null, concurrency: null }),
    allowed: allowed ? { perMinute: allowed.perMinute, since: formatTime(allowed.at) } : null,
    waiting: waiting - underWay - forOthers,
    underWay,
  }
}
