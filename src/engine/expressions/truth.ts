// Whether a value counts as true, as the language says it of its conditions (https://docs.jsonata.org/boolean-functions#boolean).

import { isFunctionLike } from './meter.ts'
import { WrittenNumber } from './written-number.ts'

/** As `$boolean()` has it; what has no value is not true. */
export function isTrue(value: unknown): boolean {
  if (value instanceof WrittenNumber) return Number(value.text) !== 0
  if (typeof value !== 'object' || value === null) {
    return typeof value !== 'function' && Boolean(value)
  }
  if (isFunctionLike(value)) return false
  return Array.isArray(value) ? value.some(isTrue) : Object.keys(value).length > 0
}
