// What of Hookline's answers commands read; whatever else there is goes on to who reads JSON.

import { z } from 'zod'

const nullableText = z.string().nullable()

export const Webhook = z.looseObject({
  id: z.string(),
  name: nullableText,
  url: nullableText,
  pull: z.boolean(),
  eventTypes: z.array(z.string()),
  status: z.string(),
})
export type Webhook = z.infer<typeof Webhook>

export const LoggedEvent = z.looseObject({
  id: z.string(),
  type: z.string(),
  time: z.string(),
  state: z.string(),
})
export type LoggedEvent = z.infer<typeof LoggedEvent>

const Diagnosis = z.looseObject({ cause: z.string(), explanation: z.string(), remedy: z.string() })

export const Attempt = z.looseObject({
  id: z.string(),
  eventId: z.string(),
  eventType: z.string(),
  attempt: z.number(),
  at: z.string(),
  outcome: z.string(),
  statusCode: z.number().nullable(),
  durationMs: z.number(),
  error: nullableText,
  diagnosis: Diagnosis.nullable(),
  nextAttemptAt: nullableText,
})
export type Attempt = z.infer<typeof Attempt>

export const WatchedAttempt = Attempt.extend({ webhookId: z.string() })
export type WatchedAttempt = z.infer<typeof WatchedAttempt>

export const Delivery = z.looseObject({
  webhookId: z.string(),
  url: nullableText,
  status: z.string(),
  attempts: z.number(),
  statusCode: z.number().nullable(),
  error: nullableText,
  nextAttemptAt: nullableText,
  reason: nullableText,
})
export type Delivery = z.infer<typeof Delivery>

const Unmatched = z.looseObject({
  webhookId: z.string(),
  reasons: z.array(z.string()),
  detail: nullableText,
})
export type Unmatched = z.infer<typeof Unmatched>

export const ExplainedEvent = LoggedEvent.extend({
  deliveries: z.array(Delivery),
  unmatched: z.looseObject({ items: z.array(Unmatched), nextCursor: nullableText }).optional(),
})

export const Accepted = z.looseObject({
  events: z.array(z.looseObject({ id: z.string(), type: z.string(), duplicate: z.boolean() })),
})

export const EventTypeShape = z.looseObject({ name: z.string(), examples: z.array(z.unknown()) })

const PulledEvent = z.object({
  id: z.string(),
  headers: z.record(z.string(), z.string()),
  body: nullableText,
  error: nullableText,
})
export type PulledEvent = z.infer<typeof PulledEvent>

export const PullPage = z.object({
  items: z.array(PulledEvent),
  cursor: z.string(),
  more: z.boolean(),
})
