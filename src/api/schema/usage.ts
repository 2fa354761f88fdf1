// How much a tenant publishes, on the wire.

import { z } from 'zod'
import type { DayUsage } from '../../engine/model/index.ts'
import { formatDay } from '../../primitives/time.ts'

const DayUsageResponse = z.object({
  day: z.string().meta({ format: 'date', example: '2026-11-26', description: 'The day, in UTC.' }),
  events: z.int().meta({ description: 'The number of events accepted on this day.' }),
  deliveries: z.int().meta({
    description: 'The number of webhooks that these events matched, counted for each event.',
  }),
  bytes: z.int().meta({ description: 'The size of the `data` of these events, in bytes.' }),
  invalid: z.int().meta({
    description:
      'The number of these events whose data is not valid, and whose types only warn of that.',
  }),
})

export const UsageResponse = z
  .object({
    items: z.array(DayUsageResponse).meta({
      description: 'The days on which events were accepted, newest first, at most 31.',
    }),
  })
  .meta({ id: 'Usage' })
export type UsageResponse = z.infer<typeof UsageResponse>

export function toUsageResponse(days: readonly DayUsage[]): UsageResponse {
  return { items: days.map(({ day, ...totals }) => ({ day: formatDay(day), ...totals })) }
}
