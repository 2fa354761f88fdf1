// The conversions of an event type: what each makes of an example, tried before it is saved.

import { z } from 'zod'
import { PreviewResponse } from '../../api/schema/expression.ts'
import { type Problem, refusalAt } from '../../http/v1.ts'
import { type ConsoleContext, may, visitOf } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import { Card, Code, Note } from './elements.tsx'
import { AreaField, SelectField } from './fields.tsx'
import { FormToken } from './layout.tsx'

export const ShownConversion = z.object({
  from: z.string(),
  to: z.string(),
  expression: z.string(),
})
type ShownConversion = z.infer<typeof ShownConversion>

/** As a form has it. */
export interface ConversionFields extends ShownConversion {
  /** What to try it on, as it was typed. */
  readonly data: string
}

type Tried = z.infer<typeof PreviewResponse>['conversion']

export function conversionIn(form: URLSearchParams): ConversionFields {
  const text = (name: string) => form.get(name) ?? ''
  return { from: text('from'), to: text('to'), expression: text('expression'), data: text('data') }
}

/** Asks what a conversion makes of data. Throws a `Refusal` for a wrong one. */
export async function tryConversion(
  c: ConsoleContext,
  tenantId: string,
  type: string,
  { expression, data }: ConversionFields,
): Promise<Tried> {
  try {
    JSON.parse(data)
  } catch {
    throw refusalAt('data', 'Expected JSON.')
  }
  const about = JSON.stringify({ conversion: expression }).slice(0, -1)
  // As it was typed, so that its numbers stay what they are.
  const body = `${about},"event":{"type":${JSON.stringify(type)},"data":${data}}}`
  const path = `/tenants/${tenantId}/expressions/preview`
  return (await visitOf(c).v1.send('POST', path, body, PreviewResponse)).conversion
}

interface ConversionsProps {
  readonly c: ConsoleContext
  readonly to: string
  readonly versions: readonly string[]
  readonly conversions: readonly ShownConversion[]
  /** The first example as JSON. */
  readonly example: string
  /** What was sent, what it made, and what is wrong with it; null: nothing was sent. */
  readonly sent: {
    readonly fields: ConversionFields
    readonly tried: Tried
    readonly problem: Problem | null
  } | null
}

export function Conversions(props: ConversionsProps) {
  const { c, conversions, versions, sent } = props
  if (!presentationOf(c).showsInternals) return null
  return (
    <>
      {conversions.map(({ from, to, expression }) => (
        <Card title={`Data of version ${to}, made of ${from}`}>
          <div class="body">
            <Code id={`conversion-${from}-${to}`} text={expression} />
          </div>
        </Card>
      ))}
      {versions.length > 1 && may(c, 'webhooks:read') && (
        <Card
          title={sent === null && conversions.length === 0 ? 'A conversion' : 'Try a conversion'}
        >
          <ConversionForm {...props} />
        </Card>
      )}
    </>
  )
}

function ConversionForm({ c, to: action, versions, conversions, example, sent }: ConversionsProps) {
  const first = conversions[0] ?? {
    from: versions.at(-1) ?? '',
    to: versions[0] ?? '',
    expression: '',
  }
  const { fields, tried, problem } = sent ?? {
    fields: { ...first, data: example },
    ...{ tried: null, problem: null },
  }
  const wrong = (...names: readonly string[]) =>
    problem?.errors.find(({ path }) => names.some((name) => path.endsWith(name)))?.message
  const options = versions.map((version) => [version, version] as const)
  const breaks =
    problem?.status === 409 && problem.errors.some(({ path }) => path === 'conversions')
  return (
    <form method="post" action={action} class="body">
      <FormToken c={c} />
      {problem && !breaks && <Note tone="bad">{problem.detail}</Note>}
      {breaks && (
        <Note tone="warn">
          {`There is a conversion of ${fields.from} to ${fields.to} already. Webhooks that get version ${fields.to} would get other data ` +
            'of what is published from now on.'}
        </Note>
      )}
      <div class="pair">
        <SelectField
          {...{ name: 'from', label: 'Made of version', options, value: fields.from }}
          wrong={wrong('.from')}
        />
        <SelectField
          {...{ name: 'to', label: 'Data of version', options, value: fields.to }}
          wrong={wrong('.to')}
        />
      </div>
      <AreaField
        name="expression"
        label="Expression"
        value={fields.expression}
        hint={
          <>
            JSONata on the data itself: <code>{'{ "total": $number(total) }'}</code>
          </>
        }
        wrong={wrong('conversion', '.expression')}
      />
      <AreaField name="data" label="Try it on" value={fields.data} wrong={wrong('data')} />
      <p class="actions-row">
        <button type="submit" class="plain" name="preview" value="true">
          Try it
        </button>
        {may(c, 'catalogue:write') && <button type="submit">Save the conversion</button>}
        {breaks && (
          <button type="submit" class="danger" name="acceptBreaks" value="true">
            Save it all the same
          </button>
        )}
      </p>
      {tried?.text != null && <Code id="tried-conversion" text={tried.text} />}
      {tried?.error && <Note tone="bad">{tried.error}</Note>}
    </form>
  )
}
