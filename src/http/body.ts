// Reads request bodies: bounded while reading, whatever the content type says, strict or with the one tolerance
// that vendor pages need.

import { createScanner } from 'jsonc-parser'
import { EngineError } from '../errors.ts'
import { REQUEST } from '../limits.ts'
import { parseStrictJson, tooManyMembers } from '../primitives/json-text.ts'

/** The body as text, at most `maxBytes` of UTF-8. Throws `too_large`, or `malformed` for bytes that are not UTF-8. */
export async function readText(
  request: Request,
  maxBytes: number = REQUEST.bodyBytes,
): Promise<string> {
  const tooLarge = () =>
    new EngineError('too_large', `The request body is larger than ${maxBytes} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  if (request.body === null) return ''
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  const reader = request.body.getReader()
  let text = ''
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return text + decoder.decode()
      bytes += value.byteLength
      if (bytes > maxBytes) throw tooLarge()
      text += decoder.decode(value, { stream: true })
    }
  } catch (error) {
    // Nobody waits for it: a source that hangs or broke need not confirm.
    reader.cancel().catch(() => {})
    if (error instanceof EngineError) throw error
    throw new EngineError('malformed', 'The request body is not valid UTF-8.', { cause: error })
  }
}

/**
 * JSON in which a comma may stand before `}` or `]` (docs/contracts/README.md, "JSON"). Throws `malformed`, or `too_large`
 * for more members and elements than any configuration has: each could be an issue of its own.
 */
export function parseVendorJson(text: string): unknown {
  return parseStrictJson(withoutTrailingCommas(text))
}

/** The text with a space in place of each comma between a value and `}` or `]`, so that all else keeps its place. */
function withoutTrailingCommas(text: string): string {
  const scanner = createScanner(text, true)
  const parts: string[] = []
  let kept = 0
  /** The first characters of the last two tokens, and where the last one stands. */
  let before = ''
  let last = ''
  let lastAt = 0
  let commas = 0
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const at = scanner.getTokenOffset()
    const first = text[at] ?? ''
    if (first === ',') commas += 1
    if (commas > REQUEST.members) throw tooManyMembers(REQUEST.members)
    if (last === ',' && '}]'.includes(first) && !'{[,:'.includes(before)) {
      parts.push(text.slice(kept, lastAt), ' ')
      kept = lastAt + 1
    }
    before = last
    last = first
    lastAt = at
  }
  return [...parts, text.slice(kept)].join('')
}
