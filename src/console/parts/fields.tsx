// Fields of forms, each with its label, what it means, and what is wrong with what was given.

import type { Child } from 'hono/jsx'
import { withCode } from './elements.tsx'

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly hint?: Child
  readonly wrong?: string | undefined
  readonly value?: string
}

function Frame({ name, label, hint, wrong, children }: FieldProps & { readonly children: Child }) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {children}
      {wrong && (
        <p class="wrong" id={`${name}-wrong`}>
          {withCode(wrong)}
        </p>
      )}
      {hint && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

/** What a field is described by, for who cannot see it beside. */
function describedBy({ name, hint, wrong }: FieldProps): string | undefined {
  const ids = [...(wrong ? [`${name}-wrong`] : []), ...(hint ? [`${name}-hint`] : [])]
  return ids.length === 0 ? undefined : ids.join(' ')
}

export function TextField({
  type = 'text',
  required = false,
  placeholder,
  inputmode,
  ...field
}: FieldProps & {
  readonly type?: 'text' | 'url' | 'search' | 'number' | 'password' | 'datetime-local'
  readonly required?: boolean
  readonly placeholder?: string
  /** Which keys a telephone offers. */
  readonly inputmode?: 'numeric'
}) {
  return (
    <Frame {...field}>
      <input
        type={type}
        id={field.name}
        name={field.name}
        value={field.value ?? ''}
        required={required}
        placeholder={placeholder}
        inputmode={inputmode}
        autocomplete={type === 'password' ? 'current-password' : 'off'}
        aria-describedby={describedBy(field)}
        aria-invalid={field.wrong ? 'true' : undefined}
      />
    </Frame>
  )
}

export function AreaField({ rows = 6, ...field }: FieldProps & { readonly rows?: number }) {
  return (
    <Frame {...field}>
      <textarea
        id={field.name}
        name={field.name}
        rows={rows}
        spellcheck={false}
        aria-describedby={describedBy(field)}
        aria-invalid={field.wrong ? 'true' : undefined}
      >
        {field.value ?? ''}
      </textarea>
    </Frame>
  )
}

export function SelectField({
  options,
  ...field
}: FieldProps & { readonly options: readonly (readonly [value: string, text: string])[] }) {
  return (
    <Frame {...field}>
      <select id={field.name} name={field.name} aria-describedby={describedBy(field)}>
        {options.map(([value, text]) => (
          <option value={value} selected={value === field.value}>
            {text}
          </option>
        ))}
      </select>
    </Frame>
  )
}

export function CheckField({
  name,
  label,
  checked,
}: {
  readonly name: string
  readonly label: string
  readonly checked: boolean
}) {
  return (
    <div class="field check">
      <label>
        <input type="checkbox" name={name} value="true" checked={checked} /> {label}
      </label>
    </div>
  )
}

/** Fields that few need, folded away: open from the start where one of them has a value, or is wrong. */
export function Fold({
  title,
  values,
  isWrong,
  children,
}: {
  readonly title: string
  readonly values: readonly (string | boolean)[]
  readonly isWrong: boolean
  readonly children: Child
}) {
  return (
    <details class="fold" open={isWrong || values.some(Boolean)}>
      <summary>{title}</summary>
      <div>{children}</div>
    </details>
  )
}
