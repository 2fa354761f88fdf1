// The form of a webhook, and what helps to fill it in: bodies to begin with, and trying its expressions.

import type { z } from 'zod'
import { PresetsResponse, PreviewResponse } from '../../api/schema/expression.ts'
import { type Problem, refusalAt } from '../../http/v1.ts'
import { type ConsoleContext, visitOf } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import { Note, withCode } from './elements.tsx'
import { ExpressionPreview, PresetButtons, type TriedExpressions } from './expression-preview.tsx'
import { AreaField, CheckField, Fold, TextField } from './fields.tsx'
import { FormatField } from './format-field.tsx'
import { FormToken } from './layout.tsx'
import { RequestExpressionFields, toRequestExpressions } from './request-fields.tsx'
import { SendingFields } from './sending-fields.tsx'
import { TargetFields } from './target-fields.tsx'
import type { WebhookFields } from './webhook-fields.ts'

/** Bodies to begin with. */
type Presets = z.infer<typeof PresetsResponse>['items']

export async function findPresets(c: ConsoleContext, tenantId: string): Promise<Presets> {
  const path = `/tenants/${tenantId}/expressions/presets`
  return (await visitOf(c).v1.get(path, PresetsResponse)).items
}

/** The fields with the body of the preset that a form chose. */
export function withPreset<Fields extends { readonly body: string }>(
  fields: Fields,
  presets: Presets,
  chosen: string | null,
): Fields {
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
    throw refusalAt('example', 'Expected the id of an event, or JSON.')
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
  /** It is not made yet: whether it has a URL can still be chosen. */
  readonly isNew?: true
}

export function WebhookForm({
  c,
  to,
  fields,
  problem,
  button,
  presets,
  tried = null,
  isNew,
}: WebhookFormProps) {
  const { say, showsInternals } = presentationOf(c)
  const isPull = fields.pull && isNew !== true
  const mayPull = isNew === true && showsInternals
  const wrong = (name: string) => {
    const found = problem?.errors.find(
      ({ path }) => path === name || path.startsWith(`${name}[`) || path.startsWith(`${name}.`),
    )
    return found && say(found.message)
  }
  return (
    <form method="post" action={to}>
      <FormToken c={c} />
      {problem && <Note tone="bad">{withCode(say(problem.detail))}</Note>}
      <TargetFields fields={fields} mayPull={mayPull} isPull={isPull} wrong={wrong('url')} />
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
      <div class="folds">
        <RequestExpressionFields fields={fields} wrong={wrong} />
        <Fold
          title="How events are written"
          values={[fields.format]}
          isWrong={wrong('format') !== undefined}
        >
          <FormatField value={fields.format} wrong={wrong('format')} />
        </Fold>
        {!isPull && <SendingFields c={c} fields={fields} wrong={wrong} />}
      </div>
      <CheckField name="enabled" label="Enabled: it receives new events" checked={fields.enabled} />
      <button type="submit" class="main">
        {button}
      </button>
      <PresetButtons presets={presets} />
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
