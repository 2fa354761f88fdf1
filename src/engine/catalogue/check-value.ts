// What schemas say of single values: their types, and the size of numbers.

import type { Issue } from '../../errors.ts'
import { isRecord } from '../../primitives/is-record.ts'
import type { Json } from '../model/index.ts'
import type { TypeName } from './keywords.ts'

/** What is wrong with a number under the keywords about numbers; null for nothing. */
export function numberFlaw(
  schema: { readonly [keyword: string]: Json },
  value: number,
  path: Issue['path'],
): Issue | null {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (typeof minimum === 'number' && value < minimum) {
    return { path, message: `Expected at least ${minimum}.` }
  }
  if (typeof maximum === 'number' && value > maximum) {
    return { path, message: `Expected at most ${maximum}.` }
  }
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) {
    return { path, message: `Expected more than ${exclusiveMinimum}.` }
  }
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) {
    return { path, message: `Expected less than ${exclusiveMaximum}.` }
  }
  if (typeof multipleOf !== 'number' || isMultiple(value, multipleOf)) return null
  return { path, message: `Expected a multiple of ${multipleOf}.` }
}

/** In decimal, as it was written: 19.99 is a multiple of 0.01, whatever its binary fraction. */
function isMultiple(value: number, of: number): boolean {
  const quotient = value / of
  return (
    Number.isInteger(quotient) ||
    Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.abs(quotient)
  )
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
