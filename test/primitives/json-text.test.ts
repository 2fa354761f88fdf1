import { describe, expect, it } from 'vitest'
import {
  childrenOf,
  memberText,
  parseStrictJson,
  writeFirst,
  writeJson,
} from '../../src/primitives/json-text.ts'

describe('parseStrictJson', () => {
  it.each([
    ['', 'The request body is not valid JSON: value expected at line 1, column 1.'],
    ['{"a":1,}', 'The request body is not valid JSON: property name expected at line 1, column 8.'],
    [
      '{\n  "a": 1 // one\n}',
      'The request body is not valid JSON: invalid comment token at line 2, column 10.',
    ],
    ['[1] 2', 'The request body is not valid JSON: end of file expected at line 1, column 5.'],
    ["{'a':1}", 'The request body is not valid JSON: invalid symbol at line 1, column 2.'],
  ])('says where %j is not JSON', (text, message) => {
    expect(() => parseStrictJson(text)).toThrow(
      expect.objectContaining({ code: 'malformed', message }),
    )
  })

  it.each(['NaN', '{"a":01}', '"\t"', '\u00a01', '{"a":1}\u0000'])('refuses %j', (text) => {
    expect(() => parseStrictJson(text)).toThrow(expect.objectContaining({ code: 'malformed' }))
  })

  it('survives a hundred levels of nesting and refuses one more', () => {
    expect(parseStrictJson(`${'['.repeat(100)}${']'.repeat(100)}`)).toBeInstanceOf(Array)
    expect(() => parseStrictJson('['.repeat(100_000))).toThrow(
      'The request body is not valid JSON: nested deeper than 100 levels at line 1, column 101.',
    )
  })
})

describe('childrenOf', () => {
  const texts = (text: string, at: number) =>
    [...childrenOf(text, at)].map(({ name, start, end }) => [name, text.slice(start, end)])

  it('finds the elements of an array', () => {
    expect(texts(' [1, "a,]", {"b":[2]}, [ ], null]', 1)).toEqual([
      [null, '1'],
      [null, '"a,]"'],
      [null, '{"b":[2]}'],
      [null, '[ ]'],
      [null, 'null'],
    ])
  })

  it('finds the members of an object, names decoded, repeated ones each time', () => {
    expect(texts('{"a" : -1.50e2,"":"}","\\u0061":{ "a": 1 },"b":[{}]} {"c":1}', 0)).toEqual([
      ['a', '-1.50e2'],
      ['', '"}"'],
      ['a', '{ "a": 1 }'],
      ['b', '[{}]'],
    ])
  })

  it('finds nothing in what is empty or has no children', () => {
    expect(texts('{ }', 0)).toEqual([])
    expect(texts('[]', 0)).toEqual([])
  })
})

describe('memberText', () => {
  it('takes the last of a repeated name, as JSON.parse does', () => {
    expect(memberText('{"data":{"a":1},"d\\u0061ta":{"a": 2}}', 0, 'data')).toBe('{"a": 2}')
  })

  it('does not look into members', () => {
    expect(memberText('{"x":{"data":1}}', 0, 'data')).toBeNull()
  })
})

/** Doubled so many times: one object in 2^levels places. */
function inManyPlaces(levels: number): unknown {
  let value: unknown = { a: 'x'.repeat(1_000) }
  for (let level = 0; level < levels; level += 1) value = [value, value]
  return value
}

describe('writeFirst', () => {
  it.each([
    ['{"a":[1,"b",null],"c":true}', { a: [1, 'b', null], c: true }],
    ['[null,null]', [undefined, Number.NaN]],
    ['[]', new Array(0)],
    ['"text"', 'text'],
    ['', undefined],
  ])('writes %s whole', (text, value) => {
    expect(writeFirst(value, { chars: 4, members: 6 })).toEqual({ text, isWhole: true })
  })

  it.each([
    ['a list', [1, 2, 3, 4, 5, 6], '[1,2,3]'],
    ['a list in a list', [[1, 2], [3], 4], '[[1,2],null,null]'],
    ['an object', { a: 1, b: 2, c: 3, d: 4 }, '{"a":1,"b":2,"c":3}'],
    ['a text', 'x'.repeat(11), '"xxxxxxxxxx"'],
    ['texts', ['x'.repeat(8), 'yyyy', 5], '["xxxxxxxx","yy",5]'],
    ['a name', { a: 1, [`b${'x'.repeat(9)}`]: 2, c: 3 }, '{"a":1,"c":3}'],
    ['an array of nothing', new Array(4_000_000_000), '[null,null,null]'],
  ])('writes of %s what finds room', (_, value, text) => {
    expect(writeFirst(value, { chars: 10, members: 4 })).toEqual({ text, isWhole: false })
  })

  it('ends where one object is in a billion places', () => {
    const { text, isWhole } = writeFirst(inManyPlaces(30), { chars: 10_000, members: 10_000 })
    expect(isWhole).toBe(false)
    expect(text.length).toBeLessThan(100_000)
  })
})

describe('writeJson', () => {
  it.each([
    ['an array of nothing', new Array(4_000_000_000)],
    ['one object in a billion places', inManyPlaces(30)],
    ['a text', 'x'.repeat(4_194_305)],
    ['a name', { ['x'.repeat(4_194_305)]: 1 }],
  ])('refuses more than a publish may have: %s', (_, value) => {
    expect(() => writeJson(value)).toThrow(
      expect.objectContaining({
        code: 'too_large',
        message:
          'The events have more than 4194304 characters of JSON or 500000 object members and array elements.',
      }),
    )
  })

  it.each([['a BigInt', 1n]])('refuses %s, which JSON has not', (_, value) => {
    expect(() => writeJson([value])).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: 'The events cannot be represented as JSON.',
      }),
    )
  })
})
