// What commands are called with, and from where: without a deployment. What stands for one says what it was sent.

import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { run, start } from './world.ts'

/** An empty page for everybody, and what was asked, with which token. */
class Stand {
  readonly asked: string[] = []
  readonly server: Server
  url = ''

  constructor(status = 200) {
    this.server = createServer((request, response) => {
      this.asked.push(`${request.headers.authorization} ${request.url}`)
      response.writeHead(status).end('{"items":[],"nextCursor":null}')
    })
  }

  async open(): Promise<this> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    const address = this.server.address()
    this.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    return this
  }
}

let config: string
let hookline: Stand
let svix: Stand
const Credentials = z.object({ profiles: z.record(z.string(), z.object({ token: z.string() })) })

beforeAll(async () => {
  config = await mkdtemp(join(tmpdir(), 'hookline-arguments-'))
  hookline = await new Stand().open()
  svix = await new Stand().open()
})
afterAll(async () => {
  hookline?.server.close()
  svix?.server.close()
  await rm(config, { recursive: true, force: true })
})

const as = (variables: Readonly<Record<string, string>>) => ({ config, variables })
const withToken = (token: string) => as({ HOOKLINE_URL: hookline.url, HOOKLINE_TOKEN: token })

describe('a time', () => {
  // `Date.parse` takes them for a day in 2001, so that a forgotten unit would replay all there is.
  it.each(['5', '12', 'may 5', '2026', '2026-11', '11/28/2026'])('is none as %j', async (time) => {
    const { code, stderr } = await run(['replay', 'w', '--since', time], withToken('t'))
    expect([code, stderr]).toEqual([2, expect.stringContaining('Expected a time')])
  })

  it.each(['2026-11-28', '2026-11-28T10:00Z', '2026-11-28T10:00:00.5+01:00', '2h'])(
    'may be %j',
    async (time) => {
      const { code, stderr } = await run(['events', '--after', time], withToken('t'))
      expect([code, stderr]).toEqual([0, ''])
    },
  )
})

describe('a token', () => {
  it.each(['sesame\nopen', 'sesame open', 'sesameΩ', 'sesame\u0001'])(
    'that no request could have is told of, and not shown: %j',
    async (token) => {
      const { code, stderr } = await run(['events'], withToken(token))
      expect([code, stderr]).toEqual([2, expect.stringContaining('The token has a character')])
      expect(stderr).not.toContain('sesame')
    },
  )

  it('may have the line break of a file behind it', async () => {
    expect((await run(['events'], withToken('t\r\n'))).code).toBe(0)
  })

  it('of Hookline does not go to where Svix is', async () => {
    const both = { HOOKLINE_TOKEN: 'ours', SVIX_SERVER_URL: svix.url }
    await run(['events'], as({ ...both, HOOKLINE_URL: hookline.url }))
    await run(['events'], as(both))
    expect(svix.asked).toEqual([])
    const { code } = await run(['events'], as({ SVIX_AUTH_TOKEN: 's', SVIX_SERVER_URL: svix.url }))
    expect([code, svix.asked]).toEqual([0, ['Bearer s /v1/events?limit=20']])
  })
})

describe('a profile', () => {
  const login = (token: string, variables: Readonly<Record<string, string>>, ...args: string[]) =>
    run([...args, 'login', '--url', hookline.url], as(variables), token)

  it('of the environment is the one that login keeps', async () => {
    await login('first', {})
    const { code, stdout } = await login('second', { HOOKLINE_PROFILE: 'staging' })
    expect([code, JSON.parse(stdout).profile]).toEqual([0, 'staging'])
    await login('third', { HOOKLINE_PROFILE: 'staging' }, '--profile', 'named')
    const text = await readFile(join(config, 'hookline', 'credentials.json'), 'utf8')
    expect(Credentials.parse(JSON.parse(text)).profiles).toMatchObject({
      default: { token: 'first' },
      staging: { token: 'second' },
      named: { token: 'third' },
    })
    hookline.asked.length = 0
    await run(['events'], as({ HOOKLINE_PROFILE: 'staging' }))
    expect(hookline.asked).toEqual(['Bearer second /v1/events?limit=20'])
  })

  it.each(['toString', '__proto__'])('that was never kept is none: %s', async (name) => {
    await login('first', {})
    const { code, stderr } = await run(['--profile', name, 'events'], as({}))
    expect([code, stderr]).toEqual([2, expect.stringContaining(`login --profile ${name}`)])
  })
})

it('ends with 2 where the file of tokens cannot be read', async () => {
  const broken = await mkdtemp(join(tmpdir(), 'hookline-arguments-'))
  const file = join(broken, 'hookline', 'credentials.json')
  await mkdir(file, { recursive: true })
  const { code, stderr } = await run(['events'], { config: broken })
  await rm(broken, { recursive: true })
  expect([code, stderr]).toEqual([2, expect.stringContaining(`${file} cannot be read`)])
})

describe('a pipe that nobody reads', () => {
  it('of what is said beside the answer changes no exit code', async () => {
    const child = start(['events'], as({ HOOKLINE_TOKEN: 'to ken' }))
    child.stderr.destroy()
    const [code] = await once(child, 'exit')
    expect(code).toBe(2)
  })
})

describe('a receiver that is looked at', () => {
  const verdicts = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) =>
        z
          .object({ check: z.string(), verdict: z.string(), says: z.string() })
          .parse(JSON.parse(line)),
      )

  it.each([
    [401, 0, 'good'],
    [404, 1, 'bad'],
    [422, 0, 'warning'],
    [415, 0, 'warning'],
  ])('and answers %i: exit code %i, %s', async (status, code, verdict) => {
    const receiver = await new Stand(status).open()
    const looked = await run(['doctor', receiver.url], as({}))
    receiver.server.close()
    expect([looked.code, verdicts(looked.stdout).at(-1)]).toMatchObject([
      code,
      { check: 'post', verdict },
    ])
  })

  it.each(['u:sesame@', ':sesame@'])('has no password in its URL: %s', async (who) => {
    const url = hookline.url.replace('://', `://${who}`)
    const { code, stdout } = await run(['doctor', url], as({}))
    expect([code, verdicts(stdout)]).toMatchObject([
      1,
      [{ verdict: 'warning' }, { check: 'url', verdict: 'bad' }, {}, { says: /\(200, / }],
    ])
    expect(stdout).not.toContain('sesame')
  })

  it.each(['[::ffff:127.0.0.1]', '0.0.0.0', '100.64.0.1', '192.0.2.1'])(
    'is at an address that Hookline does not send to: %s',
    async (host) => {
      // A port that nobody is asked at.
      const { stdout } = await run(['doctor', `http://${host}:1/`], as({}))
      const found = verdicts(stdout).find(({ check }) => check === 'dns')
      expect(found).toMatchObject({ verdict: 'warning' })
    },
  )

  it('has a URL however it is written', async () => {
    const { code } = await run(['doctor', hookline.url.replace('http:', 'HTTP:')], as({}))
    expect(code).toBe(0)
  })
})

it('says that there is nothing to replay in its exit code', async () => {
  const args = ['listen', '--forward', hookline.url, '--replay', '1']
  const { code, stderr } = await run(args, withToken('t'))
  expect([code, stderr]).toEqual([3, '✗ There is no such event any more.\n'])
})
