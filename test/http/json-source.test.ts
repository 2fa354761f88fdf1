import { describe, expect, it } from 'vitest'
import { JsonSource, toJsonText } from '../../src/http/json-source.ts'

describe('toJsonText', () => {
  it.each([
    [null, 'null'],
    [undefined, 'null'],
    ['a"\n', '"a\\"\\n"'],
    [1.5, '1.5'],
    [Number.NaN, 'null'],
    [false, 'false'],
    [[], '[]'],
    [{}, '{}'],
    [[1, [null], { a: undefined, b: [undefined] }], '[1,[null],{"b":[null]}]'],
    [{ 'a"b': { c: 'd' } }, '{"a\\"b":{"c":"d"}}'],
  ])('writes %j as JSON.stringify does', (value, text) => {
    expect(toJsonText(value)).toBe(text)
  })

  it('puts the text of a source in its place', () => {
    const data = new JsonSource('{ "b": 1.10, "a": 12345678901234567890 }')
    expect(toJsonText({ events: [{ data, id: 'x' }] })).toBe(
      '{"events":[{"data":{ "b": 1.10, "a": 12345678901234567890 },"id":"x"}]}',
    )
  })
})
