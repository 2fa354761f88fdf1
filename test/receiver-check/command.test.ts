// The command line of `check`: what it takes, what it refuses, and its exit codes.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkReceiver, readCommand } from '../../cli/check/command.ts'
import { SECRET, startReceiver } from './receiver.ts'

const LOCAL = 'http://localhost:4000/hooks'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the command line', () => {
  it.each([
    [[], 'Name one URL.'],
    [[LOCAL, LOCAL], 'Name one URL.'],
    [['ftp://localhost/'], 'The URL must be one of http or https.'],
    [['nowhere'], 'The URL must be one of http or https.'],
    [[LOCAL, '--observe', 'count'], '--observe must be a URL of http or https.'],
    [[LOCAL, '--data', '[1]'], '--data must be a JSON object.'],
    [[LOCAL, '--data', '{'], '--data must be a JSON object.'],
    [['https://example.com/'], 'example.com is not this machine.'],
    [['http://localhost.example.com/'], 'localhost.example.com is not this machine.'],
    [['http://127.0.0.1.example.com/'], '127.0.0.1.example.com is not this machine.'],
    [[LOCAL, '--observe', 'https://example.com/'], 'example.com is not this machine.'],
    [[LOCAL, '--secret', SECRET], "Unknown option '--secret'"],
  ])('%j is refused: %s', (args, why) => {
    expect(readCommand(args, SECRET)).toContain(why)
  })

  it.each([undefined, '', 'whsec_', 'whsec_c2hvcnQ=', SECRET.slice(6), `${SECRET}!`])(
    'the secret %j is refused, and not repeated',
    (secret) => {
      const why = readCommand([LOCAL], secret)
      expect(why).toMatch(/^HOOKLINE_CHECK_SECRET /)
      if (secret) expect(why).not.toContain(secret === 'whsec_' ? SECRET : secret)
    },
  )

  it.each([
    [LOCAL],
    ['http://127.0.0.1:4000/'],
    ['http://[::1]:4000/'],
    ['https://example.com/', '--yes-i-own-it'],
  ])('%s is taken', (...args) => {
    expect(readCommand(args, SECRET)).toMatchObject({ isJson: false, options: { observe: null } })
  })
})

describe('its exit code', () => {
  it('is 2 where the command line is wrong, with how to use it', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(await checkReceiver([], SECRET)).toBe(2)
    expect(error.mock.calls.join()).toContain('Usage: HOOKLINE_CHECK_SECRET=whsec_…')
  })

  it.each([
    [0, {}],
    [1, { isFresh: () => true }],
  ])('is %i of a receiver with as much found', async (code, change) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const { url, close } = await startReceiver(change)
    expect(await checkReceiver([url.href, '--json', '--type', 'invoice.paid'], SECRET)).toBe(code)
    close()
    expect(log.mock.calls.join()).toContain(`"grade":"${code === 0 ? 'A' : 'F'}"`)
  })
})
