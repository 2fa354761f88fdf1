// What Socotra's clients send. A null says nothing, wherever it stands: this vendor's removals are always called one.
//
// An update with a field that updates do not have is refused, and a creation with one that only updates have: whoever
// sends it meant a change, and would be told 200 without it. What the vendor's page has nowhere is ignored in a creation.

import { z } from 'zod'
import { checkHeader } from '../../engine/configuration/header-policy.ts'
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

const Flag = z.boolean().nullish()
const Url = z.string().min(1).max(WEBHOOK.urlChars)
const Name = text(1, WEBHOOK.nameChars)

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
const HeaderMap = plainRecord(z.record(z.string(), z.array(z.string()))).nullish()

/** A field that belongs into the other of the two requests, which call it something else. */
const elsewhere = (what: string) => z.never({ error: `${what} instead.` }).optional()
const inUpdate = (...names: string[]) =>
  elsewhere(`Not allowed in an update. Use ${names.join(' and ')}`)
const inCreation = (name: string) => elsewhere(`Allowed only in an update. Use ${name}`)

const EventTypes = z.array(EventType).max(WEBHOOK.eventTypes)

const endpoint = {
  hmacEnabled: Flag,
  secret: Secret.nullish(),
  secureSsl: Flag,
  tag: Tag.nullish(),
}

const CreateEndpoint = z.object({
  ...endpoint,
  url: Url,
  headers: HeaderMap,
  addHeaders: inCreation('headers'),
  removeHeaders: inCreation('headers'),
})
export type CreateEndpoint = z.infer<typeof CreateEndpoint>

const UpdateEndpoint = z.strictObject({
  ...endpoint,
  url: Url.nullish(),
  addHeaders: HeaderMap,
  removeHeaders: z.array(z.string()).nullish(),
  headers: inUpdate('addHeaders', 'removeHeaders'),
})
export type UpdateEndpoint = Omit<z.infer<typeof UpdateEndpoint>, 'headers'>

/** An endpoint, or just its URL; `asUrl` remembers which. No JSON has a symbol, so no client can claim it. */
const URL_ONLY = Symbol('written as a URL')
const asUrl = z.symbol('Unknown field.').optional()
const toEndpoint = (value: unknown) =>
  typeof value === 'string' ? { url: value, asUrl: URL_ONLY } : value

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
const Triggers = z.array(Trigger).max(FAILURE_HANDLING.maxTriggers)

const retryStrategy = {
  attempts: z.int().min(ATTEMPTS.min).max(ATTEMPTS.max).nullish(),
  interval: z.int().min(0).max(DELIVERY.maxDelaySeconds).nullish(),
  type: z.enum(['linear', 'exponential']).nullish(),
}
const CreateRetryStrategy = z.object(retryStrategy)
const UpdateRetryStrategy = z.strictObject(retryStrategy)
export type RetryStrategyRequest = z.infer<typeof CreateRetryStrategy>

const CreateFailureHandling = z.object({
  alertEndpoint: z
    .preprocess(toEndpoint, CreateEndpoint.extend({ asUrl: asUrl.catch(undefined) }))
    .nullish(),
  divert: Flag,
  retryStrategy: CreateRetryStrategy.nullish(),
  suspend: Flag,
  triggers: Triggers.nullish(),
  removeAlertEndpoint: inCreation('alertEndpoint'),
  removeRetryStrategy: inCreation('retryStrategy'),
  addTriggers: inCreation('triggers'),
  removeTriggers: inCreation('triggers'),
})
export type CreateFailureHandling = z.infer<typeof CreateFailureHandling>

const UpdateFailureHandling = z.strictObject({
  alertEndpoint: z.preprocess(toEndpoint, UpdateEndpoint.extend({ asUrl })).nullish(),
  removeAlertEndpoint: Flag,
  divert: Flag,
  retryStrategy: UpdateRetryStrategy.nullish(),
  removeRetryStrategy: Flag,
  suspend: Flag,
  addTriggers: Triggers.nullish(),
  removeTriggers: Triggers.nullish(),
  triggers: inUpdate('addTriggers', 'removeTriggers'),
})
export type UpdateFailureHandling = z.infer<typeof UpdateFailureHandling>

export const CreateWebhook = z.object({
  name: Name,
  enabled: z.boolean(),
  endpoint: CreateEndpoint,
  failureHandling: CreateFailureHandling.nullish(),
  eventTypes: EventTypes.min(1),
  useAutomationPlugin: Flag,
  removeFailureHandling: inCreation('failureHandling'),
  addEventTypes: inCreation('eventTypes'),
  removeEventTypes: inCreation('eventTypes'),
})
export type CreateWebhook = z.infer<typeof CreateWebhook>

export const UpdateWebhook = z.strictObject({
  name: Name.nullish(),
  enabled: Flag,
  endpoint: UpdateEndpoint.nullish(),
  failureHandling: UpdateFailureHandling.nullish(),
  removeFailureHandling: Flag,
  addEventTypes: EventTypes.nullish(),
  removeEventTypes: z.array(z.string()).nullish(),
  eventTypes: inUpdate('addEventTypes', 'removeEventTypes'),
})
export type UpdateWebhook = z.infer<typeof UpdateWebhook>
