import { describe, expect, it } from 'vitest'
import { maskExcerpt } from '../../../src/platform/outgoing/mask-excerpt.ts'

const headers = [
  ['content-type', 'application/json'],
  ['user-agent', 'Hookline/0.1.0'],
  ['webhook-id', '01940000-0000-7000-8000-000000000001'],
  ['webhook-timestamp', '1614265330'],
  ['Authorization', 'Bearer abcdefg1234567989'],
  ['x-team', 'blue'],
] as const

describe('an excerpt', () => {
  it.each([
    ['nothing of the request', 'not found', 'not found'],
    ['a header', '{"auth":"Bearer abcdefg1234567989"}', '{"auth":"••••"}'],
    [
      'a word of a header',
      'bad token abcdefg1234567989, abcdefg1234567989',
      'bad token ••••, ••••',
    ],
    ['the start of one at its end', 'bad token abcdefg12', 'bad token ••••'],
    ['too little of one to tell', 'bad token abcdefg', 'bad token abcdefg'],
    ['a short value', 'team blue', 'team blue'],
    ['what is no secret', 'application/json Hookline/0.1.0', 'application/json Hookline/0.1.0'],
    [
      'an event’s id',
      'seen 01940000-0000-7000-8000-000000000001 at 1614265330',
      'seen 01940000-0000-7000-8000-000000000001 at 1614265330',
    ],
  ])('that repeats %s', (_, text, expected) => {
    expect(maskExcerpt(text, { headers })).toBe(expected)
  })

  it.each([
    ['in JSON', 'x-quoted', 'ab"cd\\ef/gh', '{"x":"ab\\"cd\\\\ef/gh"}', '{"x":"••••"}'],
    [
      'in JSON whose slashes are escaped',
      'x-slashed',
      'abcd/efgh/1234',
      '{"x":"abcd\\/efgh\\/1234"}',
      '{"x":"••••"}',
    ],
    [
      'as the password of Basic credentials',
      'authorization',
      // anna:pass:wörter
      'Basic YW5uYTpwYXNzOnfDtnJ0ZXI=',
      'no "pass:wörter" for anna',
      'no "••••" for anna',
    ],
    [
      'as decoded Basic credentials',
      'authorization',
      'basic YW5uYTpwYXNzOnfDtnJ0ZXI=',
      'not anna:pass:wörter',
      'not ••••',
    ],
    [
      'that is no Basic credential',
      'authorization',
      'Basic %%%%%%%%%',
      'a %%%%%%%%% b',
      'a •••• b',
    ],
  ])('that repeats a value %s', (_, name, value, text, expected) => {
    expect(maskExcerpt(text, { headers: [[name, value]] })).toBe(expected)
  })

  it('that repeats a secret of an expression, as it is and as a URL has it', () => {
    const request = { headers: [], secretValues: ['to ken/42'] }
    const text = '{"path":"/a/to%20ken%2F42","key":"to ken/42"}'
    expect(maskExcerpt(text, request)).toBe('{"path":"/a/••••","key":"••••"}')
  })
})
