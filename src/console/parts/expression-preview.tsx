// What the expressions of a form make of an event, as it is shown beside them.

import type { z } from 'zod'
import type { PreviewResponse } from '../../api/schema/expression.ts'
import type { ConsoleContext } from '../context.ts'
import { presentationOf } from '../presentation.ts'
import { Badge, Code, Note } from './elements.tsx'

export type TriedExpressions = z.infer<typeof PreviewResponse>

export function ExpressionPreview({
  c,
  tried: { filter, body, request },
}: {
  readonly c: ConsoleContext
  readonly tried: TriedExpressions
}) {
  const { say } = presentationOf(c)
  return (
    <div id="tried">
      {filter?.passes != null && (
        <p>
          By the filter, it is{' '}
          <Badge
            status={filter.passes ? 'ok' : 'held'}
            says={filter.passes ? 'sent' : 'left out'}
          />
        </p>
      )}
      {filter?.error && <Note tone="bad">{say(`The filter fails: ${filter.error}`)}</Note>}
      {body?.text != null && <Code id="tried-body" text={body.text} />}
      {body?.error && <Note tone="bad">{say(body.error)}</Note>}
      {request?.url != null && (
        <Code
          id="tried-request"
          text={[
            `POST ${request.url}`,
            ...Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`),
          ].join('\n')}
        />
      )}
      {request?.error && <Note tone="bad">{say(request.error)}</Note>}
      {filter === null && body === null && request === null && (
        <Note tone="">There is no expression to try.</Note>
      )}
    </div>
  )
}

/** Each puts its body into the form. */
export function PresetButtons({
  presets,
}: {
  readonly presets: readonly { readonly id: string; readonly name: string }[]
}) {
  return (
    <p class="actions-row presets">
      Begin with the body for
      {presets.map(({ id, name }) => (
        <button type="submit" class="plain" name="preset" value={id} formnovalidate>
          {name}
        </button>
      ))}
    </p>
  )
}
