// What Svix's API answers, as far as a move reads it (docs/contracts/svix.md, "Paths"). What else an answer has is passed over; the
// names of version 1 of its SDK are read like those of version 2.

import { z } from 'zod'

const Texts = z.record(z.string(), z.string())
const Rate = z.number().nullish()

export const Application = z
  .object({
    id: z.string().min(1),
    uid: z.string().nullish(),
    name: z.string(),
    metadata: Texts.nullish(),
    throttleRate: Rate,
    rateLimit: Rate,
  })
  .transform(({ id, uid, name, metadata, throttleRate, rateLimit }) => ({
    id,
    uid: uid ?? null,
    name,
    metadata: metadata ?? {},
    /** Messages per second. */
    throttleRate: throttleRate ?? rateLimit ?? null,
  }))
export type Application = z.output<typeof Application>

export const Endpoint = z
  .object({
    id: z.string().min(1),
    uid: z.string().nullish(),
    url: z.string(),
    description: z.string().nullish(),
    disabled: z.boolean().nullish(),
    eventTypes: z.array(z.string()).nullish(),
    filterTypes: z.array(z.string()).nullish(),
    channels: z.array(z.string()).nullish(),
    metadata: Texts.nullish(),
    throttleRate: Rate,
    rateLimit: Rate,
  })
  .transform(({ id, uid, url, description, disabled, channels, metadata, ...others }) => ({
    id,
    uid: uid ?? null,
    url,
    description: description ?? '',
    disabled: disabled ?? false,
    /** Null: every type. */
    eventTypes: others.eventTypes ?? others.filterTypes ?? null,
    /** Null: every message. */
    channels: channels ?? null,
    metadata: metadata ?? {},
    throttleRate: others.throttleRate ?? others.rateLimit ?? null,
  }))

export const EndpointSecret = z.object({ key: z.string().min(1) })

export const EndpointHeaders = z.object({
  headers: Texts,
  /** Names of headers whose values are not shown. */
  sensitive: z.array(z.string()).default([]),
})

export const Transformation = z
  .object({ code: z.string().nullish(), enabled: z.boolean().nullish() })
  .transform(({ code, enabled }) => ({ code: code ?? '', enabled: enabled ?? false }))

export const Named = z.object({ name: z.string() })

export const EventType = z
  .object({
    name: z.string().min(1),
    description: z.string().nullish(),
    archived: z.boolean().nullish(),
    deprecated: z.boolean().nullish(),
    schemas: z.record(z.string(), z.unknown()).nullish(),
    featureFlag: z.string().nullish(),
    featureFlags: z.array(z.string()).nullish(),
    groupName: z.string().nullish(),
  })
  .transform(({ featureFlag, featureFlags, ...type }) => ({
    name: type.name,
    description: type.description ?? '',
    archived: type.archived ?? false,
    deprecated: type.deprecated ?? false,
    schemas: type.schemas ?? {},
    featureFlags: featureFlags ?? (featureFlag ? [featureFlag] : []),
    groupName: type.groupName ?? null,
  }))
export type EventType = z.output<typeof EventType>

/** An endpoint with all that is asked for apart from it. */
export type Endpoint = z.output<typeof Endpoint> & {
  readonly secret: string
  readonly headers: Readonly<Record<string, string>>
  readonly sensitive: readonly string[]
  /** Whether code of its own changes what is sent to it. */
  readonly isTransformed: boolean
}

/** A page of a list: `iterator` is where the next one begins. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    iterator: z.string().nullish(),
    done: z.boolean().default(true),
  })
}
