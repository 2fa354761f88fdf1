// Reads request bodies: bounded while reading, whatever the content type says, strict or with the one tolerance
// that vendor pages need.

import { createScanner, type ParseError, parse, printParseErrorCode } from 'jsonc-parser'
import type { ZodType } from 'zod'
import { PUBLISH, REQUEST } from '../config.ts'
import { EngineError, formatPath, type Issue } from '../engine/errors.ts'

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
      if (bytes > maxBytes) {
        await reader.cancel()
        throw tooLarge()
      }
      text += decoder.decode(value, { stream: true })
    }
  } catch (error) {
    if (error instanceof EngineError) throw error
    throw new EngineError('malformed', 'The request body is not UTF-8 text.', { cause: error })
  }
}

/** Strict JSON. Throws `malformed` with the place of the first error. */
export function parseStrictJson(text: string): unknown {
  return parseJson(text, false)
}

/** JSON in which a comma may stand before `}` or `]` (contracts/README.md, rule 4). Throws `malformed`. */
export function parseVendorJson(text: string): unknown {
  return parseJson(text, true)
}

function parseJson(text: string, allowTrailingComma: boolean): unknown {
  checkDepth(text)
  if (!allowTrailingComma) return parseNative(text)
  const errors: ParseError[] = []
  const value: unknown = parse(text, errors, { allowTrailingComma, disallowComments: true })
  const first = errors[0]
  if (first !== undefined || value === undefined) {
    const what = first ? printParseErrorCode(first.error) : 'ValueExpected'
    throw malformed(text, first?.offset ?? 0, words(what))
  }
  return value
}

function parseNative(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const errors: ParseError[] = []
    parse(text, errors, { disallowComments: true })
    const first = errors[0]
    if (first) throw malformed(text, first.offset, words(printParseErrorCode(first.error)))
    throw new EngineError('malformed', 'The request body is not JSON.', { cause: error })
  }
}

/** `PropertyNameExpected` → `property name expected`. */
function words(code: string): string {
  return code.replace(/(?<=[a-z])([A-Z])/g, ' $1').toLowerCase()
}

function malformed(text: string, offset: number, what: string): EngineError {
  const before = text.slice(0, offset).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  return new EngineError(
    'malformed',
    `The request body is not JSON: ${what} at line ${before.length}, column ${column}.`,
  )
}

/** Refuses nesting that a recursive parser would not survive. Throws `malformed`. */
function checkDepth(text: string): void {
  const scanner = createScanner(text, true)
  let depth = 0
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    // A token that starts with a bracket is that bracket.
    const first = text[scanner.getTokenOffset()]
    if (first === '{' || first === '[') depth += 1
    if (first === '}' || first === ']') depth -= 1
    if (depth > PUBLISH.jsonDepth) {
      const what = `nested deeper than ${PUBLISH.jsonDepth} levels`
      throw malformed(text, scanner.getTokenOffset(), what)
    }
  }
}

/** What `schema` makes of a value. Throws `invalid` with every issue and its path. */
export function validate<T>(schema: ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalidInput(
    result.error.issues.map((issue) => ({
      path: issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
      message: issue.message,
    })),
  )
}

/** An `invalid` error whose message lists the places. */
export function invalidInput(issues: readonly Issue[]): EngineError {
  const shown = issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length === 0 ? message : `${formatPath(path)}: ${message}`))
  const more = issues.length > shown.length ? ` (and ${issues.length - shown.length} more)` : ''
  return new EngineError('invalid', `${shown.join('; ')}${more}`, { issues })
}

/** A request's body as `schema` makes it, in the JSON the five vendor surfaces accept. */
export async function readVendorBody<T>(request: Request, schema: ZodType<T>): Promise<T> {
  return validate(schema, parseVendorJson(await readText(request)))
}

/** A request's body as `schema` makes it, in strict JSON. */
export async function readStrictBody<T>(request: Request, schema: ZodType<T>): Promise<T> {
  return validate(schema, parseStrictJson(await readText(request)))
}
