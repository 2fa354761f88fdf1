// What a producer may say about an event (docs/contracts/native.md, "Publishing events"): the schema that every door and
// the API description share.

import { z } from 'zod'
import { CATALOGUE, PUBLISH, RETENTION_DAYS } from '../../limits.ts'
import { isRecord } from '../../primitives/is-record.ts'
import { Timestamp } from '../../primitives/time.ts'
import { EventType } from '../model/event-type.ts'
import {
  isSystemEventType,
  isTraceparent,
  isTracestate,
  TENANT_UID,
  TRACEPARENT_EXPECTED,
  TRACESTATE_EXPECTED,
  VersionName,
} from '../model/index.ts'

/** Text without half a surrogate pair, which would be stored as another character: two keys would become one. */
export function text(minChars: number, maxChars: number): z.ZodString {
  return z
    .string()
    .min(minChars)
    .max(maxChars)
    .refine((value) => value.isWellFormed(), 'Expected well-formed Unicode.')
}

/** Names that Hookline's own events have cannot be published. */
const PublishedType = EventType.refine((type) => !isSystemEventType(type), {
  error: 'This type is reserved for events that Hookline itself publishes.',
})

/**
 * A record whose names may be anything but `__proto__`, which Zod would drop without a word, and of `most` entries,
 * counted before any of them is looked at: a refusal costs the same however many there are.
 */
export function plainRecord<Value extends z.ZodType>(
  record: z.ZodRecord<z.ZodString, Value>,
  most = Number.POSITIVE_INFINITY,
): z.ZodPreprocess<z.ZodRecord<z.ZodString, Value>> {
  return z.preprocess((value, context) => {
    if (typeof value !== 'object' || value === null) return value
    const issue = (path: string[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    if (Object.hasOwn(value, '__proto__')) issue(['__proto__'], 'This name is not allowed.')
    if (Object.keys(value).length > most) issue([], `At most ${most} entries are allowed.`)
    return value
  }, record)
}

const SCOPE_MEANING =
  'What an event belongs to. A webhook receives an event only if every entry of the webhook’s scope is in the event’s scope.'

export const ScopeInput = plainRecord(
  z.record(text(1, PUBLISH.scopeNameChars), text(0, PUBLISH.scopeValueChars)),
  PUBLISH.scopeEntries,
).meta({ maxProperties: PUBLISH.scopeEntries })

/** Names of channels, each once, at most so many. */
export function channelNames(most: number) {
  return z
    .array(text(1, PUBLISH.channelChars))
    .max(most)
    .transform((names) => [...new Set(names)])
}

/**
 * A scope that `ScopeInput` would let through, as it is; null for any other. In a twentieth of the time, which counts where 500 events
 * have sixteen entries each: the schema alone says what is wrong with one.
 */
export function goodScope(value: unknown): Readonly<Record<string, string>> | null {
  if (!isRecord(value)) return null
  const entries = Object.entries(value)
  if (entries.length > PUBLISH.scopeEntries || Object.hasOwn(value, '__proto__')) return null
  const good: Record<string, string> = {}
  for (const [name, text] of entries) {
    if (typeof text !== 'string') return null
    if (name.length < 1 || name.length > PUBLISH.scopeNameChars) return null
    if (text.length > PUBLISH.scopeValueChars) return null
    if (!name.isWellFormed() || !text.isWellFormed()) return null
    good[name] = text
  }
  return good
}

/** What may be left out, or be null, which says the same: many a client writes null for what it has nothing to say about. */
export function optional<T extends z.ZodType>(schema: T, description: string) {
  return schema
    .nullish()
    .meta({ description })
    .transform((value) => value ?? undefined)
}

/** The same, with what it then means. */
export function orDefault<T extends z.ZodType>(schema: T, value: z.output<T>, description: string) {
  return schema
    .nullish()
    .meta({ default: value, description })
    .transform((given) => given ?? value)
}

/** An id of 128 bits in its usual form, in either case. */
export const Uuid = z.guid().toLowerCase()

/** Days for which something is kept. */
export const RetentionDays = z.int().min(RETENTION_DAYS.min).max(RETENTION_DAYS.max)

/** A payload that has to be there. */
export const Data = z
  .looseObject({})
  .meta({ description: 'The payload. Receivers get it exactly as it was published.' })

export const EventInput = z
  .strictObject({
    type: PublishedType.meta({ description: 'The name by which webhooks choose the event.' }),
    data: optional(
      z.looseObject({}),
      'The payload, of the newest version of the type. Receivers get it exactly as it was published.',
    ),
    versions: optional(
      plainRecord(z.record(VersionName, z.looseObject({})), CATALOGUE.versions).meta({
        minProperties: 1,
        maxProperties: CATALOGUE.versions,
      }),
      'The payload by version, in place of `data`: each webhook gets the newest that is not after its own version.',
    ),
    id: optional(text(1, PUBLISH.idChars), 'The deduplication key, remembered for 24 hours.'),
    time: optional(Timestamp, 'When it happened, in RFC 3339 format. Defaults to now.'),
    scope: optional(ScopeInput, SCOPE_MEANING),
    channels: optional(
      channelNames(PUBLISH.channels),
      'A webhook that has channels receives the event only if they share one.',
    ),
    tags: optional(
      z.array(text(1, PUBLISH.tagChars)).max(PUBLISH.tags),
      'Words by which you find the event again.',
    ),
    actor: optional(Uuid, 'Who caused the event.'),
    requestId: optional(Uuid, 'The request that caused the event.'),
    traceparent: optional(
      z.string().refine(isTraceparent, TRACEPARENT_EXPECTED),
      'The trace that the event belongs to, in the format of W3C Trace Context; receivers get it as a header. Defaults to the header of the same name of the request.',
    ),
    tracestate: optional(
      z.string().refine(isTracestate, TRACESTATE_EXPECTED),
      'What tracing systems say beside `traceparent`.',
    ),
    deliverAt: optional(
      Timestamp,
      'When to send it, up to 30 days from now: it is matched with the webhooks of that time. Defaults to now.',
    ),
    retentionDays: optional(
      RetentionDays,
      'Days for which to keep the event. Defaults to those of the tenant.',
    ),
  })
  .check(({ value: { data, versions, traceparent, tracestate }, issues }) => {
    const input = { data, versions }
    if (tracestate !== undefined && traceparent === undefined) {
      const message = 'Allowed only beside traceparent.'
      issues.push({ code: 'custom', input: tracestate, path: ['tracestate'], message })
    }
    if (data === undefined && Object.keys(versions ?? {}).length === 0) {
      issues.push({ code: 'custom', input, path: ['data'], message: 'Expected data, or versions.' })
    } else if (data !== undefined && versions !== undefined) {
      const message = 'Expected either data or versions, not both.'
      issues.push({ code: 'custom', input, path: ['versions'], message })
    }
  })
  .meta({ id: 'EventInput' })
export type EventInput = z.infer<typeof EventInput>

/** An event, and the tenant it is published for, where whoever publishes may name one. */
export const AddressedEventInput = EventInput.extend({
  tenant: optional(
    z.string().regex(TENANT_UID, 'Expected the id or the uid of a tenant.'),
    'The tenant, by its id or its `uid`. Required of each event of `POST /v1/events` with an operator key, and allowed only there.',
  ),
  createTenant: optional(
    z.boolean(),
    'Whether to create the tenant, with `tenant` as its `uid`, if there is none. Allowed only beside `tenant`; requires the ' +
      'permission `tenants:write`.',
  ),
}).meta({ id: 'EventInput' })
