// Which numbers of a JSON text JavaScript can hold.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { changedNumbers } from '../../src/primitives/json-numbers.ts'

it.each([
  '0',
  '-0',
  '0.0e5',
  '-1',
  '1.50',
  '100',
  '1E+2',
  '19.99',
  '0.1',
  '5e-324',
  '9007199254740992',
  '9007199254740994',
  '1e21',
  '1.7976931348623157e308',
  '"9007199254740993"',
  '{"1e400":true}',
])('%s stays', (text) => {
  expect(changedNumbers(text)).toEqual([])
})

it.each<[string, number]>([
  ['1e400', Number.POSITIVE_INFINITY],
  ['-1e400', Number.NEGATIVE_INFINITY],
  ['9007199254740993', 9007199254740992],
  ['9223372036854775807', 2 ** 63],
  ['0.10000000000000000555', 0.1],
  ['1e-400', 0],
])('%s becomes %d', (text, becomes) => {
  expect(changedNumbers(text)).toEqual([{ path: [], becomes }])
})

it('are told with their places', () => {
  const text = '{"a":[1,{"b/c":1e400}],"d":"1e400","e":9007199254740993}'
  expect(changedNumbers(text).map(({ path }) => path)).toEqual([['a', 1, 'b/c'], ['e']])
})

it('are none that JavaScript writes itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      expect(changedNumbers(JSON.stringify([number]))).toEqual([])
    }),
  )
})
