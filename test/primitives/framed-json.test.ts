import { describe, expect, it } from 'vitest'
import { byteLength, frame, isFrame, unframe } from '../../src/primitives/framed-json.ts'

describe('a frame', () => {
  it('has values in its first line and payloads behind it, as they are', () => {
    const text = frame({ id: 'e1', data: '{"a": "\\u00e9\\n"}', scope: {} })
    expect(text).toBe('frame/1 {"id":"e1","data":17,"scope":{}}\n{"a": "\\u00e9\\n"}')
  })

  it.each([
    ['one payload', { id: '1', data: '{"a":1.10}' }],
    ['several', { events: [{ data: '{}' }, { data: '{"b":[]}' }, { data: '{"c":"\n"}' }] }],
    ['an empty payload', { data: '' }],
    ['no payload', { a: 1, b: [true, null] }],
    ['an empty object', {}],
    ['no object at all', null],
    ['a scope entry named data', { scope: { data: 'x\ny', z: '1' }, data: '{"a":1}' }],
    ['names that look like indexes', { scope: { 2: 'b', 1: 'a', data: 'c' }, data: '{"1":0}' }],
    ['Unicode', { name: 'Grüße 📮', data: '{"x":"日本語 \u2028 \u0000 📮"}' }],
    ['lone surrogates', { data: '{"x":"\ud83d"}', scope: { data: '\udcee' } }],
    ['line ends', { message: 'a\nb\r\nc', data: '\n\n' }],
    ['payloads deep inside', { report: { entries: [{ event: { data: '{"deep":1}' } }] } }],
  ])('gives back %s', (_, value) => {
    expect(unframe(frame(value))).toEqual(value)
  })

  it('does not grow with what JSON would escape', () => {
    const data = `{"a":"${'\\"'.repeat(10_000)}"}`
    expect(byteLength(frame({ data }))).toBeLessThan(byteLength(data) + 40)
  })

  it.each([
    ['a cut payload', 'frame/1 {"data":3}\nab'],
    ['too much payload', 'frame/1 {"data":3}\nabcd'],
    ['no payloads', 'frame/1 {"data":3}'],
    ['no JSON', 'frame/1 {"data":\n'],
    ['nothing', 'frame/1 '],
    ['a negative length', 'frame/1 {"data":-1}\n'],
    ['a length of parts', 'frame/1 {"data":1.5}\nab'],
    [
      'nesting that a recursive reader does not survive',
      `frame/1 ${'['.repeat(200_000)}${']'.repeat(200_000)}\n`,
    ],
  ])('is refused with %s', (_, text) => {
    expect(() => unframe(text)).toThrow(SyntaxError)
  })

  it.each([
    ['frame/1 {}\n', true],
    ['{"v":1}', false],
    ['frame/2 {}\n', false],
    ['', false],
    [{ v: 1 }, false],
    [null, false],
  ])('is told from other bodies: %j', (body, expected) => {
    expect(isFrame(body)).toBe(expected)
  })
})

it.each([
  ['', 0],
  ['abc', 3],
  ['é', 2],
  ['日', 3],
  ['📮', 4],
])('counts the bytes of %j', (text, bytes) => {
  expect(byteLength(text)).toBe(bytes)
})
