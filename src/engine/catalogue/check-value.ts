// What schemas say of values as such: their types, the size of numbers, and which are the same.

import { isRecord } from '../../primitives/is-record.ts'
import type { Json } from '../model/index.ts'
import type { TypeName } from './keywords.ts'
import type { Steps } from './steps.ts'

/** What is wrong with a number under the keywords about numbers; null for nothing. */
export function numberFlaw(
  schema: { readonly [keyword: string]: Json },
  value: number,
): string | null {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (typeof minimum === 'number' && value < minimum) {
    return `Expected at least ${minimum}.`
  }
  if (typeof maximum === 'number' && value > maximum) {
    return `Expected at most ${maximum}.`
  }
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) {
    return `Expected more than ${exclusiveMinimum}.`
  }
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) {
    return `Expected less than ${exclusiveMaximum}.`
  }
  if (typeof multipleOf !== 'number' || isMultiple(value, multipleOf)) return null
  return `Expected a multiple of ${multipleOf}.`
}

/** In decimal, as it was written: 19.99 is a multiple of 0.01, whatever its binary fraction. The numbers that are divided stay short. */
function isMultiple(value: number, of: number): boolean {
  if (value === 0) return true
  if (Number.isSafeInteger(value) && Number.isSafeInteger(of)) return value % of === 0
  const [one, other] = [decimalOf(value), decimalOf(of)]
  if (one === null || other === null) return false
  const shift = one.exponent - other.exponent
  if (shift >= 0) {
    return (one.digits * powerOfTen(shift, other.digits)) % other.digits === 0n
  }
  return -shift <= MOST_DIGITS && one.digits % (other.digits * 10n ** BigInt(-shift)) === 0n
}

/** Digits of a number's decimal form in front of a power of ten, at most. */
const MOST_DIGITS = 21

/** A number as its digits times a power of ten; null for one without end. */
function decimalOf(value: number): { readonly digits: bigint; readonly exponent: number } | null {
  if (!Number.isFinite(value)) return null
  const [, whole = '', fraction = '', exponent = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}

/** The rest of a power of ten when it is divided. */
function powerOfTen(exponent: number, by: bigint): bigint {
  let rest = 1n
  let square = 10n % by
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) rest = (rest * square) % by
    square = (square * square) % by
  }
  return rest
}

/** Whether a value is of a type of JSON Schema. */
export function hasType(value: Json, name: Json): boolean {
  return typeof name === 'string' && (TYPE_TESTS.get(name)?.(value) ?? false)
}

const TYPE_TESTS: ReadonlyMap<string, (value: Json) => boolean> = new Map<
  TypeName,
  (value: Json) => boolean
>([
  ['null', (value) => value === null],
  ['boolean', (value) => typeof value === 'boolean'],
  ['number', (value) => typeof value === 'number'],
  ['integer', (value) => Number.isInteger(value)],
  ['string', (value) => typeof value === 'string'],
  ['array', (value) => Array.isArray(value)],
  ['object', (value) => isRecord(value)],
])

/** Whether two values are the same JSON. Throws `TooComplex` where that takes more steps than there are. */
export function isSame(one: Json, other: Json, steps: Steps): boolean {
  const isText = typeof one === 'string' && typeof other === 'string'
  steps.spend(isText ? 1 + Math.min(one.length, other.length) / CHARS_PER_STEP : 1)
  if (one === other) return true
  if (isArray(one) && isArray(other)) {
    return (
      one.length === other.length && one.every((each, at) => isSame(each, other[at] ?? null, steps))
    )
  }
  if (!isObject(one) || !isObject(other)) return false
  const names = Object.keys(one)
  const others = Object.keys(other)
  steps.spend(names.length + others.length)
  return (
    names.length === others.length &&
    names.every(
      (name) =>
        Object.hasOwn(other, name) && isSame(memberOf(one, name), memberOf(other, name), steps),
    )
  )
}

/** Characters of two texts that are compared in the time of one step. */
const CHARS_PER_STEP = 1_000

export const isArray = (value: unknown): value is readonly Json[] => Array.isArray(value)
export const isObject = (value: unknown): value is { readonly [name: string]: Json } =>
  isRecord(value)

/** A member that is there. */
export function memberOf(value: { readonly [name: string]: Json }, name: string): Json {
  return value[name] ?? null
}
