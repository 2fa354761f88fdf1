// What `check` is asked: what it takes, and what it refuses.

import { describe, expect, it } from 'vitest'
import { readCheck } from '../../cli/check/command.ts'
import { SECRET } from './receiver.ts'

const LOCAL = 'http://localhost:4000/hooks'

describe('the command line', () => {
  it.each([
    ['ftp://localhost/', {}, 'The URL must be one of http or https.'],
    ['nowhere', {}, 'The URL must be one of http or https.'],
    [LOCAL, { observe: 'count' }, '--observe must be a URL of http or https.'],
    [LOCAL, { data: '[1]' }, '--data must be a JSON object.'],
    [LOCAL, { data: '{' }, '--data must be a JSON object.'],
    ['https://example.com/', {}, 'example.com is not this machine.'],
    ['http://localhost.example.com/', {}, 'localhost.example.com is not this machine.'],
    ['http://127.0.0.1.example.com/', {}, '127.0.0.1.example.com is not this machine.'],
    [LOCAL, { observe: 'https://example.com/' }, 'example.com is not this machine.'],
  ])('%s with %j is refused: %s', (url, flags, why) => {
    expect(readCheck(url, flags, SECRET)).toContain(why)
  })

  it.each([undefined, '', 'whsec_', 'whsec_c2hvcnQ=', SECRET.slice(6), `${SECRET}!`])(
    'the secret %j is refused, and not repeated',
    (secret) => {
      const why = readCheck(LOCAL, {}, secret)
      expect(why).toMatch(/^HOOKLINE_CHECK_SECRET /)
      if (secret) expect(why).not.toContain(secret === 'whsec_' ? SECRET : secret)
    },
  )

  it.each([
    [LOCAL, {}],
    ['http://127.0.0.1:4000/', {}],
    ['http://[::1]:4000/', {}],
    ['https://example.com/', { yesIOwnIt: true }],
  ])('%s with %j is taken', (url, flags) => {
    expect(readCheck(url, flags, SECRET)).toMatchObject({ observe: null, url: new URL(url) })
  })
})
