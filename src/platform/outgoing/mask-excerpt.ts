// What is kept of a receiver's response must not tell what only the receiver should know: many error pages repeat the
// request they are about, credentials and all.

import type { Header } from '../../engine/model/index.ts'
import type { OutgoingRequest } from '../../engine/ports/index.ts'
import { MASK } from '../../primitives/mask.ts'

/** Headers whose values are no secret; they are in every request, say what Hookline is, or what an HTTP signature is of. */
const PUBLIC: ReadonlySet<string> = new Set([
  'content-type',
  'user-agent',
  'webhook-id',
  'webhook-timestamp',
  'hookline-tenant',
  'content-digest',
  'signature-agent',
  'signature-input',
  'ucp-agent',
])

/** Characters from which a value is masked: shorter ones are no secret, and would be found in any text. */
const MIN_CHARS = 8

/** The text without the values of the request's headers and its further secrets, whole or cut off by the end of the text. */
export function maskExcerpt(
  text: string,
  {
    headers,
    secretValues = [],
    openHeaders = [],
  }: Pick<OutgoingRequest, 'headers' | 'secretValues' | 'openHeaders'>,
): string {
  const isOpen = (name: string) => PUBLIC.has(name) || openHeaders.includes(name)
  const open = headers.filter(([name]) => isOpen(name.toLowerCase())).map(([, value]) => value)
  // One may say what an open one says, such as the id as `idempotency-key`.
  const closed = headers.filter(
    ([name, value]) => !isOpen(name.toLowerCase()) && !open.includes(value),
  )
  const inUrl = secretValues.map((value) => encodeURIComponent(value.toWellFormed()))
  const secrets = [...secretValues, ...inUrl].map((value): Header => ['secret', value])
  return piecesOf([...closed, ...secrets]).reduce(
    (masked, piece) => withoutStart(masked.replaceAll(piece, MASK), piece),
    text,
  )
}

/**
 * Values, their words (`Bearer <token>`) and what Basic credentials decode to, as they are and as JSON has them, longest
 * first so that no part of one is left.
 */
function piecesOf(headers: readonly Header[]): readonly string[] {
  const pieces = headers.flatMap(([, value]) => [value, ...value.split(/\s+/), ...basicOf(value)])
  return [...new Set(pieces)]
    .filter(({ length }) => length >= MIN_CHARS)
    .flatMap(formsOf)
    .toSorted((a, b) => b.length - a.length)
}

/** Some writers of JSON escape slashes too (RFC 8259, section 7, lets them). */
function formsOf(piece: string): readonly string[] {
  const escaped = JSON.stringify(piece).slice(1, -1)
  return [...new Set([piece, escaped, escaped.replaceAll('/', '\\/')])]
}

/** Decoded Basic credentials and their password (RFC 7617, section 2), which follows the first colon; else nothing. */
function basicOf(value: string): readonly string[] {
  const base64 = /^basic\s+(?<base64>[A-Za-z0-9+/]+=*)$/i.exec(value.trim())?.groups?.base64
  if (base64 === undefined) return []
  try {
    const credentials = new TextDecoder().decode(Uint8Array.fromBase64(base64))
    return [credentials, credentials.slice(credentials.indexOf(':') + 1)]
  } catch {
    // Not base64 after all: there is nothing else that it could say.
    return []
  }
}

/** A piece of which only the start is there, because the excerpt ends. */
function withoutStart(text: string, piece: string): string {
  for (let length = piece.length - 1; length >= MIN_CHARS; length -= 1) {
    if (text.endsWith(piece.slice(0, length))) return `${text.slice(0, -length)}${MASK}`
  }
  return text
}
