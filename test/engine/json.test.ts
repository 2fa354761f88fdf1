import { describe, expect, it } from 'vitest'
import { childrenOf, memberText, parseStrictJson } from '../../src/engine/json.ts'

describe('parseStrictJson', () => {
  it.each([
    ['', 'The request body is not JSON: value expected at line 1, column 1.'],
    ['{"a":1,}', 'The request body is not JSON: property name expected at line 1, column 8.'],
    [
      '{\n  "a": 1 // one\n}',
      'The request body is not JSON: invalid comment token at line 2, column 10.',
    ],
    ['[1] 2', 'The request body is not JSON: end of file expected at line 1, column 5.'],
    ["{'a':1}", 'The request body is not JSON: invalid symbol at line 1, column 2.'],
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
      'The request body is not JSON: nested deeper than 100 levels at line 1, column 101.',
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
