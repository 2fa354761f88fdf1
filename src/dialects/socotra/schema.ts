// What Socotra's clients send. A null says nothing, wherever it stands: this vendor's removals are always called one.
//
// An update with a field that updates do not have is refused, and a creation with one that only updates have: whoever
// sends it meant a change, and would be told 200 without it. What the vendor's page has nowhere is ignored in a creation.

import { z } from 'zod'
import { checkHeader } from '../../engine/attempt/header-policy.ts'
import { plainRecord, text } from '../../engine/intake/event-input.ts'
import { EventType } from '../../engine/model/event-type.ts'
import { validateSecret } from '../../engine/signing/index.ts'
import { FAILURE_HANDLING, WEBHOOK } from '../../limits.ts'
import { DELIVERY } from '../../tuning.ts'

/** Names of the headers that a signature brings (docs/contracts/socotra.md, "Notifications"). */
export const SIGNATURE_HEADER = 'socotra-signature'
export const TAG_HEADER = 'socotra-signature-tag'

/** Retries after the first try (Webhooks feature guide, "Failure Handling"). */
const ATTEMPTS = { min: 1, max: 10 } as const

const flag = (description: string) => z.boolean().nullish().meta({ description })
const Url = z
  .string()
  .min(1)
  .max(WEBHOOK.urlChars)
  .meta({ description: 'Where requests are sent: an http or https URL.' })
const Name = text(1, WEBHOOK.nameChars).meta({ description: 'The name of the webhook.' })

/** An empty one is none. */
const Secret = z.string().superRefine((secret, context) => {
  const flaw = secret === '' ? null : validateSecret(secret)
  if (flaw !== null) context.addIssue(flaw)
})

/** Likewise. It becomes a header's value. */
const Tag = z.string().superRefine((tag, context) => {
  const flaw = checkHeader(TAG_HEADER, tag)
  if (flaw !== null) context.addIssue(flaw)
})

/** Values by name, each a header line of its own. */
const headerMap = (description: string) =>
  plainRecord(z.record(z.string(), z.array(z.string())))
    .nullish()
    .meta({ description })

/** A field that belongs into the other of the two requests, which call it something else. */
const elsewhere = (what: string) => z.never({ error: `${what} instead.` }).optional()
const inUpdate = (...names: string[]) =>
  elsewhere(`Not allowed in an update. Use ${names.join(' and ')}`)
const inCreation = (name: string) => elsewhere(`Allowed only in an update. Use ${name}`)

/** Leaves fields that must not be there out of the description. */
const hiding = (...names: readonly string[]) => ({
  override: ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    for (const name of names) Reflect.deleteProperty(jsonSchema.properties ?? {}, name)
  },
})

const EventTypes = z.array(EventType).max(WEBHOOK.eventTypes)

const endpoint = {
  hmacEnabled: flag('Whether requests are signed. Defaults to false.'),
  secret: Secret.nullish().meta({
    description: 'The secret that signs. An empty one clears it.',
  }),
  secureSsl: flag('Whether the URL must be an https URL. Defaults to true.'),
  tag: Tag.nullish().meta({
    description:
      'Sent with each signature, in the header `Socotra-Signature-Tag`. An empty one clears it.',
  }),
}

const CreateEndpoint = z
  .object({
    ...endpoint,
    url: Url,
    headers: headerMap('Custom headers. Each value is a header line of its own.'),
    addHeaders: inCreation('headers'),
    removeHeaders: inCreation('headers'),
  })
  .meta(hiding('addHeaders', 'removeHeaders'))
export type CreateEndpoint = z.infer<typeof CreateEndpoint>

const UpdateEndpoint = z
  .strictObject({
    ...endpoint,
    url: Url.nullish().meta({ description: 'Where requests are sent: an http or https URL.' }),
    addHeaders: headerMap('Custom headers to be added. Each value is a header line of its own.'),
    removeHeaders: z
      .array(z.string())
      .nullish()
      .meta({ description: 'Names of custom headers to be removed, before others are added.' }),
    headers: inUpdate('addHeaders', 'removeHeaders'),
  })
  .meta(hiding('headers'))
export type UpdateEndpoint = Omit<z.infer<typeof UpdateEndpoint>, 'headers'>

/** An endpoint, or just its URL; `asUrl` remembers which. No JSON has a symbol, so no client can claim it. */
const URL_ONLY = Symbol('written as a URL')
// In place: `meta` would make another one of it, and still describe the first.
const asUrl = z
  .symbol('Unknown field.')
  .register(z.globalRegistry, { override: { not: {} } })
  .optional()
const toEndpoint = (value: unknown) =>
  typeof value === 'string' ? { url: value, asUrl: URL_ONLY } : value

const alertEndpoint = {
  description: 'Where alerts are sent: an endpoint, or just its URL.',
  override: ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    const { description, ...endpoint } = jsonSchema
    for (const name of Object.keys(endpoint)) Reflect.deleteProperty(jsonSchema, name)
    Object.assign(jsonSchema, { anyOf: [{ type: 'string' }, ...(endpoint.anyOf ?? [endpoint])] })
  },
}

const Trigger = z.union(
  [
    z.enum(['4xx', '5xx', 'timeout']),
    z
      .string()
      .regex(/^[45]\d\d$/)
      .transform(Number),
  ],
  'Expected "4xx", "5xx", "timeout" or a status code such as "404".',
)
const triggers = (description: string) =>
  z.array(Trigger).max(FAILURE_HANDLING.maxTriggers).nullish().meta({ description })

const retryStrategy = {
  attempts: z.int().min(ATTEMPTS.min).max(ATTEMPTS.max).nullish().meta({
    description: 'The number of retries after the first attempt. Defaults to 3.',
  }),
  interval: z.int().min(0).max(DELIVERY.maxDelaySeconds).nullish().meta({
    description: 'Seconds before the first retry. Defaults to 10.',
  }),
  type: z.enum(['linear', 'exponential']).nullish().meta({
    description: 'How the interval grows. Defaults to linear.',
  }),
}
const CreateRetryStrategy = z.object(retryStrategy)
const UpdateRetryStrategy = z.strictObject(retryStrategy)
export type RetryStrategyRequest = z.infer<typeof CreateRetryStrategy>

const MEANING = {
  divert: 'Whether events that are given up are kept.',
  retryStrategy: 'When a failed delivery is tried again. Defaults to never.',
  suspend: 'Whether an event that is given up suspends the webhook.',
  failureHandling: 'What happens when a delivery fails. Defaults to nothing.',
} as const

const CreateFailureHandling = z
  .object({
    alertEndpoint: z
      .preprocess(
        toEndpoint,
        CreateEndpoint.extend({ asUrl: asUrl.catch(undefined) }).meta(
          hiding('addHeaders', 'removeHeaders', 'asUrl'),
        ),
      )
      .nullish()
      .meta(alertEndpoint),
    divert: flag(MEANING.divert),
    retryStrategy: CreateRetryStrategy.nullish().meta({ description: MEANING.retryStrategy }),
    suspend: flag(MEANING.suspend),
    triggers: triggers(
      'The failures that are handled: "4xx", "5xx", "timeout" and codes from 400 to 599.',
    ),
    removeAlertEndpoint: inCreation('alertEndpoint'),
    removeRetryStrategy: inCreation('retryStrategy'),
    addTriggers: inCreation('triggers'),
    removeTriggers: inCreation('triggers'),
  })
  .meta(hiding('removeAlertEndpoint', 'removeRetryStrategy', 'addTriggers', 'removeTriggers'))
export type CreateFailureHandling = z.infer<typeof CreateFailureHandling>

const UpdateFailureHandling = z
  .strictObject({
    alertEndpoint: z
      .preprocess(toEndpoint, UpdateEndpoint.extend({ asUrl }).meta(hiding('headers', 'asUrl')))
      .nullish()
      .meta(alertEndpoint),
    removeAlertEndpoint: flag('Removes the alert endpoint, before `alertEndpoint` applies.'),
    divert: flag(MEANING.divert),
    retryStrategy: UpdateRetryStrategy.nullish().meta({ description: MEANING.retryStrategy }),
    removeRetryStrategy: flag('Removes the strategy, before `retryStrategy` applies.'),
    suspend: flag(MEANING.suspend),
    addTriggers: triggers('Failures that are to be handled as well.'),
    removeTriggers: triggers('Failures that are not to be handled, before others are added.'),
    triggers: inUpdate('addTriggers', 'removeTriggers'),
  })
  .meta(hiding('triggers'))
export type UpdateFailureHandling = z.infer<typeof UpdateFailureHandling>

export const CreateWebhook = z
  .object({
    name: Name,
    enabled: z.boolean().meta({ description: 'Whether it is switched on.' }),
    endpoint: CreateEndpoint.meta({ description: 'Where requests go and what proves them.' }),
    failureHandling: CreateFailureHandling.nullish().meta({ description: MEANING.failureHandling }),
    eventTypes: EventTypes.min(1).meta({ description: 'The types of its events.' }),
    useAutomationPlugin: flag('Stored, and not shown.'),
    removeFailureHandling: inCreation('failureHandling'),
    addEventTypes: inCreation('eventTypes'),
    removeEventTypes: inCreation('eventTypes'),
  })
  .meta({
    id: 'SocotraCreateWebhook',
    ...hiding('removeFailureHandling', 'addEventTypes', 'removeEventTypes'),
  })
export type CreateWebhook = z.infer<typeof CreateWebhook>

export const UpdateWebhook = z
  .strictObject({
    name: Name.nullish().meta({ description: 'The name of the webhook.' }),
    enabled: flag('Whether it is switched on.'),
    endpoint: UpdateEndpoint.nullish().meta({
      description: 'Where requests go and what proves them.',
    }),
    failureHandling: UpdateFailureHandling.nullish().meta({
      description: 'What happens when a delivery fails.',
    }),
    removeFailureHandling: flag('Resets to the default before `failureHandling` is applied.'),
    addEventTypes: EventTypes.nullish().meta({ description: 'Types to be added.' }),
    removeEventTypes: z
      .array(z.string())
      .nullish()
      .meta({ description: 'Types to be removed, before others are added.' }),
    eventTypes: inUpdate('addEventTypes', 'removeEventTypes'),
  })
  .meta({ id: 'SocotraUpdateWebhook', ...hiding('eventTypes') })
export type UpdateWebhook = z.infer<typeof UpdateWebhook>
