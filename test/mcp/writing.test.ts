// What agents may do: only with `mcp:write`, which nobody has who was not given it by name, and besides it what `/v1` itself takes.

import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { OPERATOR_PERMISSIONS, PERMISSIONS } from '../../src/engine/model/index.ts'
import { sha256Hex } from '../../src/primitives/digest.ts'
import { newId } from '../../src/primitives/ids.ts'
import { asking, NOBODY } from '../api/asked.ts'
import {
  createKey,
  createOperatorKey,
  createTenant,
  openReceiver,
  presentations,
  publish,
  type Receiver,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { agentWith, post } from './agent.ts'

const WRITING = {
  resend_event: { args: { eventId: NOBODY }, needs: 'events:write' },
  replay_events: {
    args: { webhookId: NOBODY, since: '2026-11-01T00:00:00Z' },
    needs: 'webhooks:write',
  },
  create_webhook: {
    args: { url: 'https://example.com/', eventTypes: ['*'] },
    needs: 'webhooks:write',
  },
} as const
const NAMES = Object.keys(WRITING) as (keyof typeof WRITING)[]

const NOT_GIVEN =
  'This key does not have the permission mcp:write. It lets agents write, and is given by name alone when a key is made (docs/mcp.md).'

let tenant: TestTenant
let writer: TestKey
let receiver: Receiver
let webhookId: string

beforeAll(async () => {
  tenant = await createTenant('Acme')
  writer = await createKey(tenant, { permissions: PERMISSIONS })
  receiver = openReceiver()
  const { call } = await agentWith(writer)
  const made = await call('create_webhook', {
    url: receiver.url,
    eventTypes: ['a.*'],
    name: 'By an agent',
  })
  expect(made.isError, made.text).toBe(false)
  webhookId = (made.facts.webhook as { id: string }).id
})

describe('a key', () => {
  it.each([
    ['without a list', () => createKey(tenant)],
    ['that acts for a user', () => createKey(tenant, { subject: 'ada' })],
    [
      'with all but mcp:write',
      () => createKey(tenant, { permissions: PERMISSIONS.filter((name) => name !== 'mcp:write') }),
    ],
  ])('%s is not shown the tools that write, and calling one is refused', async (_, make) => {
    const agent = await agentWith(await make())
    expect(await agent.toolNames()).toEqual(expect.not.arrayContaining(NAMES))
    for (const name of NAMES) {
      const { isError, text } = await agent.call(name, WRITING[name].args)
      expect({ isError, text }).toEqual({ isError: true, text: NOT_GIVEN })
    }
  })

  it('has mcp:write only where it was named, whoever it is of', async () => {
    const ask = asking(sendAs(await createOperatorKey()))
    const made = await ask('POST', `/v1/tenants/${tenant.id}/keys`, {})
    const { permissions } = made.body as { permissions: string[] }
    expect(permissions).not.toContain('mcp:write')
    expect(permissions).toContain('events:read')
    const asked = await ask('POST', `/v1/tenants/${tenant.id}/keys`, { permissions: ['mcp:write'] })
    expect(asked.status).toBe(403)
    expect(asked.text).toContain('mcp:write')
    const all = asking(sendAs(await createOperatorKey({ permissions: OPERATOR_PERMISSIONS })))
    const given = await all('POST', `/v1/tenants/${tenant.id}/keys`, { permissions: ['mcp:write'] })
    expect(given.body).toMatchObject({ permissions: ['mcp:write'] })
    const still = await all('POST', `/v1/tenants/${tenant.id}/keys`, {})
    expect(still.text).not.toContain('mcp:write')
  })

  it('that an earlier version stored as having all does not have it', async () => {
    const all = PERMISSIONS.filter((name) => name !== 'mcp:write')
    const [id, secret] = [newId(Date.now()), 'secret-of-an-earlier-version']
    const columns = 'id, tenant_id, permissions, secret_hash, created_at'
    await env.DB.prepare(`INSERT INTO keys (${columns}) VALUES (?, ?, ?, ?, ?)`)
      .bind(id, tenant.id, JSON.stringify(all), await sha256Hex(secret), Date.now())
      .run()
    const agent = await agentWith({ id, secret, token: `${id}.${secret}` })
    const names = await agent.toolNames()
    expect(names).toContain('search_events')
    for (const name of NAMES) {
      expect(names).not.toContain(name)
      const { isError, text } = await agent.call(name, WRITING[name].args)
      expect({ isError, text }).toEqual({ isError: true, text: NOT_GIVEN })
    }
  })

  it.each(NAMES)('with mcp:write and without what /v1 takes may not %s', async (name) => {
    const permissions = PERMISSIONS.filter((permission) => permission !== WRITING[name].needs)
    const agent = await agentWith(await createKey(tenant, { permissions }))
    expect(await agent.toolNames()).not.toContain(name)
    const { isError, text } = await agent.call(name, WRITING[name].args)
    expect(isError).toBe(true)
    expect(text).toBe(`This key does not have the permission ${WRITING[name].needs}.`)
  })

  it.each([
    ['explain_delivery', 'webhooks:read', { eventId: NOBODY }],
    ['explain_delivery', 'events:read', { eventId: NOBODY }],
    ['search_events', 'events:list', {}],
    ['get_event', 'events:read', { eventId: NOBODY }],
    ['wait_for_event', 'events:list', { timeoutSeconds: 1 }],
    ['search_attempts', 'webhooks:read', {}],
    ['list_webhooks', 'webhooks:list', {}],
    ['get_job', 'webhooks:read', { jobId: NOBODY }],
  ])('may not %s without %s', async (name, missing, args) => {
    const permissions = PERMISSIONS.filter((permission) => permission !== missing)
    const agent = await agentWith(await createKey(tenant, { permissions }))
    expect(await agent.toolNames()).not.toContain(name)
    const { isError, text } = await agent.call(name, args)
    expect(isError).toBe(true)
    expect(text).toBe(`This key does not have the permission ${missing}.`)
  })
})

describe('a key with mcp:write', () => {
  it('is shown the tools that write, which say what may come of them', async () => {
    const { client } = await agentWith(writer)
    const { tools } = await client.listTools()
    const hints = tools
      .filter(({ name }) => name in WRITING)
      .map(({ name, annotations }) => [
        name,
        annotations?.readOnlyHint,
        annotations?.destructiveHint,
        annotations?.idempotentHint,
        annotations?.openWorldHint,
      ])
    expect(hints).toEqual([
      ['resend_event', false, true, false, true],
      ['replay_events', false, true, false, true],
      ['create_webhook', false, false, false, true],
    ])
  })

  it('makes a webhook, whose secret it is not told', async () => {
    const ask = asking(sendAs(writer))
    expect((await ask('GET', `/v1/webhooks/${webhookId}`)).body).toMatchObject({
      url: receiver.url,
      eventTypes: ['a.*'],
      name: 'By an agent',
    })
    const { body } = await ask('GET', `/v1/webhooks/${webhookId}/secret`)
    const { secret } = body as { secret: string }
    const { call } = await agentWith(writer)
    const made = await call('create_webhook', {
      url: receiver.url,
      eventTypes: ['never'],
      paused: true,
    })
    expect(made.facts).toMatchObject({ webhook: { paused: true, status: 'active' } })
    expect(secret).toMatch(/^whsec_/)
    expect(made.text).not.toContain('whsec_')
    expect(made.untrusted).toContain(`"url":"${receiver.url.replace('=hookline', '=…')}"`)
  })

  it('resends an event to a webhook, and to all', async () => {
    const eventId = await publish(writer, { type: 'a.b', data: '{}' })
    await receiver.received(1)
    const { call } = await agentWith(writer)
    const one = await call('resend_event', { eventId, webhookId })
    expect(one.facts, one.text).toEqual({ queued: 1 })
    // One that is asked for while another is under way joins it.
    await receiver.received(2)
    const all = await call('resend_event', { eventId })
    expect(all.says).toBe('The event is sent to 1 webhook. get_event shows what came of it.')
    await receiver.received(3)
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toContain(eventId)
  })

  it('replays events, only the missing ones unless told', async () => {
    const key = await createKey(await createTenant(), { permissions: PERMISSIONS })
    const { call } = await agentWith(key)
    const since = new Date(Date.now() - 3_600_000).toISOString()
    const ends = async (args: object, done: number) => {
      const { facts, text } = await call('replay_events', { since, ...args })
      await expect
        .poll(async () => (await call('get_job', { jobId: facts.jobId })).facts, { message: text })
        .toMatchObject({ state: 'done', done })
    }
    const make = async (to: Receiver) => {
      const { facts } = await call('create_webhook', { url: to.url, eventTypes: ['r'] })
      return (facts.webhook as { id: string }).id
    }
    const [had, lacks] = [openReceiver(), openReceiver()]
    const first = await make(had)
    const eventId = await publish(key, { type: 'r', data: '{}' })
    await expect
      .poll(async () => (await call('get_event', { eventId })).facts)
      .toMatchObject({ deliveries: [{ status: 'delivered' }] })
    await ends({ webhookId: first }, 0)
    await ends({ webhookId: first, onlyMissing: false }, 1)
    await had.received(2)
    // Made after the event.
    await ends({ webhookId: await make(lacks) }, 1)
    await lacks.received(1)
  })

  it('leaves what it did in the audit, as any call of its key', async () => {
    const ask = asking(sendAs(await createOperatorKey()))
    const { body } = await ask('GET', `/v1/tenants/${tenant.id}/audit?action=webhook.created`)
    const { items } = body as {
      items: { target: { id: string }; actor: { kind: string; id: string } }[]
    }
    const entry = items.find(({ target }) => target.id === webhookId)
    expect(entry).toMatchObject({ actor: { kind: 'key', id: writer.id } })
  })

  it('is told what was wrong with a webhook, and where', async () => {
    const { call } = await agentWith(writer)
    const { isError, text } = await call('create_webhook', { url: 'ftp://x', eventTypes: ['*'] })
    expect(isError).toBe(true)
    expect(text).toMatch(/^url: .*\(400\)$/)
    const headers = { authorization: 'x' }
    const unknown = await call('create_webhook', { url: receiver.url, eventTypes: ['*'], headers })
    expect(unknown.text).toBe('headers: Unknown field.')
  })
})

describe('whatever is sent to a tool that writes', () => {
  it('is done or refused in words, and never a failure within', async () => {
    const key = await createKey(await createTenant(), { permissions: PERMISSIONS })
    const { url } = openReceiver()
    const ask = asking(sendAs(key))
    const { body } = await ask('POST', '/v1/webhooks', { url, eventTypes: ['fuzzed'] })
    const { id } = body as { id: string }
    const eventId = await publish(key, { type: 'fuzzed', data: '{}' })
    const or = (...good: readonly unknown[]) =>
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...good) },
        { weight: 1, arbitrary: fc.jsonValue() },
      )
    const call = (name: keyof typeof WRITING, needed: object, others: object) =>
      fc
        .record({ ...needed, ...others }, { requiredKeys: Object.keys(needed) as never[] })
        .map((args) => ({ name, arguments: args }))
    const times = or('2026-11-01T00:00:00Z', '2100-01-01T00:00:00Z')
    const types = or(['fuzzed'], ['*'], ['other.*'])
    const calls = fc.oneof(
      call('resend_event', { eventId: or(eventId, NOBODY) }, { webhookId: or(id, NOBODY) }),
      call(
        'replay_events',
        { webhookId: or(id, NOBODY), since: times },
        { until: times, eventTypes: types, onlyMissing: or(true, false) },
      ),
      call(
        'create_webhook',
        { url: or(url), eventTypes: types },
        {
          ...{ name: or('A name'), description: or('A text'), paused: or(true, false) },
          ...{ scope: or({ team: 'a' }), channels: or(['a']) },
        },
      ),
    )
    const done = new Set<string>()
    const check = fc.asyncProperty(calls, async (params) => {
      const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
      const response = await post(JSON.stringify(message), presentations.bearer(key))
      const text = await response.text()
      expect(response.status, text).toBe(200)
      expect(text).not.toContain('An internal error occurred.')
      const { result } = JSON.parse(text) as { result?: { isError?: boolean } }
      if (result?.isError !== true) done.add(params.name)
    })
    await fc.assert(check, { numRuns: 200, endOnFailure: true })
    expect([...done].toSorted()).toEqual(NAMES.toSorted())
  }, 60_000)
})
