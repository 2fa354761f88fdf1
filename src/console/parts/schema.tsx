// A schema, as its outline tells it.

import type { Outline, TypePart } from '../reference/outline.ts'

/** Where a named schema stands on its page. */
export function anchorOf(name: string): string {
  return `schema-${name}`
}

/** A text of the description: paragraphs, and code in backticks. */
export function Prose({ text }: { readonly text: string | undefined }) {
  return (
    <>
      {(text ?? '')
        .split('\n\n')
        .filter((paragraph) => paragraph !== '')
        .map((paragraph) => (
          <p>
            <Inline text={paragraph} />
          </p>
        ))}
    </>
  )
}

function Inline({ text }: { readonly text: string }) {
  return <>{text.split('`').map((part, at) => (at % 2 === 1 ? <code>{part}</code> : part))}</>
}

export function TypeWords({ type }: { readonly type: readonly TypePart[] }) {
  return (
    <>
      {type.map((part) =>
        typeof part === 'string' ? part : <a href={`#${anchorOf(part.name)}`}>{part.name}</a>,
      )}
    </>
  )
}

interface LineProps {
  readonly outline: Outline
  readonly isRequired?: boolean
}

/** Type and limits in one line. */
function Line({ outline: { type, limits }, isRequired = false }: LineProps) {
  return (
    <span class="quiet small">
      <TypeWords type={type} />
      {isRequired && (
        <>
          , <strong>required</strong>
        </>
      )}
      {limits.map((limit) => (
        <>
          , <Inline text={limit} />
        </>
      ))}
    </span>
  )
}

/** What is inside of a schema: its fields, and what it is one of. */
export function Inside({ outline: { fields, alternatives } }: { readonly outline: Outline }) {
  return (
    <>
      {fields.length > 0 && (
        <ul class="fields">
          {fields.map((one) => (
            <li>
              <NamedLine name={one.field} outline={one} isRequired={one.isRequired} />
            </li>
          ))}
        </ul>
      )}
      {alternatives.length > 0 && (
        <ul class="fields">
          {alternatives.map((one, at) => (
            <li>
              <span class="quiet small">{at === 0 ? 'Either ' : 'or '}</span>
              <Line outline={one} />
              <Prose text={one.description} />
              <Inside outline={one} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

/** A field, or a parameter, with all that is in it. */
export function NamedLine({ name, outline, isRequired = false }: LineProps & { name: string }) {
  return (
    <>
      <code class="field-name">{name}</code>
      <Line outline={outline} isRequired={isRequired} />
      <Prose text={outline.description} />
      <Inside outline={outline} />
    </>
  )
}

/** A schema that has no name here, with what is in it. */
export function Whole({ outline }: { readonly outline: Outline }) {
  return (
    <>
      <Line outline={outline} />
      <Prose text={outline.description} />
      <Inside outline={outline} />
    </>
  )
}
