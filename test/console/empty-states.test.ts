// Pages that have nothing to show yet: what they print to be done next does it, as printed.

import { beforeAll, describe, expect, it } from 'vitest'
import {
  createKey,
  createOperatorKey,
  createTenant,
  openReceiver,
  send,
  type TestKey,
} from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

const receiver = openReceiver()
const PAGES = ['', '/webhooks', '/events', '/event-types', '/live'] as const

/** What stands in a page for a shell. */
function commandsIn(html: string): readonly string[] {
  const [, printed = ''] = /<pre id="command"[^>]*>([^<]*)<\/pre>/.exec(html) ?? []
  const text = printed
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
  return text.split('\n\n').filter((one) => one !== '')
}

/** Does what a shell would, that knows nothing but the printed command and the token. No test asks example.com. */
async function run(command: string, token: string): Promise<number> {
  const toReceiver = command.replace('https://example.com/hooks', receiver.url)
  const words = toReceiver.replaceAll('\\\n', ' ').match(/'[^']*'|"[^"]*"|\S+/g) ?? []
  const [program, ...given] = words.map((word) => word.replace(/^(['"])([\s\S]*)\1$/, '$2'))
  expect(program).toBe('curl')
  const after = (option: string) =>
    given.flatMap((word, index) => (given[index - 1] === option ? [word] : []))
  const [method = 'GET'] = after('-X')
  const url = given.find((word) => word.startsWith('https://hookline.test/')) ?? ''
  const headers = after('-H').map((line) => line.replace('$TOKEN', token).split(': '))
  const call = { method, path: new URL(url).pathname, body: after('-d').join('&') }
  return (await send(call, Object.fromEntries(headers))).status
}

interface Caller {
  readonly token: string
  readonly printed: ReadonlyMap<string, string>
}

async function callerOf(key: Pick<TestKey, 'token'>, tenantId: string): Promise<Caller> {
  const visitor = new Visitor()
  await visitor.signIn(key.token)
  const printed = new Map<string, string>()
  for (const page of PAGES) {
    const { status, html } = await visitor.ask(`/console/tenants/${tenantId}${page}`)
    expect(status, page).toBe(200)
    printed.set(page, html)
  }
  return { token: key.token, printed }
}

let owner: Caller
let operator: Caller
let reader: Caller

beforeAll(async () => {
  const tenant = await createTenant()
  const permissions = ['webhooks:read', 'webhooks:list', 'events:read', 'events:list'] as const
  owner = await callerOf(await createKey(tenant, {}), tenant.id)
  operator = await callerOf(await createOperatorKey({}), tenant.id)
  reader = await callerOf(await createKey(tenant, { permissions }), tenant.id)
})

describe('a page that has nothing to show', () => {
  it.each(PAGES)('prints to an operator what works as printed: %j', async (page) => {
    const commands = commandsIn(operator.printed.get(page) ?? '')
    expect(commands.length).toBeGreaterThan(0)
    for (const one of commands) expect([200, 201, 202]).toContain(await run(one, operator.token))
  })

  it.each(PAGES)('prints to the key of a tenant what works as printed: %j', async (page) => {
    const commands = commandsIn(owner.printed.get(page) ?? '')
    expect(commands.length > 0).toBe(page !== '/event-types')
    for (const one of commands) expect([200, 201, 202]).toContain(await run(one, owner.token))
  })

  it('prints what works as printed where it is about a webhook: its replays, and what it was not given', async () => {
    const tenant = await createTenant()
    const key = await createKey(tenant, {})
    const body = JSON.stringify({ url: receiver.url, eventTypes: ['*'] })
    const headers = { authorization: `Bearer ${key.token}`, 'content-type': 'application/json' }
    const made = await send({ method: 'POST', path: '/v1/webhooks', body }, headers)
    const { id } = made.body as { id: string }
    const visitor = new Visitor()
    await visitor.signIn(key.token)
    for (const page of [`/webhooks/${id}/diverted`, '/jobs']) {
      const { html } = await visitor.ask(`/console/tenants/${tenant.id}${page}`)
      const commands = commandsIn(html)
      expect(commands, page).toHaveLength(1)
      for (const one of commands) expect([200, 202]).toContain(await run(one, key.token))
    }
  })

  it.each(PAGES)('prints nothing to whom it would be refused: %j', (page) => {
    expect(commandsIn(reader.printed.get(page) ?? '')).toEqual([])
  })
})
