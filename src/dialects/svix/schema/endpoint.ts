// Endpoints on the wire: webhooks (docs/contracts/svix.md, "Paths").

import { z } from 'zod'
import { channelNames, text } from '../../../engine/intake/event-input.ts'
import { EventTypePattern } from '../../../engine/model/event-type.ts'
import {
  type Rate,
  rateOf,
  type Webhook,
  type WebhookDraft,
  type WebhookOutline,
} from '../../../engine/model/index.ts'
import { generateSecret } from '../../../engine/signing/index.ts'
import { toHeaderLines } from '../../../http/header-lines.ts'
import type { NewWebhook } from '../../../http/visible-webhooks.ts'
import { RATE_LIMITS, WEBHOOK } from '../../../limits.ts'
import { formatTime } from '../../../primitives/time.ts'
import { toSvixId } from '../ids.ts'
import { MetadataIn, MetadataOut, Uid } from './fields.ts'

const EVERYTHING = '*'

const EventTypes = z
  .array(EventTypePattern)
  .min(1)
  .max(WEBHOOK.eventTypes)
  .refine((types) => new Set(types).size === types.length, 'Each may be named only once.')
  .nullish()

/** Svix's `^(whsec_)?[a-zA-Z0-9+/=]{32,100}$`, and Ed25519 keys as its cloud takes them. */
export const Secret = z
  .string()
  .regex(/^(?:whsec_|whsk_)?[a-zA-Z0-9+/=]{32,100}$/, 'Expected a secret such as "whsec_…".')
  .transform((secret) => (secret.includes('_') ? secret : `whsec_${secret}`))

export const HeaderMap = z.record(z.string(), z.string())

const ThrottleRate = z.int().min(1).max(RATE_LIMITS.perSecond).nullish()

const FIELDS = {
  url: z.string().min(1).max(WEBHOOK.urlChars).meta({ description: 'Where messages are sent.' }),
  description: text(0, WEBHOOK.descriptionChars)
    .nullish()
    .meta({ description: 'A text for people.' }),
  uid: Uid,
  disabled: z.boolean().nullish().meta({ description: 'Whether it receives nothing.' }),
  eventTypes: EventTypes.meta({ description: 'Which messages it receives; all if absent.' }),
  filterTypes: EventTypes.meta({ description: 'The same in version 1 of the SDK.' }),
  channels: channelNames(WEBHOOK.channels)
    .refine((names) => names.length > 0, 'Expected at least one channel.')
    .nullish()
    .meta({ description: 'It receives only messages that have one of these; all if absent.' }),
  metadata: MetadataIn,
  throttleRate: ThrottleRate.meta({
    description: 'Messages a second that it gets at most; no bound if absent.',
  }),
  rateLimit: ThrottleRate.meta({ description: 'The same in version 1 of the SDK.' }),
}

export const EndpointUpsert = z.object(FIELDS).meta({ id: 'SvixEndpointUpsertIn' })
type EndpointUpsert = z.infer<typeof EndpointUpsert>

export const EndpointIn = EndpointUpsert.extend({
  secret: Secret.nullish().meta({ description: 'Signs requests; one is made if absent.' }),
  headers: HeaderMap.nullish().meta({ description: 'Headers of requests to the endpoint.' }),
}).meta({ id: 'SvixEndpointIn' })
type EndpointIn = z.infer<typeof EndpointIn>

export const EndpointPatch = EndpointUpsert.partial()
  .extend({ secret: Secret.nullish().meta({ description: 'Replaces the secret at once.' }) })
  .meta({ id: 'SvixEndpointPatch' })
type EndpointPatch = z.infer<typeof EndpointPatch>

export const EndpointOut = z
  .object({
    id: z.string().meta({ description: 'The id of the endpoint.' }),
    url: z.string().meta({ description: 'Where messages are sent.' }),
    description: z.string().meta({ description: 'A text for people.' }),
    uid: z.string().optional().meta({ description: 'What you call it.' }),
    throttleRate: z.int().optional().meta({ description: 'Messages a second at most.' }),
    rateLimit: z.int().optional().meta({ description: 'The same.' }),
    disabled: z.boolean().meta({
      description:
        'Whether it receives nothing: switched off, or suspended because it kept failing.',
    }),
    eventTypes: z.array(z.string()).optional().meta({ description: 'Which messages it receives.' }),
    filterTypes: z.array(z.string()).optional().meta({ description: 'The same.' }),
    channels: z.array(z.string()).optional().meta({ description: 'Its channels.' }),
    metadata: MetadataOut,
    version: z.int().meta({ description: 'Always 1.' }),
    createdAt: z.string().meta({ description: 'When it was created.' }),
    updatedAt: z.string().meta({ description: 'When it was last changed.' }),
  })
  .meta({ id: 'SvixEndpointOut' })
export type EndpointOut = z.infer<typeof EndpointOut>

/** The types that an input names, by either name; undefined where it says nothing, null where it says all. */
export function typesIn({
  eventTypes,
  filterTypes,
}: Pick<EndpointUpsert, 'eventTypes' | 'filterTypes'>): readonly string[] | null | undefined {
  return eventTypes === undefined ? filterTypes : eventTypes
}

/** Messages a second, by either name; undefined where an input says nothing, null where it says that there is no bound. */
function throttleIn({
  throttleRate,
  rateLimit,
}: Pick<EndpointUpsert, 'throttleRate' | 'rateLimit'>): number | null | undefined {
  return throttleRate === undefined ? rateLimit : throttleRate
}

/** A rate of so many a second, with the concurrency that it has. */
function toRate(perSecond: number | null, present: Rate | null = null): Rate | null {
  const concurrency = present?.concurrency ?? null
  if (perSecond === null && concurrency === null) return null
  return { perSecond, perMinute: null, concurrency }
}

/** A new webhook. Throws `invalid` for headers that cannot be sent. */
export async function toNewWebhook(input: EndpointIn): Promise<NewWebhook> {
  const secret = input.secret ?? (await generateSecret('hmac'))
  return {
    ...toReplacing(input),
    // Svix pins no endpoint to a version: it gets whatever is sent.
    version: null,
    secrets: {
      signing: [{ secret, expiresAt: null }],
      headers: toHeaderLines(input.headers ?? {}, []),
      attributes: {},
    },
  }
}

/** What an input that replaces an endpoint says; its secrets stay as they are. */
export function toReplacing(input: EndpointUpsert) {
  return {
    url: input.url,
    description: input.description || null,
    uid: input.uid ?? null,
    enabled: input.disabled !== true,
    eventTypes: typesIn(input) ?? [EVERYTHING],
    channels: input.channels ?? [],
    metadata: input.metadata ?? {},
    rate: toRate(throttleIn(input) ?? null),
  }
}

/** What a patch changes: what is absent stays, null clears. */
export function toChanges(input: EndpointPatch, current: Webhook): Partial<WebhookDraft> {
  const { url, description, uid, disabled, channels, metadata, secret } = input
  const types = typesIn(input)
  const throttle = throttleIn(input)
  return {
    ...(url !== undefined && { url }),
    ...(description !== undefined && { description: description || null }),
    ...(uid !== undefined && { uid }),
    ...(typeof disabled === 'boolean' && { enabled: !disabled }),
    ...(types !== undefined && { eventTypes: types ?? [EVERYTHING] }),
    ...(channels !== undefined && { channels: channels ?? [] }),
    ...(metadata !== undefined && { metadata: metadata ?? {} }),
    ...(throttle !== undefined && { rate: toRate(throttle, rateOf(current)) }),
    ...(typeof secret === 'string' && {
      secrets: { ...current.secrets, signing: [{ secret, expiresAt: null }] },
    }),
  }
}

export function toEndpointOut(webhook: WebhookOutline): EndpointOut {
  const { id, url, description, uid, enabled, suspendedAt, channels, metadata } = webhook
  const perSecond = rateOf(webhook)?.perSecond ?? null
  const types = webhook.eventTypes.includes(EVERYTHING) ? null : [...webhook.eventTypes]
  return {
    id: toSvixId('ep', id),
    url,
    description: description ?? '',
    ...(uid !== null && { uid }),
    ...(perSecond !== null && { throttleRate: perSecond, rateLimit: perSecond }),
    disabled: !enabled || suspendedAt !== null,
    ...(types && { eventTypes: types, filterTypes: types }),
    ...(channels.length > 0 && { channels: [...channels] }),
    metadata: { ...metadata },
    version: 1,
    createdAt: formatTime(webhook.createdAt),
    updatedAt: formatTime(webhook.updatedAt),
  }
}
