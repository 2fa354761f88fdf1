import { describe, expect, it } from 'vitest'
import { findSecrets } from './secrets-search.ts'

const secrets = [
  { name: 'token', text: 'correct "horse"/battery+staple' },
  { name: 'key', text: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
]
const search = (text: string) => findSecrets(secrets, [{ name: 'here', text }])

describe('the search for secrets', () => {
  it.each([
    ['nothing', 'correct horse battery staple, whsec_', []],
    ['as it is', '…correct "horse"/battery+staple…', ['token in here']],
    ['in JSON', '{"a":"correct \\"horse\\"/battery+staple"}', ['token in here']],
    ['in a URL', '?a=correct%20%22horse%22%2Fbattery%2Bstaple', ['token in here']],
    ['in a URL, in small letters', 'correct%20%22horse%22%2fbattery%2bstaple', ['token in here']],
    ['in hex', '636f72726563742022686f727365222f626174746572792b737461706c65', ['token in here']],
    [
      'in big hex',
      '636F72726563742022686F727365222F626174746572792B737461706C65',
      ['token in here'],
    ],
    ['in base64', btoa('correct "horse"/battery+staple'), ['token in here']],
    ['in base64, one byte on', btoa('xcorrect "horse"/battery+staple, and'), ['token in here']],
    ['in base64, two bytes on', btoa('xxcorrect "horse"/battery+staple!'), ['token in here']],
    [
      'in base64 of base64’s own',
      btoa('user:whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
      ['key in here'],
    ],
    ['without its prefix', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', ['key in here']],
    [
      'as the bytes of a key, in hex',
      '31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0',
      ['key in here'],
    ],
    [
      'both',
      'correct "horse"/battery+staple whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      ['token in here', 'key in here'],
    ],
  ])('finds one: %s', (_, text, expected) => {
    expect(search(text)).toEqual(expected)
  })
})
