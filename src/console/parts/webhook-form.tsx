// What of a webhook can be set on a page: fields to what the API takes, and back.

import type { WebhookResponse } from '../../api/schema/webhook.ts'
import type { ConsoleContext } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import type { Problem } from '../v1.ts'
import { Note } from './elements.tsx'
import { AreaField, CheckField, TextField } from './fields.tsx'
import { FormToken } from './layout.tsx'

export interface WebhookFields {
  readonly url: string
  readonly name: string
  readonly description: string
  /** Separated by white space or commas. */
  readonly eventTypes: string
  /** A line for each entry: `name=value`. */
  readonly scope: string
  readonly enabled: boolean
}

export const EMPTY_FIELDS: WebhookFields = {
  ...{ url: '', name: '', description: '', eventTypes: '*', scope: '', enabled: true },
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
    enabled: form.get('enabled') === 'true',
  }
}

/** The fields of a webhook as it is. */
export function fieldsOfWebhook(webhook: WebhookResponse): WebhookFields {
  const { url, name, description, eventTypes, scope, enabled } = webhook
  return {
    ...{ url, enabled, name: name ?? '', description: description ?? '' },
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
  enabled,
}: WebhookFields) {
  return {
    ...{ url, enabled, name: name || null, description: description || null },
    eventTypes: eventTypes.split(/[\s,]+/).filter((type) => type !== ''),
    scope: Object.fromEntries(
      scope
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .map((line) => {
          const at = line.indexOf('=')
          return at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()]
        }),
    ),
  }
}

interface FormProps {
  readonly c: ConsoleContext
  readonly to: string
  readonly fields: WebhookFields
  readonly problem: Problem | null
  readonly button: string
}

export function WebhookForm({ c, to, fields, problem, button }: FormProps) {
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
      <CheckField name="enabled" label="Enabled: it receives new events" checked={fields.enabled} />
      <button type="submit" class="main">
        {button}
      </button>
    </form>
  )
}
