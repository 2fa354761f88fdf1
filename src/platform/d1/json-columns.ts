// Columns that hold JSON: read through a schema, where what a released version left out has a default.

import { customType } from 'drizzle-orm/sqlite-core'
import { z } from 'zod'
import { DEFAULT_FAILURE_HANDLING } from '../../engine/attempt/failure-handling.ts'
import {
  type Batching,
  type FailureHandling,
  type FieldChange,
  FORMATS,
  type HttpSignature,
  type Json,
  OPERATOR_PERMISSIONS,
  type Ordering,
  PAUSE_REASONS,
  type Pause,
  type Permission,
  type Pin,
  type Scope,
  type Shape,
  type Throttle,
  VERIFICATION_METHODS,
  type Verification,
  type WebhookSecrets,
} from '../../engine/model/index.ts'

/** A column of texts that are JSON of what the schema says. */
export function jsonColumn<Value>(name: string, schema: z.ZodType<Value>) {
  return customType<{ data: Value; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (text) => schema.parse(JSON.parse(text)),
  })(name)
}

/** A permission that this version does not know permits nothing. */
export const Permissions: z.ZodType<readonly Permission[]> = z
  .array(z.string())
  .transform((names) =>
    names.flatMap((name) => OPERATOR_PERMISSIONS.find((known) => known === name) ?? []),
  )

export const Metadata: z.ZodType<Readonly<Record<string, string>>> = z.record(
  z.string(),
  z.string(),
)

export const EventTypePatterns: z.ZodType<readonly string[]> = z.array(z.string())

export const FeatureFlags: z.ZodType<readonly string[]> = z.array(z.string())

export const Channels: z.ZodType<readonly string[]> = z.array(z.string())

export const ScopeEntries: z.ZodType<Scope> = z.record(z.string(), z.string())

export const Pins: z.ZodType<readonly Pin[]> = z.array(
  z.object({ version: z.string().nullable(), since: z.number() }),
)

export const Shapes: z.ZodType<readonly Shape[]> = z.array(
  z.object({
    filter: z.string().nullable(),
    body: z.string().nullable(),
    name: z.string().nullable(),
    since: z.number(),
    headers: z.record(z.string(), z.string()).exactOptional(),
    path: z.string().nullable().exactOptional(),
    query: z.record(z.string(), z.string()).exactOptional(),
    format: z.enum(FORMATS).exactOptional(),
  }),
)
/** A reason that this version does not know is one of its owner's. */
export const PauseColumn: z.ZodType<Pause> = z.object({
  since: z.number(),
  isOver: z.boolean(),
  reasons: z.array(z.enum(PAUSE_REASONS).catch('owner')).optional(),
})

export const VerificationColumn: z.ZodType<Verification> = z.object({
  method: z.enum(VERIFICATION_METHODS),
  askedAt: z.number().nullable().default(null),
  verifiedAt: z.number().nullable().default(null),
  error: z.string().nullable().default(null),
})

export const ThrottleColumn: z.ZodType<Throttle> = z.object({
  since: z.number(),
  rate: z
    .object({
      perSecond: z.number().nullable().default(null),
      perMinute: z.number().nullable().default(null),
      concurrency: z.number().nullable().default(null),
    })
    .nullable(),
})

export const OrderingColumn: z.ZodType<Ordering> = z.object({
  since: z.number(),
  order: z
    .object({
      key: z.string().nullable().default(null),
      onFailure: z.enum(['continue', 'block']).default('continue'),
    })
    .nullable(),
})

export const BatchingColumn: z.ZodType<Batching> = z.object({
  since: z.number(),
  batch: z.object({ maxEvents: z.number(), maxWaitMs: z.number() }).nullable(),
})

export const HttpSignatureColumn: z.ZodType<HttpSignature> = z.discriminatedUnion('profile', [
  z.object({ profile: z.literal('standard') }),
  z.object({ profile: z.literal('ucp'), ucpAgent: z.string() }),
])

export const Attributes: z.ZodType<Readonly<Record<string, Json>>> = z.record(z.string(), z.json())

/** Numbers in an order that their readers know; a later version adds at the end. */
export const Counts: z.ZodType<readonly number[]> = z.array(z.number())

/** For each hour its number and its sums. */
export const HoursOfDay: z.ZodType<readonly (readonly number[])[]> = z.array(Counts)

const { timeoutMs, triggers } = DEFAULT_FAILURE_HANDLING

export const Handling: z.ZodType<FailureHandling> = z.object({
  triggers: z
    .array(z.union([z.number(), z.enum(['3xx', '4xx', '5xx', 'timeout'])]))
    .default([...triggers]),
  retry: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('schedule'), delaysSeconds: z.array(z.number()) }),
      z.object({
        type: z.enum(['linear', 'exponential']),
        intervalSeconds: z.number(),
        attempts: z.number(),
      }),
    ])
    .nullable()
    .default(null),
  divert: z.boolean().default(DEFAULT_FAILURE_HANDLING.divert),
  suspend: z
    .object({ afterSeconds: z.number(), afterFailures: z.number() })
    .nullable()
    .default(null),
  alertUrl: z.string().nullable().default(null),
  timeoutMs: z.number().default(timeoutMs),
})

export const FieldChanges: z.ZodType<readonly FieldChange[]> = z.array(
  z.object({
    field: z.string(),
    before: z.string().nullable().optional(),
    after: z.string().nullable().optional(),
  }),
)

/** What `sealed` holds. */
export const Secrets: z.ZodType<WebhookSecrets> = z.object({
  signing: z
    .array(z.object({ secret: z.string(), expiresAt: z.number().nullable().default(null) }))
    .default([]),
  headers: z.array(z.tuple([z.string(), z.string()])).default([]),
  attributes: z.record(z.string(), z.string()).default({}),
  values: z.record(z.string(), z.string()).exactOptional(),
})
