// The library's functions as an expression may call them: what goes in is measured before they run, and what comes out after.

import { isRecord } from '../../primitives/is-record.ts'
import { EXPRESSION } from './bounds.ts'
import { ExpressionFailure } from './failure.ts'
import { type NativeDefinition, nativeDefinitions } from './library.ts'
import { isFunctionLike, type Meter } from './meter.ts'
import { base64Decode, base64Encode, cloneOf, replaceText, textOf } from './own-functions.ts'
import { toPlain } from './plain.ts'
import { WrittenNumber } from './written-number.ts'

/** What a function of an evaluation needs. */
export interface EvaluationSession {
  readonly meter: Meter
  readonly secrets: Readonly<Record<string, string>>
  /** Objects that were made to be changed. */
  readonly clones: WeakSet<object>
}

/** A function in the form in which the library takes it. */
interface BoundNative {
  readonly _jsonata_function: true
  readonly implementation: (this: unknown, ...given: unknown[]) => unknown
  readonly signature: {
    readonly validate: (given: readonly unknown[], context: unknown) => readonly unknown[]
  }
  readonly arity: number
}

/** Those that pass values on, and do not look into them. */
const MOVING = new Set(
  'append clone count each exists filter keys lookup map merge reduce reverse sift single spread string type zip'.split(
    ' ',
  ),
)
/** Those of which a function decides by what it answers. */
const DECIDING = new Set(['filter', 'sift', 'single'])

/** What an evaluation would not answer alike each time, or would reach beyond it. */
export const REFUSED: ReadonlyMap<string, string> = new Map(
  ['eval', 'millis', 'now', 'random', 'shuffle'].map((name) => [
    name,
    `$${name}() is not available: an expression gives the same for the same event, each time.`,
  ]),
)

export const SECRET = 'secret'
/** Names that no expression can write. */
export const PLAIN = ' plain'
export const TEXT = ' text'

/** Whether an expression may call a function of this name. */
export function isNative(name: string): boolean {
  return name === SECRET || nativeDefinitions().has(name)
}

/** These functions for one evaluation. */
export function bindNatives(
  names: Iterable<string>,
  session: EvaluationSession,
): Record<string, BoundNative> {
  return Object.fromEntries([...names].map((name) => [name, bindNative(name, session)]))
}

function bindNative(name: string, session: EvaluationSession): BoundNative {
  const { meter } = session
  const own = ownFunctions(session).get(name)
  const definition = definitionOf(name)
  const validate = (given: readonly unknown[], context: unknown) => {
    for (const value of given) meter.see(value)
    const read =
      MOVING.has(name) || likeOf.has(name) ? given : given.map((value) => toPlain(value, meter))
    return validated(definition, name, read, context)
  }
  function implementation(this: unknown, ...given: unknown[]): unknown {
    meter.spend(1)
    // Again: a function that was applied in part is called without being looked at.
    const read = likeOf.has(name) ? given : [...validate(given, undefined)]
    for (const value of read) meter.charge(value)
    GUARDS[name]?.(read, meter)
    const passed = DECIDING.has(name) ? read.map((one) => deciding(one, meter)) : read
    const result = own === undefined ? definition.run(this, passed) : own(...passed)
    return result instanceof Promise
      ? result.then((value) => seen(value, meter))
      : seen(result, meter)
  }
  implementation.toString = () => definition.text
  return {
    _jsonata_function: true,
    implementation,
    signature: { validate },
    arity: definition.arity,
  }
}

function definitionOf(name: string): NativeDefinition {
  const definition = nativeDefinitions().get(likeOf.get(name) ?? name)
  if (definition === undefined) throw new Error(`There is no function ${name}.`)
  return definition
}

function seen(value: unknown, meter: Meter): unknown {
  meter.see(value)
  return value
}

/** Arguments as the signature has them. What the library tells of those that do not fit has the values in it, and is not told. */
function validated(
  definition: NativeDefinition,
  name: string,
  given: readonly unknown[],
  context: unknown,
): readonly unknown[] {
  try {
    return definition.validate(given, context)
  } catch {
    throw new ExpressionFailure('failed', `$${name}() was given something that it does not take.`)
  }
}

/** A function of which yes or no is asked: a number that is not as it would be written is a number, too. */
function deciding(value: unknown, meter: Meter): unknown {
  if (typeof value !== 'function') return value
  const arity: unknown = Reflect.get(value, 'arity') ?? value.length
  const decide = async (...given: unknown[]) =>
    toPlain(await Reflect.apply(value, undefined, given), meter)
  return Object.assign(decide, { arity })
}

/** Ours, and after which of the library's they are typed. */
const likeOf: ReadonlyMap<string, string> = new Map([
  [SECRET, 'lowercase'],
  [PLAIN, 'type'],
  [TEXT, 'type'],
])

function ownFunctions({ meter, secrets, clones }: EvaluationSession) {
  return new Map<string, (...given: readonly unknown[]) => unknown>([
    [SECRET, (name) => secretOf(secrets, name)],
    [PLAIN, (value) => toPlain(value, meter)],
    [
      TEXT,
      (value) =>
        value instanceof WrittenNumber ? value.text : hasMembers(value) ? textOf(value) : value,
    ],
    ['string', (value, isPretty) => textOf(value, isPretty === true)],
    ['type', (value) => typeOf(value)],
    ['clone', (value) => cloneOf(value, clones)],
    ['base64encode', (text) => base64Encode(text)],
    ['base64decode', (text) => base64Decode(text)],
    ['replace', (...given) => replaceText(given, meter)],
  ])
}

function hasMembers(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isFunctionLike(value)
}

function secretOf(secrets: Readonly<Record<string, string>>, name: unknown): string {
  const value = typeof name === 'string' && Object.hasOwn(secrets, name) ? secrets[name] : undefined
  if (value !== undefined) return value
  throw new ExpressionFailure(
    'failed',
    'The webhook has no secret of the name that $secret() was asked for.',
  )
}

function typeOf(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (value === null) return 'null'
  if (isFunctionLike(value)) return 'function'
  if (value instanceof WrittenNumber) return 'number'
  return Array.isArray(value) ? 'array' : typeof value
}

type Guard = (given: readonly unknown[], meter: Meter) => void

const textChars = (value: unknown) => (typeof value === 'string' ? value.length : 0)
const length = (value: unknown) => (Array.isArray(value) ? value.length : 0)

/** Pictures, and what is read by one, are short; numbers are such that digit by digit comes to an end. */
const WIDE = /,[^\]]*\d{3}/

const byPicture: Guard = (given) => {
  for (const value of given) {
    const options = isRecord(value) ? Object.values(value) : []
    if (Math.max(textChars(value), ...options.map(textChars)) > EXPRESSION.pictureChars) {
      const most = EXPRESSION.pictureChars
      throw new ExpressionFailure(
        'too_large',
        `A format, and what it reads, may have at most ${most} characters.`,
      )
    }
    if (typeof value === 'string' && WIDE.test(value)) {
      throw new ExpressionFailure('too_large', 'A format has places for too many characters.')
    }
    if (typeof value === 'number' && !(Math.abs(value) < 1e21)) {
      throw new ExpressionFailure('too_large', 'A number is too large to be formatted.')
    }
  }
}

/** Roman numerals of a number are as many as its thousands. */
const ROMAN_MOST = 100_000

/** What is made anew of a value. */
const copying: Guard = ([value], meter) => {
  if (typeof value === 'object') meter.spend(Math.floor(meter.sizeOf(value) / 2))
}

const ofSquare: Guard = (given, meter) => {
  const elements = length(given[0])
  meter.spend(Math.floor(elements ** 2 / 64))
}

/** What bounds a function from within: what it makes of what it is given, and how often it goes through it. */
const GUARDS: Readonly<Record<string, Guard>> = {
  clone: copying,
  string: copying,
  pad: ([text, width, fill]) => checkPadding(text, width, fill),
  join: ([texts, separator], meter) => {
    const all = Array.isArray(texts) ? texts : []
    const chars = all.reduce<number>((sum, text) => sum + textChars(text) + textChars(separator), 0)
    meter.checkText(chars)
  },
  formatNumber: byPicture,
  formatInteger: (given, meter) => {
    byPicture(given, meter)
    const [value, picture] = given
    if (typeof value !== 'number' || typeof picture !== 'string') return
    if (/^i/i.test(picture) && Math.abs(value) > ROMAN_MOST) {
      throw new ExpressionFailure('too_large', 'A number is too large for Roman numerals.')
    }
  },
  formatBase: byPicture,
  parseInteger: byPicture,
  fromMillis: byPicture,
  toMillis: (given, meter) => {
    byPicture(given, meter)
    if (given[1] === undefined) return
    throw new ExpressionFailure('not_allowed', '$toMillis() reads ISO 8601 alone.')
  },
  sort: ([elements, comparator], meter) => {
    const count = length(elements)
    if (count > EXPRESSION.sorted) {
      throw new ExpressionFailure(
        'too_large',
        `More than ${EXPRESSION.sorted} elements are not sorted.`,
      )
    }
    if (comparator === undefined) meter.spend(count)
  },
  distinct: (given, meter) => {
    ofSquare(given, meter)
    const nodes = meter.sizeOf(given[0])
    meter.spend(Math.floor((length(given[0]) * nodes) / 1_024))
  },
  spread: (given, meter) => {
    ofSquare(given, meter)
    refuseFunctions(given)
  },
  merge: refuseFunctions,
  each: ([members]) => refuseFunctions([members]),
  sift: ([members]) => refuseFunctions([members]),
}

function checkPadding(text: unknown, width: unknown, fill: unknown): void {
  if (typeof width !== 'number') return
  // What the library makes before it cuts: a filling for each character that is missing.
  const missing = Math.max(0, Math.abs(Math.trunc(width)) - codePoints(text))
  const chars = textChars(text) + missing * Math.max(1, textChars(fill))
  // What is no number is too much, too.
  if (chars <= EXPRESSION.textChars) return
  const most = EXPRESSION.textChars
  throw new ExpressionFailure(
    'too_large',
    `The expression makes a text of more than ${most} characters.`,
  )
}

function codePoints(text: unknown): number {
  return typeof text === 'string' ? [...text].length : 0
}

/** What a function consists of is nobody's to see. */
function refuseFunctions(given: readonly unknown[]): void {
  const all = given.flatMap((value): readonly unknown[] => (Array.isArray(value) ? value : [value]))
  if (!all.some(isFunctionLike)) return
  throw new ExpressionFailure('not_allowed', 'A function has no members.')
}
