// What `toShownUrl` leaves out of a URL, left out of what receivers answered, too: many error pages repeat the request that they are about.

import { isRecord } from '../primitives/is-record.ts'
import { MASK } from '../primitives/mask.ts'

/** Characters from which a value is masked: shorter ones would be found in any text. */
const MIN_CHARS = 6

/** A value without what is hidden of a URL, in any of its texts; the names of its fields stay. */
export function withoutHidden<Value>(value: Value, url: string | null): Value
export function withoutHidden(value: unknown, url: string | null): unknown {
  const pieces = hiddenOf(url)
  return pieces.length === 0 ? value : withTexts(value, (text) => masked(text, pieces))
}

/** The values of the parameters and the password, in the forms in which they may come back, longest first. */
function hiddenOf(url: string | null): readonly string[] {
  const parsed = url === null ? null : URL.parse(url)
  if (parsed === null) return []
  const { search, searchParams, password } = parsed
  const written = search
    .slice(1)
    .split('&')
    .map((pair) => pair.slice(pair.indexOf('=') + 1))
  const pieces = [...written, ...searchParams.values(), password, decoded(password)]
  return [...new Set(pieces.flatMap(formsOf))]
    .filter(({ length }) => length >= MIN_CHARS)
    .toSorted((a, b) => b.length - a.length)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone `%` encodes nothing.
    return text
  }
}

function formsOf(piece: string): readonly string[] {
  return [piece, encodeURIComponent(piece.toWellFormed()), JSON.stringify(piece).slice(1, -1)]
}

function masked(text: string, pieces: readonly string[]): string {
  return pieces.reduce((shown, piece) => withoutStart(shown.replaceAll(piece, MASK), piece), text)
}

/** A piece of which only the start is there, because the text was cut. */
function withoutStart(text: string, piece: string): string {
  for (let length = piece.length - 1; length >= MIN_CHARS; length -= 1) {
    if (text.endsWith(piece.slice(0, length))) return `${text.slice(0, -length)}${MASK}`
  }
  return text
}

function withTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map((item) => withTexts(item, map))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withTexts(item, map)]),
  )
}
