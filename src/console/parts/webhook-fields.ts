// Fields of the form of a webhook: from what was sent, and to what the API takes.

import type { WebhookResponse } from '../../api/schema/webhook.ts'
import {
  type BatchFields,
  batchFieldsOf,
  batchFieldsOfWebhook,
  EMPTY_BATCH_FIELDS,
  toBatch,
} from './batch-fields.tsx'
import {
  EMPTY_ORDER_FIELDS,
  type OrderFields,
  orderFieldsOf,
  orderFieldsOfWebhook,
  toOrder,
} from './order-fields.tsx'
import {
  EMPTY_RATE_FIELDS,
  type RateFields,
  rateFieldsOf,
  rateFieldsOfWebhook,
  toRate,
} from './rate-fields.tsx'
import {
  EMPTY_REQUEST_FIELDS,
  fromLines,
  type RequestFields,
  requestFieldsOf,
  requestFieldsOfWebhook,
  toRequestInput,
} from './request-fields.tsx'
import {
  EMPTY_SIGNATURE_FIELDS,
  type SignatureFields,
  signatureFieldsOf,
  signatureFieldsOfWebhook,
  toHttpSignature,
} from './signature-fields.tsx'

export interface WebhookFields
  extends RequestFields,
    RateFields,
    OrderFields,
    BatchFields,
    SignatureFields {
  readonly url: string
  /** Nothing is sent to it, so that it has no URL, no rate, no batch and no failure handling. */
  readonly pull: boolean
  readonly name: string
  readonly description: string
  /** Separated by white space or commas. */
  readonly eventTypes: string
  /** A line for each entry: `name=value`. */
  readonly scope: string
  readonly filter: string
  readonly body: string
  /** Empty: as Standard Webhooks has it. */
  readonly format: string
  /** What to try the expressions on: the id of an event, or data. */
  readonly example: string
  /** Empty: the receiver is not asked. */
  readonly verification: string
  readonly enabled: boolean
}

export const EMPTY_FIELDS: WebhookFields = {
  ...{ url: '', pull: false, name: '', description: '', eventTypes: '*', scope: '' },
  ...{ filter: '', body: '', format: '', example: '', enabled: true, ...EMPTY_REQUEST_FIELDS },
  ...{ ...EMPTY_RATE_FIELDS, ...EMPTY_ORDER_FIELDS, ...EMPTY_BATCH_FIELDS, verification: '' },
  ...EMPTY_SIGNATURE_FIELDS,
}

/** The fields of a form that was sent. */
export function fieldsOf(form: URLSearchParams): WebhookFields {
  const text = (name: string) => (form.get(name) ?? '').trim()
  return {
    url: text('url'),
    pull: form.get('pull') === 'true',
    name: text('name'),
    description: text('description'),
    eventTypes: text('eventTypes'),
    scope: text('scope'),
    filter: text('filter'),
    body: text('body'),
    format: text('format'),
    ...requestFieldsOf(text),
    example: text('example'),
    ...rateFieldsOf(text),
    verification: text('verification'),
    ...orderFieldsOf(text),
    ...batchFieldsOf(text),
    ...signatureFieldsOf(text),
    enabled: form.get('enabled') === 'true',
  }
}

/** The fields of a webhook as it is. */
export function fieldsOfWebhook(webhook: WebhookResponse): WebhookFields {
  const { url, pull, name, description, eventTypes, scope, filter, body, format, enabled } = webhook
  return {
    ...{ url: url ?? '', pull, enabled, name: name ?? '', description: description ?? '' },
    ...{ filter: filter ?? '', body: body ?? '', format: format ?? '', example: '' },
    ...rateFieldsOfWebhook(webhook),
    verification: webhook.verification ?? '',
    ...orderFieldsOfWebhook(webhook),
    ...batchFieldsOfWebhook(webhook),
    ...signatureFieldsOfWebhook(webhook),
    ...requestFieldsOfWebhook(webhook),
    eventTypes: eventTypes.join('\n'),
    scope: Object.entries(scope)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
  }
}

/** What the API takes: everything the form has, so that what was emptied is cleared. */
export function toWebhookInput({
  url,
  pull,
  name,
  description,
  eventTypes,
  scope,
  filter,
  body,
  format,
  verification,
  enabled,
  ...others
}: WebhookFields) {
  return {
    ...(pull && { pull }),
    ...(!(pull && url === '') && { url }),
    rate: toRate(others),
    order: toOrder(others),
    batch: toBatch(others),
    httpSignature: toHttpSignature(others),
    verification: verification || null,
    ...{ enabled, name: name || null, description: description || null },
    ...{ filter: filter || null, body: body || null, ...toRequestInput(others) },
    format: format || null,
    eventTypes: eventTypes.split(/[\s,]+/).filter((type) => type !== ''),
    scope: fromLines('scope', scope, '='),
  }
}
