// JSON text: strict parsing with the place of the first error, and finding where things stand in it, so that a
// producer's payload can be cut out of a request exactly as it was written.

import { createScanner, type ParseError, parse, printParseErrorCode } from 'jsonc-parser'
import { PUBLISH } from '../config.ts'
import { EngineError } from './errors.ts'

/** Strict JSON, nested at most `PUBLISH.jsonDepth` levels. Throws `malformed` with the place of the first error. */
export function parseStrictJson(text: string): unknown {
  checkDepth(text)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const errors: ParseError[] = []
    parse(text, errors, { disallowComments: true })
    throw errors[0] ? malformedJson(text, errors[0]) : notJson(cause)
  }
}

function notJson(cause: unknown): EngineError {
  return new EngineError('malformed', 'The request body is not JSON.', { cause })
}

/** A `malformed` error that says what is wrong at which line and column. */
function malformedJson(text: string, { error, offset }: ParseError): EngineError {
  return malformedAt(text, offset, words(printParseErrorCode(error)))
}

/** `PropertyNameExpected` → `property name expected`. */
function words(code: string): string {
  return code.replace(/(?<=[a-z])([A-Z])/g, ' $1').toLowerCase()
}

function malformedAt(text: string, offset: number, what: string): EngineError {
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
      throw malformedAt(text, scanner.getTokenOffset(), what)
    }
  }
}

/** Where a child of an object or array stands: `text.slice(start, end)` is its value as it was written. */
export interface Child {
  /** The decoded name of a member; null for an element of an array. */
  readonly name: string | null
  readonly start: number
  readonly end: number
}

/**
 * The direct children of the object or array that begins at `container`, in order, a repeated name each time it
 * appears. For text that `parseStrictJson` accepted.
 */
export function* childrenOf(text: string, container: number): Generator<Child> {
  const isObject = text[container] === '{'
  const scanner = createScanner(text, true)
  scanner.setPosition(container)
  let depth = 0
  let name: string | null = null
  let start = container
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const at = scanner.getTokenOffset()
    const first = text[at]
    if (first === ',' || first === ':') continue
    if (first === '{' || first === '[') {
      if (depth === 1) start = at
      depth += 1
      continue
    }
    if (first === '}' || first === ']') {
      depth -= 1
      if (depth === 0) return
    } else if (depth === 1 && isObject && name === null) {
      name = scanner.getTokenValue()
      continue
    } else if (depth === 1) {
      start = at
    }
    if (depth > 1) continue
    yield { name, start, end: at + scanner.getTokenLength() }
    name = null
  }
}

/**
 * The text of the member `name` of the object that begins at `object`: the last one of that name, the one
 * `JSON.parse` takes. Null when there is none.
 */
export function memberText(text: string, object: number, name: string): string | null {
  let found: Child | null = null
  for (const child of childrenOf(text, object)) if (child.name === name) found = child
  return found && text.slice(found.start, found.end)
}

/** Where the value of a JSON text begins: after leading white space. */
export function rootOffset(text: string): number {
  return text.search(/[^ \t\r\n]/)
}
