// JSON text: strict parsing with the place of the first error, and finding where things stand in it, so that a
// producer's payload can be cut out of a request exactly as it was written.

import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser'
import { EngineError } from '../errors.ts'
import { PUBLISH } from '../limits.ts'

/** What a JSON text may hold; looked at before it is parsed, so that no heap of objects comes of it. */
interface JsonBounds {
  /** Members and elements at all levels: each could be an issue of its own. */
  readonly members?: number
  /** Elements of the array that the text is, if it is one; a bound of 1 at least. */
  readonly elements?: number
}

/**
 * Strict JSON, nested at most `PUBLISH.jsonDepth` levels. Throws `malformed` with the place of the first error, and
 * `too_large` or `invalid` for more members or elements than `bounds` allows.
 */
export function parseStrictJson(text: string, bounds: JsonBounds = {}): unknown {
  checkOutline(text, bounds)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const flaw = findFlaw(text)
    throw flaw ? malformedJson(text, flaw) : notJson(cause)
  }
}

function notJson(cause: unknown): EngineError {
  return new EngineError('malformed', 'The request body is not valid JSON.', { cause })
}

interface Flaw {
  readonly error: ParseErrorCode
  readonly offset: number
}

/** The first error. A text may have millions, so the rest is not looked for: thrown, because a visitor cannot stop. */
function findFlaw(text: string): Flaw | null {
  class Found extends Error {
    readonly flaw: Flaw
    constructor(flaw: Flaw) {
      super()
      this.flaw = flaw
    }
  }
  const onError = (error: ParseErrorCode, offset: number) => {
    throw new Found({ error, offset })
  }
  try {
    visit(text, { onError }, { disallowComments: true })
    return null
  } catch (thrown) {
    if (thrown instanceof Found) return thrown.flaw
    throw thrown
  }
}

/** A `malformed` error that says what is wrong at which line and column. */
function malformedJson(text: string, { error, offset }: Flaw): EngineError {
  return malformedAt(text, offset, words(printParseErrorCode(error)))
}

/** `PropertyNameExpected` → `property name expected`. */
function words(code: string): string {
  return code.replace(/(?<=[a-z])([A-Z])/g, ' $1').toLowerCase()
}

function malformedAt(text: string, offset: number, what: string): EngineError {
  let line = 1
  let lineStart = 0
  for (;;) {
    const end = text.indexOf('\n', lineStart)
    if (end === -1 || end >= offset) break
    line += 1
    lineStart = end + 1
  }
  return new EngineError(
    'malformed',
    `The request body is not valid JSON: ${what} at line ${line}, column ${offset - lineStart + 1}.`,
  )
}

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])
/** White space, commas and colons. */
const BETWEEN: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, COMMA, 0x3a])

/** Refuses what no parser should be given: nesting that a recursive one would not survive, and heaps of members. */
function checkOutline(
  text: string,
  { members = Number.POSITIVE_INFINITY, elements = Number.POSITIVE_INFINITY }: JsonBounds,
): void {
  const isArray = text[rootOffset(text)] === '['
  let depth = 0
  let commas = 0
  let separators = 0
  let isInString = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (isInString) {
      if (code === BACKSLASH) at += 1
      else if (code === QUOTE) isInString = false
    } else if (code === QUOTE) isInString = true
    else if (code === COMMA) {
      commas += 1
      if (isArray && depth === 1) separators += 1
    } else if (OPENING.has(code)) depth += 1
    else if (CLOSING.has(code)) depth -= 1
    if (depth > PUBLISH.jsonDepth) {
      throw malformedAt(text, at, `nested deeper than ${PUBLISH.jsonDepth} levels`)
    }
    // One member more than commas, in each of a few objects.
    if (commas > members) throw tooManyMembers(members)
    if (separators >= elements) throw tooManyElements(elements)
  }
}

/** `too_large` for a text with more members and elements than were asked for. */
export function tooManyMembers(maxMembers: number): EngineError {
  return new EngineError(
    'too_large',
    `The request body has more than ${maxMembers} object members and array elements.`,
  )
}

function tooManyElements(elements: number): EngineError {
  const message = `Expected at most ${elements} elements.`
  return new EngineError('invalid', message, { issues: [{ path: [], message }] })
}

/**
 * The JSON text of a value that is to be published. Throws `invalid` for what `structuredClone` takes and JSON does not,
 * `too_large` for more than one publish may have.
 */
export function writeJson(value: unknown): string {
  const { requestBytes: chars, members } = PUBLISH
  const onMore = () => {
    const most = `${chars} characters of JSON or ${members} object members and array elements`
    throw new EngineError('too_large', `The events have more than ${most}.`)
  }
  try {
    return writeFirst(value, { chars, members }, { onMore }).text
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    throw new EngineError('invalid', 'The events cannot be represented as JSON.', { cause })
  }
}

/** About what is written at most: characters of names and texts, and values at all levels. */
interface Room {
  readonly chars: number
  readonly members: number
}

interface Written {
  readonly text: string
  /** False when something was left out. */
  readonly isWhole: boolean
}

/**
 * The JSON text of a value, or of what of it comes first and finds room: a few bytes of what `structuredClone` takes may
 * stand for gigabytes (an array of nothing, one object in many places). `show` is given each value first; `onMore` is
 * called when something is left out. Throws a TypeError for what has no JSON.
 */
export function writeFirst(
  value: unknown,
  room: Room,
  {
    show = (shown) => shown,
    onMore,
  }: { readonly show?: (value: unknown) => unknown; readonly onMore?: () => void } = {},
): Written {
  let { chars, members } = room
  let isWhole = true
  const leaveOut = () => {
    isWhole = false
    onMore?.()
  }
  const text = JSON.stringify(value, function (this: unknown, name, given: unknown) {
    const nameChars = Array.isArray(this) ? 0 : name.length
    if (members === 0 || nameChars > chars) {
      leaveOut()
      return undefined
    }
    members -= 1
    chars -= nameChars
    const wanted = show(given)
    if (typeof wanted !== 'string' && !Array.isArray(wanted)) return wanted
    const left = Array.isArray(wanted) ? members : chars
    if (wanted.length > left) leaveOut()
    if (typeof wanted === 'string') chars -= Math.min(wanted.length, left)
    return wanted.length > left ? wanted.slice(0, left) : wanted
  })
  return { text: text ?? '', isWhole }
}

/** Where a child of an object or array stands: `text.slice(start, end)` is its value as it was written. */
interface Child {
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
  if (!OPENING.has(text.charCodeAt(container))) return
  const isObject = text[container] === '{'
  let at = nextToken(text, container + 1)
  while (at < text.length && !CLOSING.has(text.charCodeAt(at))) {
    let name: string | null = null
    if (isObject) {
      const end = endOfString(text, at)
      name = nameIn(text.slice(at, end))
      at = nextToken(text, end)
    }
    const end = endOfValue(text, at)
    yield { name, start: at, end }
    at = nextToken(text, end)
  }
}

/** A name without its quotes. */
function nameIn(written: string): string {
  return written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1)
}

/** Where the next token begins: behind white space, commas and colons. */
function nextToken(text: string, from: number): number {
  let at = from
  while (BETWEEN.has(text.charCodeAt(at))) at += 1
  return at
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === QUOTE) return endOfString(text, start)
  let at = start
  if (!OPENING.has(first)) {
    while (
      at < text.length &&
      !BETWEEN.has(text.charCodeAt(at)) &&
      !CLOSING.has(text.charCodeAt(at))
    )
      at += 1
    return at
  }
  for (let depth = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
      continue
    }
    at += 1
    if (OPENING.has(code)) depth += 1
    else if (CLOSING.has(code)) {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return at
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at += 1
    else if (code === QUOTE) return at + 1
  }
  return text.length
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
