import { describe, expect, it } from 'vitest'
import { parseVendorJson, readText } from '../../src/http/body.ts'

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

/** As a request that says how long it is, and as one that does not. */
const KINDS = [
  ['said', (length: number) => ({ 'content-length': String(length) })],
  ['not said', () => ({})],
] as const

describe.each(KINDS)('readText of a body whose length is %s', (_, headersFor) => {
  const read = (bytes: Uint8Array, said = bytes.length) => {
    const body = new Blob([bytes.slice()]).stream()
    const headers = headersFor(said)
    const request = new Request('https://hookline.test/', { method: 'POST', body, headers })
    return readText(request, 10)
  }
  const utf8 = (text: string) => new TextEncoder().encode(text)

  it.each(['', 'a', 'ä€😀', '0123456789'])('reads %j', async (text) => {
    expect(await read(utf8(text))).toBe(text)
  })

  it('leaves out a byte order mark', async () => {
    expect(await read(utf8('\ufeff[1]'))).toBe('[1]')
  })

  it.each([
    ['a byte that begins nothing', [0x61, 0xff]],
    ['half a character at the end', [0x61, 0xe2, 0x82]],
  ])('refuses %s', async (__, bytes) => {
    await expect(read(Uint8Array.from(bytes))).rejects.toEqual(
      refusal('The request body is not valid UTF-8.'),
    )
  })

  it('refuses more than it may have', async () => {
    await expect(read(utf8('0123456789a'))).rejects.toMatchObject({ code: 'too_large' })
  })

  it('refuses more than it may have, whatever it says', async () => {
    await expect(read(utf8('0123456789a'), 1)).rejects.toMatchObject({ code: 'too_large' })
  })

  it('refuses one that breaks off', async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new Error('gone'))
      },
    })
    const request = new Request('https://hookline.test/', {
      ...{ method: 'POST', body, headers: headersFor(5) },
    })
    await expect(readText(request, 10)).rejects.toEqual(refusal(expect.any(String)))
  })
})

it('readText reads no body as an empty text', async () => {
  expect(await readText(new Request('https://hookline.test/', { method: 'POST' }))).toBe('')
})
