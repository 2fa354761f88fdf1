import { describe, expect, it } from 'vitest'
import { parseVendorJson } from '../../src/http/body.ts'

const refusal = (message: string) => expect.objectContaining({ code: 'malformed', message })

describe('parseVendorJson', () => {
  it.each([
    ['[1,]', [1]],
    ['{"a":[{},\n],"b":"x",\t}', { a: [{}], b: 'x' }],
    ['{"a":",}",}', { a: ',}' }],
    ['[[],{},[1 , ] , ]', [[], {}, [1]]],
    ['"\\",]"', '",]'],
    ['  1 ', 1],
  ])('reads %j', (text, value) => {
    expect(parseVendorJson(text)).toEqual(value)
  })

  it.each([
    ',',
    '[,]',
    '{,}',
    '[1,,]',
    '{"a":,}',
    '{"a",}',
    '1,',
    '[1],',
    '[1,}',
    '[1,/*why*/]',
    '{"a":1,// why\n}',
    "{'a':1}",
    '{a:1}',
    '[01]',
    '["\n"]',
    '["\\x"]',
    '[NaN]',
    '',
    '[1',
  ])('refuses %j', (text) => {
    expect(() => parseVendorJson(text)).toThrow(refusal(expect.any(String)))
  })

  it('names the place of what is wrong, with the commas counted', () => {
    expect(() => parseVendorJson('{"a":[1,],\n"b" 2}')).toThrow(
      refusal('The request body is not valid JSON: colon expected at line 2, column 5.'),
    )
  })

  it('refuses what is nested deeper than 100 levels', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(parseVendorJson(nested(100))).toBeInstanceOf(Array)
    expect(() => parseVendorJson(nested(101))).toThrow(refusal(expect.stringContaining('100')))
    expect(() => parseVendorJson(nested(200_000))).toThrow(refusal(expect.stringContaining('100')))
  })

  it('reads 2,000 commas and refuses more', () => {
    const list = (commas: number) => `[${'1,'.repeat(commas)}1]`
    expect(parseVendorJson(list(2_000))).toHaveLength(2_001)
    for (const commas of [2_001, 250_000]) {
      expect(() => parseVendorJson(list(commas))).toThrow(
        expect.objectContaining({
          code: 'too_large',
          message: 'The request body has more than 2000 object members and array elements.',
        }),
      )
    }
  })

  it('keeps a field named __proto__ as a field like any other', () => {
    const value = parseVendorJson('{"a":{"__proto__":{"b":1},},}')
    expect(JSON.stringify(value)).toBe('{"a":{"__proto__":{"b":1}}}')
    expect(value).not.toHaveProperty('a.b')
  })
})
