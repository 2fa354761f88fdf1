// Events and what is kept with them, as they come back from a queue or a store.

import { z } from 'zod'
import type { DivertedEvent, Event } from './index.ts'

export const EventSchema: z.ZodType<Event> = z.object({
  id: z.string(),
  type: z.string(),
  time: z.string(),
  data: z.string(),
  versions: z
    .array(
      z.object({
        from: z.string(),
        version: z.string().nullable(),
        data: z.string().nullable().optional(),
        failure: z.string().optional(),
      }),
    )
    .optional(),
  invalid: z.literal(true).optional(),
  scope: z.record(z.string(), z.string()).default({}),
  channels: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
  uid: z.string().optional(),
  raw: z.object({ text: z.string(), contentType: z.string().nullable() }).optional(),
  actor: z.string().nullable().default(null),
  requestId: z.string().nullable().default(null),
  trace: z.object({ traceparent: z.string(), tracestate: z.string().optional() }).optional(),
  cloudEvent: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  retentionDays: z.number().optional(),
  expungedAt: z.number().optional(),
  publishedAt: z.number().optional(),
  cancelledAt: z.number().optional(),
})

export const DivertedEventSchema: z.ZodType<DivertedEvent> = z.object({
  event: EventSchema,
  trigger: z.union([
    z.number(),
    z.enum(['timeout', 'suspended', 'disabled', 'paused', 'rate', 'order', 'crashed']),
  ]),
  message: z.string(),
  divertedAt: z.number(),
})
