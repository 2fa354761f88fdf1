// What tools read of the answers of `/v1`, and what several of them take and tell.

import { z } from 'zod'
import { ALL_CAUSES } from '../engine/diagnosis/diagnose.ts'
import { DELIVERY_STATUSES } from '../engine/model/index.ts'
import { JsonSource, toJsonText } from '../http/json-source.ts'
import { childrenOf, memberText, rootOffset } from '../primitives/json-text.ts'
import { MCP } from './bounds.ts'
import { withoutHidden } from './hidden.ts'
import { toShownUrl, type Written } from './untrusted.ts'

const nullableText = z.string().nullable()
const texts = z.array(z.string())
const textsByName = z.record(z.string(), z.string())

/** An id as arguments have it. */
export const idInput = (what: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'Expected an id, which is a UUID.')
    .describe(`The id of the ${what}.`)

/** A time as arguments have it: `/v1` reads it. */
export const timeInput = (description: string) =>
  z.string().max(64).describe(`${description} RFC 3339, such as 2026-11-22T10:00:00Z.`)

/** Which events, as arguments have it. */
export const typeInput = z
  .string()
  .min(1)
  .max(256)
  .describe('Only events of exactly this type, such as invoice.paid.')

export const limitInput = z
  .int()
  .min(1)
  .max(MCP.mostItems)
  .default(MCP.items)
  .describe('How many at most.')

export const cursorInput = z
  .string()
  .max(2_000)
  .describe('The `nextCursor` of the former answer, for what comes behind it.')

export const NextCursor = nullableText.describe(
  'The `cursor` of what comes behind these; null: nothing does.',
)

/** A page of a list as `/v1` has it. */
export function pageShape<Item>(item: z.ZodType<Item>) {
  return z.object({ items: z.array(item), nextCursor: nullableText })
}

/** A query of those parameters that have a value. */
export function searchOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

const ReadEvent = z.object({
  id: z.string(),
  type: z.string(),
  time: z.string(),
  state: z.enum(['scheduled', 'accepted', 'cancelled']),
  deliverAt: nullableText,
  expungedAt: nullableText,
  scope: textsByName,
  channels: texts,
  tags: texts,
  uid: nullableText,
  actor: nullableText,
  requestId: nullableText,
})
type ReadEvent = z.infer<typeof ReadEvent>

export const EventFacts = z.object({
  id: z.string(),
  time: z.string().describe('When it happened.'),
  state: z.enum(['scheduled', 'accepted', 'cancelled']),
  deliverAt: nullableText.describe('When a scheduled event is due; else null.'),
  expungedAt: nullableText.describe('When its content was erased; null if it has its content.'),
  dataChars: z.int().describe('Characters of its data as JSON; 0 if it has none.'),
})

/** An event of an answer, whose data stays the text that was published. */
interface EventRead {
  readonly facts: z.infer<typeof EventFacts>
  /** All that its publisher wrote but the data. */
  readonly written: Readonly<Record<string, unknown>>
  /** Null once it was erased. */
  readonly data: string | null
}

/** `text`: the event as `/v1` answers it. */
export function readEvent(text: string): EventRead {
  const event = ReadEvent.parse(JSON.parse(text))
  const source = memberText(text, rootOffset(text), 'data')
  const data = source === 'null' ? null : source
  const { id, time, state, deliverAt, expungedAt } = event
  return {
    facts: { id, time, state, deliverAt, expungedAt, dataChars: data?.length ?? 0 },
    written: writtenOf(event),
    data,
  }
}

function writtenOf({ type, scope, channels, tags, uid, actor, requestId }: ReadEvent) {
  const fields = { type, scope, channels, tags, uid, actor, requestId }
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && Object.keys(value).length > 0),
  )
}

/** The items of a page as they were written. */
export function itemTexts(page: string): readonly string[] {
  const root = [...childrenOf(page, rootOffset(page))]
  const items = root.find(({ name }) => name === 'items')
  if (items === undefined) throw new Error('A page of `/v1` has no items.')
  return [...childrenOf(page, items.start)].map(({ start, end }) => page.slice(start, end))
}

/** All of an event that others wrote. */
export function partOfEvent({ facts, written, data }: EventRead): Written {
  const all = data === null ? written : { ...written, data: new JsonSource(data) }
  return { of: `event ${facts.id}`, text: toJsonText(all) }
}

const Diagnosis = z.object({
  cause: z.enum(ALL_CAUSES),
  explanation: z.string(),
  remedy: z.string(),
  useUrl: nullableText,
})

export const ReadAttempt = z.object({
  id: z.string(),
  eventId: z.string(),
  eventType: z.string(),
  attempt: z.int(),
  at: z.string(),
  outcome: z.enum(['delivered', 'failed']),
  statusCode: z.int().nullable(),
  durationMs: z.number(),
  error: nullableText,
  responseExcerpt: nullableText,
  responseHeaders: textsByName,
  diagnosis: Diagnosis.nullable(),
  nextAttemptAt: nullableText,
})
export type ReadAttempt = z.infer<typeof ReadAttempt>

/** What others wrote of an attempt, or what quotes it. `url`: where its webhook sends, as far as the key may know. */
export function writtenInAttempt(
  { eventType, error, responseExcerpt, responseHeaders, diagnosis }: ReadAttempt,
  url: string | null,
) {
  const { explanation, remedy, useUrl } = diagnosis ?? {}
  const answered = { error, responseExcerpt, responseHeaders, explanation, remedy, useUrl }
  return { eventType, ...withoutHidden(answered, url) }
}

export const ReadDelivery = z.object({
  webhookId: z.string(),
  url: nullableText,
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  lastAttemptAt: nullableText,
  statusCode: z.int().nullable(),
  error: nullableText,
  nextAttemptAt: nullableText,
  reason: nullableText,
})
export type ReadDelivery = z.infer<typeof ReadDelivery>

/** What others wrote of a delivery, or what quotes it. */
export function writtenInDelivery({ url, error, reason }: ReadDelivery) {
  return { url: toShownUrl(url), ...withoutHidden({ error, reason }, url) }
}

export const ReadWebhook = z.object({
  id: z.string(),
  dialect: z.string(),
  name: nullableText,
  url: nullableText,
  pull: z.boolean(),
  eventTypes: texts,
  uid: nullableText,
  description: nullableText,
  metadata: textsByName,
  scope: textsByName,
  channels: texts,
  version: nullableText,
  filter: nullableText,
  enabled: z.boolean(),
  paused: z.boolean(),
  status: z.enum(['active', 'disabled', 'suspended']),
  suspendedAt: nullableText,
  createdAt: z.string(),
  updatedAt: z.string(),
})
