// An operation in full: who may ask, what goes in, what comes out, and a command that calls it.

import { exampleOfAnswer, toCommand } from '../reference/call.ts'
import { bodyOf } from '../reference/contents.ts'
import type {
  DescribedOperation,
  Description,
  MediaTypes,
  ParameterObject,
} from '../reference/description.ts'
import { toOutline } from '../reference/outline.ts'
import { Card, Code } from './elements.tsx'
import { Inside, NamedLine, Prose, TypeWords, Whole } from './schema.tsx'

interface OperationProps {
  readonly operation: DescribedOperation
  readonly ofTenant: DescribedOperation | undefined
  readonly schemaNamed: Description['schemaNamed']
  readonly origin: string
}

export function OperationCard({ operation, ofTenant, schemaNamed, origin }: OperationProps) {
  const { operationId, summary, method, path, description, parameters, requestBody } = operation
  const body = bodyOf(operation, schemaNamed)
  const example = exampleOfAnswer(operation, schemaNamed)
  return (
    <Card id={operationId} title={summary}>
      <div class="body">
        <p>
          <span class="badge">{method}</span> <code>{path}</code>
        </p>
        <Prose text={description} />
        <p class="quiet">{whoMayAsk(operation)}</p>
        {ofTenant && (
          <p class="quiet" id={ofTenant.operationId}>
            Below a tenant that the path names, with an operator key: <code>{ofTenant.path}</code>
          </p>
        )}
        {parameters.length > 0 && <h3>Parameters</h3>}
        <Parameters parameters={parameters} />
        {requestBody && body && (
          <>
            <h3>Body</h3>
            <p class="quiet small">
              <code>{Object.keys(requestBody.content)[0]}</code>
              {!requestBody.required && ', may be left out'}
            </p>
            <Whole outline={toOutline(body)} />
          </>
        )}
        <h3>Answers</h3>
        <Answers responses={operation.responses} />
        {example !== undefined && (
          <details class="more">
            <summary>An example of the answer</summary>
            <Code id={`answer-${operationId}`} text={example} />
          </details>
        )}
        <h3>Call</h3>
        <Code id={`call-${operationId}`} text={toCommand(operation, { schemaNamed }, origin)} />
      </div>
    </Card>
  )
}

function whoMayAsk({ security }: DescribedOperation): string {
  const takes = (scheme: string) => security.some((one) => scheme in one)
  const administrator = takes('administrator')
  if (takes('bearer'))
    return administrator ? 'With a key, or the administrator’s token.' : 'With a key.'
  return administrator ? 'With the administrator’s token.' : 'Everybody may ask.'
}

function Parameters({ parameters }: { readonly parameters: readonly ParameterObject[] }) {
  if (parameters.length === 0) return null
  return (
    <ul class="fields">
      {parameters.map(({ name, in: place, required, description, schema }) => {
        const outline = toOutline({ ...schema, description: description ?? schema.description })
        const type = [`in ${place}, `, ...outline.type]
        return (
          <li>
            <NamedLine name={name} outline={{ ...outline, type }} isRequired={required} />
          </li>
        )
      })}
    </ul>
  )
}

/** Refusals alike in one line. */
function Answers({ responses }: { readonly responses: DescribedOperation['responses'] }) {
  const groups = Map.groupBy(Object.entries(responses), ([status, { content }]) =>
    status < '400' ? status : JSON.stringify(content),
  )
  return (
    <ul class="fields">
      {[...groups.values()].map((group) => (
        <li>
          {group.map(([status, { description, headers }]) => (
            <span class="answer">
              <code>{status}</code> {description}
              {Object.keys(headers).map((name) => (
                <span class="quiet">
                  {' '}
                  With <code>{name}</code>.
                </span>
              ))}
            </span>
          ))}
          <AnswerBody content={group[0]?.[1].content ?? {}} />
        </li>
      ))}
    </ul>
  )
}

function AnswerBody({ content }: { readonly content: MediaTypes }) {
  const [type, media] = Object.entries(content)[0] ?? []
  if (type === undefined || media === undefined) return null
  const outline = toOutline(media.schema)
  return (
    <>
      <span class="quiet small nowrap">
        <TypeWords type={outline.type} />
        {!/^application\/(?:problem\+)?json$/.test(type) && `, ${type}`}
      </span>
      <Inside outline={outline} />
    </>
  )
}
