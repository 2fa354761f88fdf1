import { describe, expect, it } from 'vitest'
import { checkHeader, checkHeaders } from '../../../src/engine/attempt/header-policy.ts'

describe('a custom header', () => {
  it.each([
    ['Authorization', 'Bearer abc.def'],
    ['X-API-Key', 'k'],
    ['x-empty', ''],
    ['X-Tab', 'a\tb'],
    ["!#$%&'*+-.^_`|~09AZaz", 'every character of a token'],
    ['x'.repeat(256), 'longest name'],
    ['X-Longest', 'v'.repeat(4_096)],
    ['Cookie', 'a=b; c="d"'],
    ['User-Agent', 'mine'],
    ['Content-Language', 'de'],
    ['X-Webhook-Signature', 'a name that only contains webhook-'],
    ['Webhook', 'a name that only resembles webhook-'],
    ['CFO-Approved', 'yes'],
  ])('%s: %s is allowed, and the runtime accepts it', (name, value) => {
    expect(checkHeader(name, value)).toBeNull()
    expect(() => new Headers([[name, value]])).not.toThrow()
  })

  it.each([
    ['Connection'],
    ['keep-alive'],
    ['Proxy-Authenticate'],
    ['Proxy-Authorization'],
    ['Proxy-Connection'],
    ['TE'],
    ['Trailer'],
    ['Trailers'],
    ['Transfer-Encoding'],
    ['Upgrade'],
    ['HTTP2-Settings'],
    ['HOST'],
    ['Content-Length'],
    ['content-type'],
    ['webhook-id'],
    ['Webhook-Signature'],
    ['WEBHOOK-'],
    ['CF-Connecting-IP'],
    ['cf-ray'],
  ])('may not be %s', (name) => {
    expect(checkHeader(name, 'x')).toBe(
      `The header ${name} is reserved and cannot be set on a webhook.`,
    )
  })

  it.each([
    [''],
    [' '],
    ['a b'],
    ['a:'],
    [' a'],
    ['a\r\nb'],
    ['a\0'],
    ['a/b'],
    ['(a)'],
    ['é'],
    ['a\u212a'],
  ])('may not have the name %j', (name) => {
    expect(checkHeader(name, 'x')).toBe(`${JSON.stringify(name)} is not a valid header name.`)
  })

  it('may not have a name of more than 256 characters', () => {
    expect(checkHeader('x'.repeat(257), '')).toBe('A header name may have at most 256 characters.')
  })

  it('may not have a value of more than 4,096 characters', () => {
    expect(checkHeader('X-Long', 'v'.repeat(4_097))).toBe(
      'The value of the header X-Long may have at most 4096 characters.',
    )
  })

  it.each([
    ['CR', 'secret\rX-Other: 1'],
    ['LF', 'secret\nX-Other: 1'],
    ['CR LF', 'secret\r\n\r\nbody'],
    ['a final LF', 'secret\n'],
    ['NUL', 'secret\0'],
    ['a C0 control', 'secret\u001b[31m'],
    ['DEL', 'secret\u007f'],
    ['a C1 control', 'secret\u0085'],
    ['an umlaut', 'secret ü'],
    ['a character that is no byte', 'secret €'],
    ['half a character', 'secret \ud800'],
    ['an emoji', 'secret 🔑'],
  ])('may not have %s in its value, which the refusal does not show', (_, value) => {
    expect(checkHeader('X-Key', value)).toBe(
      'The value of the header X-Key may contain only visible ASCII characters, spaces and tabs.',
    )
  })
})

describe('the headers of a webhook', () => {
  it('may be none', () => {
    expect(checkHeaders([])).toBeNull()
  })

  it('may be fifty lines, names repeated', () => {
    expect(checkHeaders(Array.from({ length: 50 }, () => ['X-Same', 'v'] as const))).toBeNull()
  })

  it('may not be more', () => {
    expect(checkHeaders(Array.from({ length: 51 }, () => ['X-Same', 'v'] as const))).toBe(
      'A webhook may have at most 50 custom headers.',
    )
  })

  it('may have 16,000 characters in all, names and values together', () => {
    const lines = Array.from({ length: 10 }, () => ['X-Ten-Long', 'v'.repeat(1_590)] as const)
    expect(checkHeaders(lines)).toBeNull()
  })

  it('may not have one more', () => {
    const lines = Array.from({ length: 10 }, () => ['X-Ten-Long', 'v'.repeat(1_590)] as const)
    expect(checkHeaders([...lines.slice(1), ['X-Ten-Long', 'v'.repeat(1_591)]])).toBe(
      'The names and values of all custom headers may have at most 16000 characters in total.',
    )
    expect(checkHeaders([...lines.slice(1), ['X-Ten-Longer', 'v'.repeat(1_589)]])).toBe(
      'The names and values of all custom headers may have at most 16000 characters in total.',
    )
  })

  it('are refused for the first line that is', () => {
    expect(
      checkHeaders([
        ['X-Fine', 'v'],
        ['Host', 'v'],
        ['TE', 'v'],
      ]),
    ).toBe('The header Host is reserved and cannot be set on a webhook.')
  })
})
