// What of a webhook can be set on a page: fields to what the API takes, and back.

import type { z } from 'zod'
import { PresetsResponse, PreviewResponse } from '../../api/schema/expression.ts'
import type { WebhookResponse } from '../../api/schema/webhook.ts'
import { type ConsoleContext, visitOf } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import { type Problem, Refusal } from '../v1.ts'
import { Note } from './elements.tsx'
import { ExpressionPreview, type TriedExpressions } from './expression-preview.tsx'
import { AreaField, CheckField, TextField } from './fields.tsx'
import { FormToken } from './layout.tsx'
import {
  EMPTY_ORDER_FIELDS,
  type OrderFields,
  OrderFormFields,
  orderFieldsOf,
  orderFieldsOfWebhook,
  toOrder,
} from './order-fields.tsx'
import {
  EMPTY_RATE_FIELDS,
  type RateFields,
  RateFormFields,
  rateFieldsOf,
  rateFieldsOfWebhook,
  toRate,
} from './rate-fields.tsx'
import {
  EMPTY_REQUEST_FIELDS,
  fromLines,
  RequestExpressionFields,
  type RequestFields,
  requestFieldsOf,
  requestFieldsOfWebhook,
  toRequestExpressions,
  toRequestInput,
} from './request-fields.tsx'

export interface WebhookFields extends RequestFields, RateFields, OrderFields {
  readonly url: string
  readonly name: string
  readonly description: string
  /** Separated by white space or commas. */
  readonly eventTypes: string
  /** A line for each entry: `name=value`. */
  readonly scope: string
  readonly filter: string
  readonly body: string
  /** What to try the expressions on: the id of an event, or data. */
  readonly example: string
  readonly enabled: boolean
}

export const EMPTY_FIELDS: WebhookFields = {
  ...{ url: '', name: '', description: '', eventTypes: '*', scope: '' },
  ...{ filter: '', body: '', example: '', enabled: true, ...EMPTY_REQUEST_FIELDS },
  ...EMPTY_RATE_FIELDS,
  ...EMPTY_ORDER_FIELDS,
}

/** The fields of a form that was sent. */
export function fieldsOf(form: URLSearchParams): WebhookFields {
  const text = (name: string) => (form.get(name) ?? '').trim()
  return {
    url: text('url'),
    name: text('name'),
    description: text('description'),
    eventTypes: text('eventTypes'),
    scope: text('scope'),
    filter: text('filter'),
    body: text('body'),
    ...requestFieldsOf(text),
    example: text('example'),
    ...rateFieldsOf(text),
    ...orderFieldsOf(text),
    enabled: form.get('enabled') === 'true',
  }
}

/** The fields of a webhook as it is. */
export function fieldsOfWebhook(webhook: WebhookResponse): WebhookFields {
  const { url, name, description, eventTypes, scope, filter, body, enabled } = webhook
  return {
    ...{ url, enabled, name: name ?? '', description: description ?? '' },
    ...{ filter: filter ?? '', body: body ?? '', example: '' },
    ...rateFieldsOfWebhook(webhook),
    ...orderFieldsOfWebhook(webhook),
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
  name,
  description,
  eventTypes,
  scope,
  filter,
  body,
  enabled,
  ...others
}: WebhookFields) {
  return {
    ...{ url, enabled, name: name || null, description: description || null },
    ...{ filter: filter || null, body: body || null, ...toRequestInput(others) },
    rate: toRate(others),
    order: toOrder(others),
    eventTypes: eventTypes.split(/[\s,]+/).filter((type) => type !== ''),
    scope: fromLines(scope, '='),
  }
}

/** Bodies to begin with. */
type Presets = z.infer<typeof PresetsResponse>['items']

export async function findPresets(c: ConsoleContext, tenantId: string): Promise<Presets> {
  const path = `/tenants/${tenantId}/expressions/presets`
  return (await visitOf(c).v1.get(path, PresetsResponse)).items
}

/** The fields with the body of the preset that a form chose. */
export function withPreset(
  fields: WebhookFields,
  presets: Presets,
  chosen: string | null,
): WebhookFields {
  const body = presets.find(({ id }) => id === chosen)?.body
  return body === undefined ? fields : { ...fields, body }
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Asks what they make of the event that the form names, or of data that stands there. Throws a `Refusal` for a wrong one. */
export function tryExpressions(
  c: ConsoleContext,
  tenantId: string,
  { filter, body, example, eventTypes, ...ofRequest }: WebhookFields,
): Promise<TriedExpressions> {
  const type = eventTypes.split(/[\s,]+/).find((one) => /^[\w.-]+$/.test(one)) ?? 'example'
  const both = { filter: filter || null, body: body || null }
  const about = JSON.stringify({ ...both, ...toRequestExpressions(ofRequest) }).slice(0, -1)
  // As it was typed, so that its numbers stay what they are.
  const event = ID.test(example)
    ? `"eventId":${JSON.stringify(example)}`
    : `"event":{"type":${JSON.stringify(type)},"data":${checkedData(example)}}`
  const path = `/tenants/${tenantId}/expressions/preview`
  return visitOf(c).v1.send('POST', path, `${about},${event}}`, PreviewResponse)
}

function checkedData(text: string): string {
  if (text === '') return '{}'
  try {
    JSON.parse(text)
    return text
  } catch {
    const message = 'Expected the id of an event, or JSON.'
    const errors = [{ path: 'example', message }]
    throw new Refusal({ status: 400, title: 'Bad Request', detail: message, errors })
  }
}

export interface WebhookFormProps {
  readonly c: ConsoleContext
  readonly to: string
  readonly fields: WebhookFields
  readonly problem: Problem | null
  readonly button: string
  readonly presets: Presets
  readonly tried?: TriedExpressions | null
}

export function WebhookForm({
  c,
  to,
  fields,
  problem,
  button,
  presets,
  tried = null,
}: WebhookFormProps) {
  const { say } = presentationOf(c)
  const wrong = (name: string) => {
    const found = problem?.errors.find(
      ({ path }) => path === name || path.startsWith(`${name}[`) || path.startsWith(`${name}.`),
    )
    return found && say(found.message)
  }
  return (
    <form method="post" action={to}>
      <FormToken c={c} />
      {problem && <Note tone="bad">{say(problem.detail)}</Note>}
      <TextField
        name="url"
        label="URL"
        type="url"
        required
        value={fields.url}
        placeholder="https://example.com/hooks"
        hint="Where events are sent, by POST."
        wrong={wrong('url')}
      />
      <div class="pair">
        <TextField name="name" label="Name" value={fields.name} wrong={wrong('name')} />
        <TextField
          name="description"
          label="Description"
          value={fields.description}
          wrong={wrong('description')}
        />
      </div>
      <div class="pair">
        <AreaField
          name="eventTypes"
          label="Event types"
          value={fields.eventTypes}
          hint={
            <>
              One a line: <code>invoice.paid</code>, <code>invoice.*</code>, or <code>*</code> for
              all.
            </>
          }
          wrong={wrong('eventTypes')}
        />
        <AreaField
          name="scope"
          label="Scope"
          value={fields.scope}
          hint={
            <>
              One entry a line, such as <code>project=apollo</code>: only events that have all of
              them.
            </>
          }
          wrong={wrong('scope')}
        />
      </div>
      <div class="pair">
        <AreaField
          name="filter"
          label="Filter"
          rows={3}
          value={fields.filter}
          hint={
            <>
              A JSONata expression, such as <code>data.total &gt; 1000</code>: only events for which
              it is true.
            </>
          }
          wrong={wrong('filter')}
        />
        <AreaField
          name="body"
          label="Body"
          rows={3}
          value={fields.body}
          hint={
            <>
              A JSONata expression that makes what is sent, such as{' '}
              <code>{'{ "text": type }'}</code>. Without one: type, time and data.
            </>
          }
          wrong={wrong('body')}
        />
      </div>
      <RateFormFields fields={fields} wrong={wrong} />
      <OrderFormFields fields={fields} wrong={wrong} />
      <RequestExpressionFields fields={fields} wrong={wrong} />
      <CheckField name="enabled" label="Enabled: it receives new events" checked={fields.enabled} />
      <button type="submit" class="main">
        {button}
      </button>
      <p class="actions-row">
        Begin with the body for
        {presets.map(({ id, name }) => (
          <button type="submit" class="plain" name="preset" value={id} formnovalidate>
            {name}
          </button>
        ))}
      </p>
      <AreaField
        name="example"
        label="Try the expressions on"
        rows={3}
        value={fields.example}
        hint="The id of an event, or data as JSON."
        wrong={wrong('example') ?? wrong('event') ?? wrong('eventId')}
      />
      <button type="submit" name="preview" value="true" formnovalidate>
        Preview
      </button>
      {tried && <ExpressionPreview c={c} tried={tried} />}
    </form>
  )
}
