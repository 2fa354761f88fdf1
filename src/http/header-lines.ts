// Custom headers as surfaces take them: an object of names, made into header lines. Values are secrets, so answers may
// show a mask in their place; a mask that comes back means what is stored.

import { checkHeader, checkHeaders } from '../engine/attempt/header-policy.ts'
import type { Header } from '../engine/model/index.ts'
import { type Issue, invalid } from '../errors.ts'
import { MASK } from '../primitives/mask.ts'

/** One value, or several of which each is a line of its own. */
export type HeaderValues = Readonly<Record<string, string | readonly string[]>>

/** Header lines of an input, with `stored` in place of masks. Throws `invalid`, naming the header. */
export function toHeaderLines(input: HeaderValues, stored: readonly Header[]): readonly Header[] {
  const seen = new Set<string>()
  const lines = Object.entries(input).flatMap(([name, given]): Header[] => {
    const path = ['headers', name]
    if (seen.has(name.toLowerCase()))
      throw invalid(path, 'This header is given more than once. Header names are case-insensitive.')
    seen.add(name.toLowerCase())
    const values = unmask(given, valuesOf(stored, name), path)
    for (const value of values) {
      const flaw = checkHeader(name, value)
      if (flaw !== null) throw invalid(path, flaw)
    }
    return values.map((value) => [name, value])
  })
  const flaw = checkHeaders(lines)
  if (flaw !== null) throw invalid(['headers'], flaw)
  return lines
}

/** Each header's name as it is first written, with the values of its lines. */
export function valuesByName(
  headers: readonly Header[],
): readonly (readonly [name: string, values: readonly string[]])[] {
  const names = new Map<string, string>()
  for (const [name] of headers) {
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  return [...names.values()].map((name) => [name, valuesOf(headers, name)])
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
      throw invalid(
        path,
        `"${MASK}" stands for a stored value, but none is stored for this header.`,
      )
    return kept
  })
}
