// What is kept of a receiver's answer must not tell what only the receiver should know: many error pages repeat the
// request they are about, credentials and all.

import type { Header } from '../engine/model.ts'

/** Headers whose values are no secret; they are in every request, or say what Hookline is. */
const PUBLIC: ReadonlySet<string> = new Set([
  'content-type',
  'user-agent',
  'webhook-id',
  'webhook-timestamp',
])

/** Characters from which a value is masked: shorter ones are no secret, and would be found in any text. */
const MIN_CHARS = 8
const MASK = '•••'

/** The text without the values of the request's headers, whole or cut off by the end of the text. */
export function maskExcerpt(text: string, headers: readonly Header[]): string {
  return piecesOf(headers).reduce(
    (masked, piece) => withoutStart(masked.replaceAll(piece, MASK), piece),
    text,
  )
}

/** Values and their words (`Bearer <token>`), longest first so that no part of one is left. */
function piecesOf(headers: readonly Header[]): readonly string[] {
  const pieces = headers.flatMap(([name, value]) =>
    PUBLIC.has(name.toLowerCase()) ? [] : [value, ...value.split(/\s+/)],
  )
  return [...new Set(pieces)]
    .filter(({ length }) => length >= MIN_CHARS)
    .toSorted((a, b) => b.length - a.length)
}

/** A piece of which only the start is there, because the excerpt ends. */
function withoutStart(text: string, piece: string): string {
  for (let length = piece.length - 1; length >= MIN_CHARS; length -= 1) {
    if (text.endsWith(piece.slice(0, length))) return `${text.slice(0, -length)}${MASK}`
  }
  return text
}
