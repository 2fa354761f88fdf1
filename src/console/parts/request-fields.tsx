// The expressions of a webhook that make headers, path and query, and the secret values that they ask for: a line for each.

import type { WebhookResponse } from '../../api/schema/webhook.ts'
import { refusalAt } from '../../http/v1.ts'
import { AreaField, Fold, TextField } from './fields.tsx'

export interface RequestFields {
  /** A line for each: `Name: expression`. */
  readonly headerExpressions: string
  readonly pathExpression: string
  /** A line for each: `name=expression`. */
  readonly queryExpressions: string
  /** A line for each: `name=value`, a mask in place of what is stored. */
  readonly secretValues: string
}

export const EMPTY_REQUEST_FIELDS: RequestFields = {
  ...{ headerExpressions: '', pathExpression: '', queryExpressions: '', secretValues: '' },
}

/** The fields of a form that was sent. */
export function requestFieldsOf(text: (name: string) => string): RequestFields {
  return {
    headerExpressions: text('headerExpressions'),
    pathExpression: text('pathExpression'),
    queryExpressions: text('queryExpressions'),
    secretValues: text('secretValues'),
  }
}

/** The fields of a webhook as it is. */
export function requestFieldsOfWebhook(webhook: WebhookResponse): RequestFields {
  return {
    headerExpressions: toLines(webhook.headerExpressions, ': '),
    pathExpression: webhook.pathExpression ?? '',
    queryExpressions: toLines(webhook.queryExpressions, '='),
    secretValues: toLines(webhook.secretValues, '='),
  }
}

/** What the API takes of the expressions, and of the values with them. */
export function toRequestExpressions(fields: Omit<RequestFields, 'secretValues'>) {
  return {
    headerExpressions: fromLines('headerExpressions', fields.headerExpressions, ':'),
    pathExpression: fields.pathExpression || undefined,
    queryExpressions: fromLines('queryExpressions', fields.queryExpressions, '='),
  }
}

export function toRequestInput({ secretValues, ...expressions }: RequestFields) {
  const { pathExpression = null, ...others } = toRequestExpressions(expressions)
  return { ...others, pathExpression, secretValues: fromLines('secretValues', secretValues, '=') }
}

function toLines(entries: Readonly<Record<string, string>>, between: string): string {
  return Object.entries(entries)
    .map(([name, value]) => `${name}${between}${value.replaceAll(/\s*\n\s*/g, ' ')}`)
    .join('\n')
}

/** A line for each entry of a field; of one without `between` all is the name. Throws a `Refusal` where two lines have one name. */
export function fromLines(
  field: string,
  text: string,
  between: string,
): Readonly<Record<string, string>> {
  const entries = new Map<string, string>()
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue
    const at = line.indexOf(between)
    const [name, value] =
      at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    if (entries.has(name)) throw refusalAt(field, `${name} stands there more than once.`)
    entries.set(name, value)
  }
  return Object.fromEntries(entries)
}

export function RequestExpressionFields({
  fields,
  wrong,
}: {
  readonly fields: RequestFields
  readonly wrong: (name: string) => string | undefined
}) {
  const { headerExpressions, pathExpression, queryExpressions, secretValues } = fields
  return (
    <Fold
      title="Headers, path and query by expressions"
      values={[headerExpressions, pathExpression, queryExpressions, secretValues]}
      isWrong={Object.keys(EMPTY_REQUEST_FIELDS).some(wrong)}
    >
      <div class="pair">
        <AreaField
          name="headerExpressions"
          label="Headers"
          rows={3}
          value={fields.headerExpressions}
          hint={
            <>
              One a line, such as <code>X-Total: data.total</code>.
            </>
          }
          wrong={wrong('headerExpressions')}
        />
        <AreaField
          name="queryExpressions"
          label="Query"
          rows={3}
          value={fields.queryExpressions}
          hint={
            <>
              One a line, such as <code>number=data.number</code>.
            </>
          }
          wrong={wrong('queryExpressions')}
        />
      </div>
      <TextField
        name="pathExpression"
        label="Path"
        value={fields.pathExpression}
        hint={
          <>
            Segments behind the URL’s path, such as <code>{'["invoices", data.number]'}</code>.
          </>
        }
        wrong={wrong('pathExpression')}
      />
      <AreaField
        name="secretValues"
        label="Secret values"
        rows={2}
        value={fields.secretValues}
        hint={
          <>
            One a line, such as <code>token=…</code>; expressions get it by{' '}
            <code>$secret("token")</code>, and nobody sees it again.
          </>
        }
        wrong={wrong('secretValues')}
      />
    </Fold>
  )
}
