// Webhooks on the wire.

import { z } from 'zod'
import {
  channelNames,
  optional,
  orDefault,
  ScopeInput,
  text,
} from '../../engine/intake/event-input.ts'
import { EventTypePattern } from '../../engine/model/event-type.ts'
import {
  batchOf,
  expressionsOf,
  type FailureHandling,
  FORMATS,
  isPausedFor,
  isPull,
  orderOf,
  pinOf,
  rateOf,
  statusOf,
  TENANT_UID,
  VersionName,
  type Webhook,
} from '../../engine/model/index.ts'
import { kindOf, publicKeyOf } from '../../engine/signing/index.ts'
import { WEBHOOK } from '../../limits.ts'
import { MASK } from '../../primitives/mask.ts'
import { formatTime, formatTimeOrNull } from '../../primitives/time.ts'
import { BATCH_MEANING, BatchInput, BatchResponse } from './batch.ts'
import {
  FailureHandlingInput,
  FailureHandlingResponse,
  toFailureHandlingResponse,
} from './failure-handling.ts'
import {
  ExpressionText,
  FilterText,
  HeaderExpressions,
  IDLE_MEANING,
  IdleSeconds,
  idField,
  MetadataInput,
  QueryExpressions,
  SecretValuesInput,
  ShownStatus,
  timeField,
  timeOrNull,
} from './fields.ts'
import { HEADERS_MEANING, HeadersInput, HeadersResponse, toHeadersResponse } from './headers.ts'
import {
  HTTP_SIGNATURE_MEANING,
  HttpSignatureInput,
  HttpSignatureResponse,
} from './http-signature.ts'
import { ORDER_MEANING, OrderInput, OrderResponse, toOrderResponse } from './order.ts'
import { RATE_MEANING, RateInput, RateResponse } from './rate.ts'
import { TargetUrl } from './target-url.ts'
import {
  toVerificationFields,
  VERIFICATION_MEANING,
  VerificationInput,
  verificationFields,
} from './verification.ts'
import { WEBHOOK_MEANING } from './webhook-meaning.ts'

const EventTypes = z
  .array(EventTypePattern)
  .min(1)
  .max(WEBHOOK.eventTypes)
  .transform((types) => [...new Set(types)])

const WebhookUid = z
  .string()
  .regex(
    TENANT_UID,
    'Expected 1 to 256 of A-Z, a-z, 0-9, ".", "_" and "-", other than "." and "..".',
  )

const SigningKind = z.enum(['hmac', 'ed25519'])

/** What may be left out of every input and cleared by null. */
const clearable = {
  name: text(1, WEBHOOK.nameChars).nullish().meta({ description: WEBHOOK_MEANING.name }),
  uid: WebhookUid.nullish().meta({ description: WEBHOOK_MEANING.uid }),
  description: text(1, WEBHOOK.descriptionChars)
    .nullish()
    .meta({ description: WEBHOOK_MEANING.description }),
  metadata: MetadataInput.nullish().meta({ description: WEBHOOK_MEANING.metadata }),
  scope: ScopeInput.nullish().meta({ description: WEBHOOK_MEANING.scope }),
  channels: channelNames(WEBHOOK.channels)
    .nullish()
    .meta({ description: WEBHOOK_MEANING.channels }),
  version: VersionName.nullish().meta({
    description: `${WEBHOOK_MEANING.version} If absent on creation, the newest version in the catalogue of event types.`,
  }),
  filter: FilterText.nullish().meta({ description: WEBHOOK_MEANING.filter }),
  body: ExpressionText.nullish().meta({ description: WEBHOOK_MEANING.body }),
  rate: RateInput.nullish().meta({ description: RATE_MEANING }),
  verification: VerificationInput.nullish().meta({ description: VERIFICATION_MEANING }),
  deleteAfterIdleSeconds: IdleSeconds.nullish().meta({ description: IDLE_MEANING }),
  order: OrderInput.nullish().meta({ description: ORDER_MEANING }),
  batch: BatchInput.nullish().meta({ description: BATCH_MEANING }),
  httpSignature: HttpSignatureInput.nullish().meta({ description: HTTP_SIGNATURE_MEANING }),
  headerExpressions: HeaderExpressions.nullish().meta({
    description: WEBHOOK_MEANING.headerExpressions,
  }),
  pathExpression: ExpressionText.nullish().meta({ description: WEBHOOK_MEANING.pathExpression }),
  queryExpressions: QueryExpressions.nullish().meta({
    description: WEBHOOK_MEANING.queryExpressions,
  }),
  format: z.enum(FORMATS).nullish().meta({ description: WEBHOOK_MEANING.format }),
  secretValues: SecretValuesInput.nullish().meta({
    description: `${WEBHOOK_MEANING.secretValues} "${MASK}" keeps the stored value.`,
  }),
  headers: HeadersInput.nullish().meta({ description: HEADERS_MEANING }),
  secret: z.string().nullish().meta({
    description:
      'A `whsec_` or `whsk_` secret. If absent on creation, a secret is generated. Null turns signing off.',
  }),
  signing: SigningKind.nullish().meta({
    description: 'How requests are signed: by default with HMAC. Null turns signing off.',
  }),
  failureHandling: FailureHandlingInput.nullish().meta({
    description:
      'What happens when a delivery fails. Null restores the default of the webhook’s dialect.',
  }),
}

export const CreateWebhook = z
  .strictObject({
    url: optional(TargetUrl, `${WEBHOOK_MEANING.url} Required, unless \`pull\` is true.`),
    pull: orDefault(z.boolean(), false, WEBHOOK_MEANING.pull),
    eventTypes: EventTypes.meta({ description: WEBHOOK_MEANING.eventTypes }),
    enabled: orDefault(z.boolean(), true, WEBHOOK_MEANING.enabled),
    paused: orDefault(z.boolean(), false, WEBHOOK_MEANING.paused),
    ...clearable,
  })
  .superRefine(({ url, pull }, context) => {
    if (pull === (url === undefined)) return
    const message = pull ? 'A pull webhook has no URL.' : 'Expected a URL.'
    context.addIssue({ code: 'custom', path: ['url'], message })
  })
  .meta({ id: 'CreateWebhook' })
export type CreateWebhook = z.infer<typeof CreateWebhook>

export const PatchWebhook = z
  .strictObject({
    url: optional(TargetUrl, WEBHOOK_MEANING.url),
    pull: optional(z.boolean(), `${WEBHOOK_MEANING.pull} It cannot be changed.`),
    eventTypes: optional(EventTypes, WEBHOOK_MEANING.eventTypes),
    enabled: optional(z.boolean(), WEBHOOK_MEANING.enabled),
    paused: optional(z.boolean(), WEBHOOK_MEANING.paused),
    ...clearable,
  })
  .meta({
    id: 'PatchWebhook',
    description:
      'Absent fields stay unchanged. Null clears a field, except `url`, `pull`, `eventTypes`, `enabled` and `paused`, which stay unchanged.',
  })
export type PatchWebhook = z.infer<typeof PatchWebhook>

export const WebhookResponse = z
  .object({
    id: idField('webhook'),
    dialect: z.string().meta({ description: 'The format in which the webhook receives events.' }),
    name: z.string().nullable().meta({ description: WEBHOOK_MEANING.name }),
    url: z
      .string()
      .nullable()
      .meta({ description: `${WEBHOOK_MEANING.url} Null for a pull webhook.` }),
    pull: z.boolean().meta({ description: WEBHOOK_MEANING.pull }),
    deleteAfterIdleSeconds: z.int().nullable().meta({ description: IDLE_MEANING }),
    eventTypes: z.array(z.string()).meta({ description: WEBHOOK_MEANING.eventTypes }),
    uid: z.string().nullable().meta({ description: WEBHOOK_MEANING.uid }),
    description: z.string().nullable().meta({ description: WEBHOOK_MEANING.description }),
    metadata: z.record(z.string(), z.string()).meta({ description: WEBHOOK_MEANING.metadata }),
    scope: z.record(z.string(), z.string()).meta({ description: WEBHOOK_MEANING.scope }),
    channels: z.array(z.string()).meta({ description: WEBHOOK_MEANING.channels }),
    version: z.string().nullable().meta({ description: WEBHOOK_MEANING.version }),
    filter: z.string().nullable().meta({ description: WEBHOOK_MEANING.filter }),
    body: z.string().nullable().meta({ description: WEBHOOK_MEANING.body }),
    headerExpressions: z
      .record(z.string(), z.string())
      .meta({ description: WEBHOOK_MEANING.headerExpressions }),
    pathExpression: z.string().nullable().meta({ description: WEBHOOK_MEANING.pathExpression }),
    queryExpressions: z
      .record(z.string(), z.string())
      .meta({ description: WEBHOOK_MEANING.queryExpressions }),
    format: z.enum(FORMATS).nullable().meta({ description: WEBHOOK_MEANING.format }),
    secretValues: z
      .record(z.string(), z.string())
      .meta({ description: `The secret values of expressions, shown as "${MASK}".` }),
    headers: HeadersResponse,
    enabled: z.boolean().meta({ description: WEBHOOK_MEANING.enabled }),
    paused: z.boolean().meta({ description: WEBHOOK_MEANING.paused }),
    rate: RateResponse.nullable().meta({ description: RATE_MEANING }),
    ...verificationFields,
    order: OrderResponse.nullable().meta({ description: ORDER_MEANING }),
    batch: BatchResponse.nullable().meta({ description: BATCH_MEANING }),
    httpSignature: HttpSignatureResponse.nullable().meta({ description: HTTP_SIGNATURE_MEANING }),
    status: ShownStatus,
    suspendedAt: timeOrNull('When the webhook was suspended; null if it is not.'),
    signing: SigningKind.nullable().meta({ description: WEBHOOK_MEANING.signing }),
    publicKeys: z.array(z.string()).meta({
      description:
        'The `whpk_` keys that currently verify Ed25519 signatures, newest first. Empty for HMAC.',
    }),
    secretsReadable: z.boolean().meta({
      description:
        'False if no key in SECRETS_KEY decrypts the webhook’s secrets. Nothing is sent to it then, and `headers`, ' +
        '`signing` and `publicKeys` appear empty although they may be set.',
    }),
    failureHandling: FailureHandlingResponse.meta({
      description: 'The failure handling in effect, defaults included.',
    }),
    createdAt: timeField('When it was created.'),
    updatedAt: timeField('When it was last changed.'),
  })
  .meta({ id: 'Webhook' })
export type WebhookResponse = z.infer<typeof WebhookResponse>

export const CreatedWebhookResponse = WebhookResponse.extend({
  secret: z.string().nullable().meta({
    description:
      'The secret that signs. Returned only in this response. Null if requests are not signed.',
  }),
}).meta({ id: 'CreatedWebhook' })

function toExpressionFields(webhook: Webhook) {
  const { filter, body, headers, path, query, format } = expressionsOf(webhook)
  const names = Object.keys(webhook.secrets.values ?? {})
  return {
    ...{ filter, body, headerExpressions: headers, pathExpression: path, queryExpressions: query },
    format,
    secretValues: Object.fromEntries(names.map((name) => [name, MASK])),
  }
}

/** A webhook as its owner sees it, with the failure handling that applies to it. */
export async function toWebhookResponse(
  webhook: Webhook,
  handling: FailureHandling,
  now: number,
): Promise<WebhookResponse> {
  const { id, dialect, name, url, eventTypes, scope, enabled, secrets } = webhook
  const { uid, description, metadata, channels } = webhook
  const valid = secrets.signing.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
  const [current] = valid
  const publicKeys = await Promise.all(valid.map(({ secret }) => publicKeyOf(secret)))
  return {
    id,
    dialect,
    name,
    url: isPull(webhook) ? null : url,
    pull: isPull(webhook),
    deleteAfterIdleSeconds: webhook.deleteAfterIdleSeconds ?? null,
    eventTypes: [...eventTypes],
    ...{ uid, description, metadata: { ...metadata } },
    scope: { ...scope },
    channels: [...channels],
    version: pinOf(webhook),
    ...toExpressionFields(webhook),
    headers: toHeadersResponse(secrets.headers),
    enabled,
    paused: isPausedFor('owner', webhook),
    rate: rateOf(webhook),
    ...toVerificationFields(webhook),
    order: toOrderResponse(orderOf(webhook)),
    batch: batchOf(webhook),
    httpSignature: webhook.httpSignature ?? null,
    status: statusOf(webhook),
    suspendedAt: formatTimeOrNull(webhook.suspendedAt),
    signing: current ? kindOf(current.secret) : null,
    publicKeys: publicKeys.filter((key) => key !== null),
    secretsReadable: !webhook.unreadable,
    failureHandling: toFailureHandlingResponse(handling),
    createdAt: formatTime(webhook.createdAt),
    updatedAt: formatTime(webhook.updatedAt),
  }
}
