// What values of expressions are as parts of a request: header values, segments of a path, parameters of a query. What none can be is
// thrown as `ExpressionFailure`, in a sentence that does not show it.

import { WEBHOOK } from '../../limits.ts'
import { ExpressionFailure } from '../expressions/failure.ts'
import { writeValue } from '../expressions/write-value.ts'
import { WrittenNumber } from '../expressions/written-number.ts'
import { checkHeader } from './header-policy.ts'

/** The value of a header; null where there is none. */
export function readHeader(name: string, value: unknown): string | null {
  const text = toText(value)
  const flaw = text === null ? null : checkHeader(name, text)
  if (flaw !== null) throw new ExpressionFailure('failed', flaw)
  return text
}

/** Segments of a path, not encoded: a text is one, an array several. */
export function readSegments(value: unknown): readonly string[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value]
  return given.map((one) => {
    const text = toText(one)
    if (text === null)
      throw new ExpressionFailure('failed', 'A segment has no value for this event.')
    if (text === '' || text === '.' || text === '..') {
      throw new ExpressionFailure('failed', 'A segment can be neither empty nor "." or "..".')
    }
    return text
  })
}

/** Values of a parameter: of an array each; none where there is none. */
export function readParameter(value: unknown): readonly string[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value]
  return given.flatMap((one) => toText(one) ?? [])
}

/** The URL with more segments and parameters, percent-encoded, behind its own. */
export function extendUrl(
  url: string,
  segments: readonly string[],
  parameters: readonly (readonly [name: string, value: string])[],
): string {
  if (segments.length === 0 && parameters.length === 0) return url
  const extended = new URL(url)
  if (segments.length > 0) {
    const path = extended.pathname.replace(/\/$/, '')
    extended.pathname = [path, ...segments.map(encode)].join('/')
  }
  const added = parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`)
  if (added.length > 0) {
    extended.search = [extended.search.replace(/^\?/, ''), ...added].filter(Boolean).join('&')
  }
  if (extended.href.length > WEBHOOK.urlChars) {
    const message = `The URL would have more than ${WEBHOOK.urlChars} characters.`
    throw new ExpressionFailure('failed', message)
  }
  return extended.href
}

/** Of a text that has half of a character, which no encoding has, the replacement character. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** The text as it is. Throws `ExpressionFailure` for half of a character, which would be sent as another one. */
export function wholeText(text: string): string {
  if (text.isWellFormed()) return text
  throw new ExpressionFailure('failed', 'It has half of a character (a lone surrogate).')
}

/** Null of what is nothing. */
function toText(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return wholeText(value)
  const isPlain = typeof value === 'boolean' || typeof value === 'number'
  if (isPlain || value instanceof WrittenNumber) return writeValue(value)
  throw new ExpressionFailure('failed', 'It must be a text, a number, true or false.')
}
