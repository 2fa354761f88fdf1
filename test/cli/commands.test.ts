// Each command in a pipe, on a terminal, and with tokens of each kind; what it exits with when something is wrong.

import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type LocalReceiver, openLocalReceiver } from './receiver.ts'
import { Deployment, run, runOnTerminal, start, startOnTerminal, until } from './world.ts'

const ESCAPE = '\u001b['

let deployment: Deployment
let config: string
let receiver: LocalReceiver
let token: string
let tenantId: string
const variables = () => ({ HOOKLINE_URL: deployment.url, HOOKLINE_TOKEN: token })
const terminal = () => ({ config, variables: variables() })
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => z.looseObject({}).parse(JSON.parse(line)))
const idIn = (text: string) => z.object({ id: z.string() }).parse(lines(text)[0]).id

beforeAll(async () => {
  config = await mkdtemp(join(tmpdir(), 'hookline-config-'))
  receiver = await openLocalReceiver()
  deployment = await Deployment.start()
  ;({ id: tenantId, token } = await deployment.newTenant())
})
afterAll(async () => {
  receiver?.close()
  await deployment?.stop()
  await rm(config, { recursive: true, force: true })
})

describe('a token', () => {
  it('is kept by login in a file that only its owner reads, and never shown', async () => {
    const anybody = { config }
    const none = await run(['events'], anybody)
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('hookline login')])
    const login = await run(['login', '--url', `${deployment.url}/v1/`], anybody, `${token}\n`)
    expect([login.code, login.stdout + login.stderr]).toEqual([
      0,
      expect.not.stringContaining(token),
    ])
    const file = join(config, 'hookline', 'credentials.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(file, 'utf8')).toContain(token)
    expect((await run(['events'], anybody)).code).toBe(0)
    // It goes nowhere else.
    const elsewhere = { config, variables: { HOOKLINE_URL: 'https://example.com' } }
    expect((await run(['events'], elsewhere)).code).toBe(2)
    await chmod(file, 0o640)
    const refused = await run(['events'], anybody)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('read by others')])
    await rm(file)
  })

  it('is asked for on a terminal without being shown', async () => {
    const child = startOnTerminal(['login', '--url', deployment.url], { config })
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    await until(() => out.includes('Token for'), 'it asks')
    child.stdin.write(`${token}x\u007f\r`)
    await until(() => child.exitCode !== null, 'it ends')
    expect(child.exitCode, out).toBe(0)
    expect(out).not.toContain(token)
    expect(out).toContain('The token works')
    await rm(join(config, 'hookline', 'credentials.json'))
  })

  it('that is none is not kept', async () => {
    const login = await run(['login', '--url', deployment.url], { config }, 'a.b')
    expect(login.code).toBe(4)
    expect((await run(['events'], { config })).code).toBe(2)
  })

  it('made for a Svix client works, that of an organization for each application', async () => {
    const { token: operator } = await deployment.admin(
      z.object({ token: z.string() }),
      ...(['POST', '/v1/operator-keys', {}] as const),
    )
    const svix = { SVIX_SERVER_URL: deployment.url, SVIX_AUTH_TOKEN: operator }
    const application = { config, variables: svix }
    const made = await deployment.call(z.looseObject({ uid: z.string() }), [
      ...([operator, 'POST', '/api/v1/app', { name: 'App', uid: 'app-1' }] as const),
    ])
    const published = await run(['--tenant', made.uid, 'publish', 'a.b'], application)
    expect(published.code, published.stderr).toBe(0)
    const portal = await deployment.call(z.looseObject({ token: z.string() }), [
      ...([operator, 'POST', '/api/v1/auth/app-portal-access/app-1', {}] as const),
    ])
    const customer = { ...svix, SVIX_AUTH_TOKEN: portal.token }
    const listed = await run(['events', '--type', 'a.b'], { config, variables: customer })
    expect([listed.code, lines(listed.stdout)]).toMatchObject([0, [{ type: 'a.b' }]])
  })
})

describe('in a pipe, lines of JSON; on a terminal, a table', () => {
  it('of webhooks, events and attempts', async () => {
    const url = receiver.url
    const webhook = idIn(
      (await run(['webhooks', 'create', '--url', url, '--types', 'invoice.*'], terminal())).stdout,
    )
    const data = '{"number": 42, "total": 1.10}'
    const event = idIn((await run(['publish', 'invoice.paid', '-d', data], terminal())).stdout)
    await until(() => receiver.received.some(({ id }) => id === event), 'the event')
    const sent = receiver.received.find(({ id }) => id === event)
    expect(String(sent?.body)).toContain(`"data":${data}`)

    for (const args of [['webhooks'], ['webhooks', 'get', webhook]]) {
      const { stdout } = await run(args, terminal())
      expect(lines(stdout)).toMatchObject([{ id: webhook, url }])
      expect(stdout).not.toContain(ESCAPE)
      const shown = (await runOnTerminal(args, terminal())).stdout
      expect(shown).toContain(webhook)
      expect(() => lines(shown)).toThrow()
    }
    expect(lines((await run(['events', 'list', '--limit', '1'], terminal())).stdout)).toMatchObject(
      [{ id: event, type: 'invoice.paid' }],
    )
    const shown = await runOnTerminal(['events'], terminal())
    expect(shown.stdout).toContain(`${ESCAPE}2mTIME`)
    const plain = { ...terminal(), variables: { ...variables(), NO_COLOR: '1' } }
    expect((await runOnTerminal(['events'], plain)).stdout).not.toContain(ESCAPE)
    expect(lines((await runOnTerminal(['--json', 'events'], terminal())).stdout)).toMatchObject([
      { id: event },
    ])
    const tested = await run(['webhooks', 'test', webhook], terminal())
    expect(lines(tested.stdout)).toMatchObject([{ outcome: 'delivered', statusCode: 204 }])
    const explained = await run(['explain', event], terminal())
    expect(lines(explained.stdout)).toMatchObject([
      { id: event, deliveries: [{ webhookId: webhook }] },
    ])
    const resent = await run(['resend', event, '--webhook', webhook], terminal())
    expect(lines(resent.stdout)).toEqual([{ eventId: event, queued: 1 }])
    const replayed = await run(['replay', webhook, '--since', '1h'], terminal())
    expect(lines(replayed.stdout)).toMatchObject([{ jobId: expect.any(String) }])
    await until(() => receiver.received.filter(({ id }) => id === event).length >= 3, 'both again')
    expect((await run(['webhooks', 'delete', webhook], terminal())).code).toBe(0)
    expect((await run(['webhooks', 'get', webhook], terminal())).code).toBe(3)
  })

  it('of an event that failed: why, and what to do', async () => {
    const server = createServer((_, response) => response.writeHead(401).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
    const webhook = idIn(
      (await run(['webhooks', 'create', '--url', url, '--types', 'bad'], terminal())).stdout,
    )
    await run(['webhooks', 'create', '--url', url, '--types', 'other'], terminal())
    const tail = start(['tail', '--seconds', '20'], terminal())
    let out = ''
    tail.stdout.on('data', (chunk) => {
      out += chunk
    })
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const event = idIn((await run(['publish', 'bad', '-d', '{}'], terminal())).stdout)
    await until(() => out.includes(event), 'the tail shows it', 20_000)
    expect(lines(out)).toMatchObject([{ eventId: event, webhookId: webhook, statusCode: 401 }])
    tail.kill('SIGTERM')
    const attempts = await run(['attempts', webhook], terminal())
    expect(lines(attempts.stdout).at(-1)).toMatchObject({ eventId: event, outcome: 'failed' })
    const { stdout } = await runOnTerminal(['explain', event], terminal())
    expect(stdout).toContain('answered 401')
    expect(stdout).toMatch(/credential|signature|verif/i)
    expect(stdout).toContain('its event types do not have this one')
    server.close()
  })
})

it('triggers the example of the catalogue', async () => {
  const examples = [{ total: '12.50' }]
  await deployment.admin(z.unknown(), 'PUT', '/v1/event-types/order.placed', { examples })
  const triggered = await run(['trigger', 'order.placed'], terminal())
  const shown = await run(['events', 'get', idIn(triggered.stdout)], terminal())
  expect(lines(shown.stdout)).toMatchObject([{ type: 'order.placed', data: { total: '12.50' } }])
  const none = await run(['trigger', 'nothing.known'], terminal())
  expect([none.code, none.stdout]).toEqual([3, ''])
  await deployment.admin(z.unknown(), 'DELETE', '/v1/event-types/order.placed')
})

it('checks a receiver, and says so in its exit code', async () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const asked = { config, variables: { ...variables(), HOOKLINE_CHECK_SECRET: secret } }
  const checked = await run(['check', receiver.url], asked)
  // The receiver of these tests looks at no signature.
  expect(checked.code).toBe(1)
  expect(lines(checked.stdout)).toContainEqual(expect.objectContaining({ verdict: 'finding' }))
  const shown = await run(['check', receiver.url, '--no-json'], asked)
  expect([shown.code, shown.stdout]).toEqual([1, expect.stringContaining('✗ no-signature')])
  const elsewhere = await run(['check', 'https://hooks.example.com/'], asked)
  expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('--yes-i-own-it')])
})

it('has a deployment what a file says, and nothing more to do then', async () => {
  const path = '/v1/operator-keys'
  const shape = z.object({ token: z.string() })
  const operator = await deployment.admin(shape, 'POST', path, { name: 'Git' })
  const variables = { HOOKLINE_URL: deployment.url, HOOKLINE_TOKEN: operator.token, SECRET: 'shh' }
  const asked = { config, variables }
  const file = join(config, 'hookline.yaml')
  const text = `
eventTypes:
  - { name: apply.paid, description: Paid, examples: [{ n: 1 }] }
tenants:
  - uid: applied
    name: Applied
    webhooks:
      - uid: billing
        url: http://127.0.0.1:9999/
        eventTypes: [apply.*]
        headers: { Authorization: { $env: SECRET } }
        rate: { perSecond: 5 }
        order: webhook
        failureHandling: { retry: { type: linear, intervalSeconds: 5, attempts: 2 } }
        httpSignature: null
        format: cloudevents
`
  await writeFile(file, text)
  const apply = async (...flags: readonly string[]) => {
    const { code, stdout, stderr } = await run(['apply', '-f', file, ...flags], asked)
    return { code, stderr, steps: lines(stdout) }
  }
  const planned = [
    { action: 'create', kind: 'event type', name: 'apply.paid' },
    { action: 'create', kind: 'tenant', name: 'applied' },
    { action: 'create', kind: 'webhook', name: 'applied/billing' },
  ]
  const shown = await apply()
  expect(shown).toMatchObject({ code: 0, steps: planned })
  expect(shown.stderr).toContain('Nothing was changed.')
  const done = await apply('--yes')
  expect(done).toMatchObject({
    ...{ code: 0, stderr: '' },
    steps: [...planned, {}, {}, { done: 'create' }],
  })
  expect(done.steps.at(-1)).toMatchObject({ secret: expect.stringMatching(/^whsec_/) })
  expect(await apply('--yes', '--prune')).toMatchObject({ code: 0, steps: [] })
  await writeFile(file, text.replace('perSecond: 5', 'perSecond: 6'))
  expect(await apply('--yes')).toMatchObject({
    steps: [{ action: 'update', fields: ['rate'] }, { done: 'update' }],
  })
  await writeFile(file, 'eventTypes: []\ntenants: [{ uid: applied, webhooks: [] }]')
  const pruned = await apply('--yes', '--prune')
  expect(pruned.steps).toContainEqual({ done: 'delete', kind: 'webhook', name: 'applied/billing' })
  expect(pruned.steps).toContainEqual({ done: 'delete', kind: 'event type', name: 'apply.paid' })
  await writeFile(file, 'tenants: [{ uid: applied, retentionDays: 0 }]')
  const refused = await apply('--yes')
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('retentionDays')])
  await writeFile(file, 'tenants: [{}]')
  expect((await apply()).code).toBe(2)
})

it('sends a signed test through a webhook, and says what Hookline was answered', async () => {
  const create = async (url: string) => {
    const made = await run(['webhooks', 'create', '--url', url, '--types', 'none'], terminal())
    return idIn(made.stdout)
  }
  const doctor = async (webhook: string) => {
    const { code, stdout } = await run(['doctor', receiver.url, '--webhook', webhook], terminal())
    return { code, found: lines(stdout).at(-1) }
  }
  expect(await doctor(await create(receiver.url))).toMatchObject({
    ...{
      code: 0,
      found: { check: 'test', verdict: 'good', says: expect.stringMatching(/\(20\d, /) },
    },
  })
  expect(await doctor(await create('http://127.0.0.1:9999/'))).toMatchObject({
    ...{ code: 1, found: { check: 'test', verdict: 'bad' } },
  })
  const unknown = ['doctor', receiver.url, '--webhook', '01940000-0000-7000-8000-000000000001']
  expect((await run(unknown, terminal())).code).toBe(3)
})

it('examines a receiver', async () => {
  const fine = await run(['doctor', receiver.url], terminal())
  expect(fine.code).toBe(0)
  expect(lines(fine.stdout)).toMatchObject([
    { check: 'url', verdict: 'warning' },
    { check: 'dns', verdict: 'warning' },
    { check: 'post', verdict: 'warning', says: expect.stringContaining('unsigned') },
  ])
  const redirector = createServer((_, response) =>
    response.writeHead(308, { location: '/elsewhere' }).end(),
  )
  await new Promise<void>((resolve) => redirector.listen(0, '127.0.0.1', resolve))
  const address = redirector.address()
  const port = typeof address === 'object' ? address?.port : 0
  const moved = await run(['doctor', `http://127.0.0.1:${port}/`], terminal())
  expect([moved.code, moved.stdout]).toEqual([
    1,
    expect.stringContaining('redirects to /elsewhere'),
  ])
  redirector.close()
  const noTls = await run(['doctor', receiver.url.replace('http:', 'https:')], terminal())
  expect([noTls.code, noTls.stdout]).toEqual([1, expect.stringContaining('No TLS connection')])
  expect((await run(['doctor', 'https://nowhere.invalid/'], terminal())).stdout).toContain(
    'not found',
  )
})

it.each([
  [['nothing'], 2],
  [['publish'], 2],
  [['publish', 'a.b', '-d', '{'], 2],
  [['publish', 'not a type'], 1],
  [['events', '--after', 'soon'], 2],
  [['events', 'get', '01940000-0000-7000-8000-000000000001'], 3],
  [['listen', '--forward', 'nowhere'], 2],
  [['--help'], 0],
  [['--version'], 0],
])('exits, called as %j, with %i', async (args, code) => {
  expect((await run(args, terminal())).code).toBe(code)
})

it('exits with 4 for what the token may not do, with 5 where nobody answers', async () => {
  const { token: reader } = await deployment.admin(
    z.object({ token: z.string() }),
    ...(['POST', `/v1/tenants/${tenantId}/keys`, { permissions: ['events:read'] }] as const),
  )
  const as = (more: Readonly<Record<string, string>>) => ({
    config,
    variables: { ...variables(), ...more },
  })
  expect((await run(['publish', 'a.b'], as({ HOOKLINE_TOKEN: reader }))).code).toBe(4)
  expect((await run(['events'], as({ HOOKLINE_URL: 'http://127.0.0.1:1' }))).code).toBe(5)
})

describe('completion', () => {
  const script = async (shell: string) => (await run(['completion', shell], { config })).stdout

  it('of bash knows commands below commands, and options', async () => {
    const complete = async (...words: string[]) => {
      const quoted = words.map((word) => `'${word}'`).join(' ')
      const text = `${await script('bash')}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _hookline; echo "\${COMPREPLY[*]}"`
      return spawnSync('bash', ['-c', text], { encoding: 'utf8' }).stdout.trim().split(' ')
    }
    expect(await complete('hookline', 'tr')).toEqual(['trigger'])
    expect(await complete('hookline', 'webhooks', 'cr')).toEqual(['create'])
    expect(await complete('hookline', 'listen', '--forward', 'x', '--hi')).toEqual(['--history'])
  })

  it.each(['zsh', 'fish'])(
    'of %s is one that the shell reads, where there is it',
    async (shell) => {
      const text = await script(shell)
      expect(text).toContain('webhooks')
      expect(text).toContain('history')
      const file = join(config, `completion.${shell}`)
      await writeFile(file, text)
      const checked = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
      if (checked.error) return
      expect([checked.status, checked.stderr]).toEqual([0, ''])
      if (shell !== 'fish') return
      const asked = ['-c', `source ${file}; complete -C 'hookline webhooks cr'`]
      expect(spawnSync(shell, asked, { encoding: 'utf8' }).stdout).toMatch(/^create\t/)
    },
  )
})
