// The short way to read a scope, held to the schema.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { goodScope, ScopeInput } from '../../../src/engine/intake/event-input.ts'
import { PUBLISH } from '../../../src/limits.ts'
import { checkInput } from '../../../src/primitives/validate.ts'

const { scopeNameChars, scopeValueChars, scopeEntries } = PUBLISH
const textOf = (most: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.constantFrom(
      '',
      '\ud800',
      'é\udc00',
      '😀',
      'x'.repeat(most),
      'x'.repeat(most + 1),
      '__proto__',
    ),
  )
const entry = fc.tuple(
  textOf(scopeNameChars),
  fc.oneof(
    { weight: 9, arbitrary: textOf(scopeValueChars) },
    { weight: 1, arbitrary: fc.anything() },
  ),
)
const scopes = fc.oneof(
  { weight: 9, arbitrary: fc.array(entry, { maxLength: scopeEntries + 2 }).map(toRecord) },
  { weight: 1, arbitrary: fc.anything() },
)

/** `__proto__` is a name of it like any other, as JSON has it. */
function toRecord(entries: readonly (readonly [string, unknown])[]): object {
  const record = {}
  for (const [name, value] of entries) {
    Object.defineProperty(record, name, { value, enumerable: true, configurable: true })
  }
  return record
}

it('a scope is good where the schema says so, and then the same', () => {
  let good = 0
  fc.assert(
    fc.property(scopes, (value) => {
      const { success, data } = checkInput(ScopeInput, value)
      expect(goodScope(value)).toEqual(success ? data : null)
      if (success) good += 1
    }),
    { numRuns: 2_000, examples: [[{ a: { length: [{ toString: '' }] } }]] },
  )
  expect(good).toBeGreaterThan(200)
})
