// Custom headers on the wire. Their values are secrets, so answers show which headers there are and mask what they
// say; a mask that comes back means what is stored.

import { z } from 'zod'
import { WEBHOOK } from '../../config.ts'
import { type Issue, invalid } from '../../engine/errors.ts'
import { checkHeader } from '../../engine/header-policy.ts'
import type { Header } from '../../engine/model.ts'
import { plainRecord } from '../../engine/pipeline/event-input.ts'

/** Stands for a value; no legal header value. */
export const MASK = '••••'

export const HeadersInput = plainRecord(
  z.record(
    z.string(),
    z.union([z.string(), z.array(z.string()).min(1)], {
      error: 'Expected a string or a list of strings.',
    }),
  ),
).meta({ description: `Values, one header line each. "${MASK}" keeps what is stored.` })
export type HeadersInput = z.infer<typeof HeadersInput>

export const HeadersResponse = z
  .record(z.string(), z.union([z.string(), z.array(z.string())]))
  .meta({ description: `Values are secrets and shown as "${MASK}".` })
export type HeadersResponse = z.infer<typeof HeadersResponse>

/** Header lines of an input, with `stored` in place of masks. Throws `invalid`, naming the header. */
export function toHeaders(input: HeadersInput, stored: readonly Header[]): readonly Header[] {
  const seen = new Set<string>()
  const lines = Object.entries(input).flatMap(([name, given]): Header[] => {
    const path = ['headers', name]
    if (seen.has(name.toLowerCase())) throw invalid(path, 'This header is given twice.')
    seen.add(name.toLowerCase())
    const values = unmask(given, valuesOf(stored, name), path)
    for (const value of values) {
      const flaw = checkHeader(name, value)
      if (flaw !== null) throw invalid(path, flaw)
    }
    return values.map((value) => [name, value])
  })
  if (lines.length > WEBHOOK.headers) {
    throw invalid(['headers'], `At most ${WEBHOOK.headers} headers are allowed.`)
  }
  return lines
}

function valuesOf(headers: readonly Header[], name: string): readonly string[] {
  const lower = name.toLowerCase()
  return headers.filter(([other]) => other.toLowerCase() === lower).map(([, value]) => value)
}

function unmask(
  given: string | readonly string[],
  stored: readonly string[],
  path: Issue['path'],
): readonly string[] {
  if (given === MASK && stored.length > 0) return stored
  const values = typeof given === 'string' ? [given] : given
  return values.map((value, index) => {
    if (value !== MASK) return value
    const kept = stored[index]
    if (kept === undefined)
      throw invalid(path, `"${MASK}" stands for a stored value; there is none.`)
    return kept
  })
}

/** Which headers there are, values masked. */
export function toHeadersResponse(headers: readonly Header[]): HeadersResponse {
  const names = new Map(headers.map(([name]) => [name.toLowerCase(), name]))
  return Object.fromEntries(
    [...names.values()].map((name) => {
      const count = valuesOf(headers, name).length
      return [name, count === 1 ? MASK : Array<string>(count).fill(MASK)]
    }),
  )
}
