// Whose is what: keys of tenants, of users and of the operator, and ids that are another's.

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { OPERATOR_PERMISSIONS, PERMISSIONS } from '../../src/engine/model/index.ts'
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
import { type Agent, agentWith, connect, post } from './agent.ts'

let tenant: TestTenant
let key: TestKey
let receiver: Receiver
let webhookId: string
let eventId: string
let jobId: string
let stranger: Agent

beforeAll(async () => {
  tenant = await createTenant('Owner', { uid: `owner-${crypto.randomUUID()}` })
  key = await createKey(tenant, { permissions: PERMISSIONS })
  receiver = openReceiver()
  const ask = asking(sendAs(key))
  const made = await ask('POST', '/v1/webhooks', {
    url: receiver.url,
    eventTypes: ['*'],
    name: 'mark-of-owner',
  })
  webhookId = (made.body as { id: string }).id
  eventId = await publish(key, { type: 'owned', data: '{"mark-of-owner":1}' })
  const replay = await ask('POST', `/v1/webhooks/${webhookId}/replay`, {
    since: '2020-01-01T00:00:00Z',
  })
  jobId = (replay.body as { jobId: string }).jobId
  stranger = await agentWith(
    await createKey(await createTenant('Stranger'), { permissions: PERMISSIONS }),
  )
})

describe('the ids of another tenant', () => {
  const calls = (of: { eventId: string; webhookId: string; jobId: string }) =>
    [
      ['get_event', { eventId: of.eventId }],
      ['explain_delivery', { eventId: of.eventId }],
      ['explain_delivery', { eventId: of.eventId, webhookId: of.webhookId }],
      ['search_attempts', { webhookId: of.webhookId }],
      ['search_attempts', { eventId: of.eventId }],
      ['get_job', { jobId: of.jobId }],
      ['resend_event', { eventId: of.eventId }],
      ['resend_event', { eventId: of.eventId, webhookId: of.webhookId }],
      ['replay_events', { webhookId: of.webhookId, since: '2020-01-01T00:00:00Z' }],
    ] as const

  it('read like none', async () => {
    const foreign = calls({ eventId, webhookId, jobId })
    const unknown = calls({ eventId: NOBODY, webhookId: NOBODY, jobId: NOBODY })
    for (const [index, [name, args]] of foreign.entries()) {
      const seen = await stranger.call(name, args)
      const other = await stranger.call(name, unknown[index]?.[1])
      expect(seen, name).toEqual(other)
      expect(seen.isError, name).toBe(true)
      expect(seen.text, name).toMatch(/^No such (event|webhook|job)\. \(404\)$/)
    }
  })

  it('are in no list', async () => {
    for (const name of ['search_events', 'search_attempts', 'list_webhooks']) {
      const { text } = await stranger.call(name)
      expect(text, name).not.toMatch(/mark-of-owner/)
      expect(text, name).not.toContain(webhookId)
      expect(text, name).not.toContain(eventId)
    }
    const { facts } = await stranger.call('wait_for_event', {
      after: '2020-01-01T00:00:00Z',
      timeoutSeconds: 1,
    })
    expect(facts).toMatchObject({ found: false, event: null })
  })

  it('are not found by a webhook of one’s own with another’s event', async () => {
    const { call } = stranger
    const own = await call('create_webhook', { url: openReceiver().url, eventTypes: ['*'] })
    const { id } = own.facts.webhook as { id: string }
    expect((await call('explain_delivery', { eventId, webhookId: id })).text).toBe(
      'No such event. (404)',
    )
    expect((await call('resend_event', { eventId, webhookId: id })).text).toBe(
      'No such event. (404)',
    )
  })
})

describe('a key that acts for a user', () => {
  it('sees what is its user’s alone', async () => {
    const grace = await agentWith(await createKey(tenant, { subject: 'grace' }))
    expect((await grace.call('list_webhooks')).facts).toEqual({ webhooks: [], nextCursor: null })
    expect((await grace.call('search_events')).facts).toEqual({ events: [], nextCursor: null })
    expect((await grace.call('get_event', { eventId })).text).toBe('No such event. (404)')
  })
})

describe('an operator key', () => {
  let operator: Agent

  beforeAll(async () => {
    operator = await agentWith(await createOperatorKey({ permissions: OPERATOR_PERMISSIONS }))
  })

  it('names the tenant in each call, by its id or its uid', async () => {
    const { tools } = await operator.client.listTools()
    for (const { name, inputSchema } of tools) {
      const required = inputSchema.required ?? []
      expect(required.includes('tenant'), name).toBe(name !== 'find_tenants')
    }
    const found = await operator.call('find_tenants', { search: tenant.id })
    expect(found.facts).toMatchObject({ tenants: [{ id: tenant.id }] })
    const uid = /"uid":"([^"]+)"/.exec(found.untrusted)?.[1]
    expect(uid).toMatch(/^owner-/)
    for (const named of [tenant.id, uid]) {
      const { untrusted } = await operator.call('get_event', { tenant: named, eventId })
      expect(untrusted).toContain('mark-of-owner')
    }
    const { text, isError } = await operator.call('get_event', { eventId })
    expect({ isError, text }).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^tenant: /),
    })
    expect((await operator.call('get_event', { tenant: NOBODY, eventId })).text).toBe(
      'No such tenant. (404)',
    )
    expect((await operator.call('get_event', { tenant: '../events', eventId })).isError).toBe(true)
  })

  it('does what tools do that write, for the tenant that it names', async () => {
    const { facts } = await operator.call('resend_event', { tenant: tenant.id, eventId })
    expect(facts).toEqual({ queued: 1 })
    await receiver.received(3)
    const made = await operator.call('create_webhook', {
      tenant: tenant.id,
      url: openReceiver().url,
      eventTypes: ['x'],
    })
    expect(made.isError, made.text).toBe(false)
    const explained = await operator.call('explain_delivery', { tenant: tenant.id, eventId })
    expect(explained.facts).toMatchObject({ event: { id: eventId } })
    const other = (await createTenant('Other')).id
    expect((await operator.call('get_event', { tenant: other, eventId })).text).toBe(
      'No such event. (404)',
    )
  })

  it('without permissions for tenants is not shown find_tenants', async () => {
    const agent = await agentWith(
      await createOperatorKey({ permissions: ['events:read', 'events:list'] }),
    )
    expect(await agent.toolNames()).toEqual(['search_events', 'get_event', 'wait_for_event'])
    expect((await agent.call('find_tenants')).text).toBe(
      'This key does not have the permission tenants:read.',
    )
  })

  it('is what find_tenants takes: to the key of a tenant there is no such tool', async () => {
    const agent = await agentWith(key)
    await expect(agent.call('find_tenants')).rejects.toThrow('There is no such tool.')
    expect((await agent.call('get_event', { tenant: tenant.id, eventId })).text).toBe(
      'tenant: Unknown field.',
    )
  })
})

describe('a credential', () => {
  it('may be presented in every way', async () => {
    for (const present of Object.values(presentations)) {
      const agent = await connect(present(key))
      expect((await agent.call('get_event', { eventId })).isError).toBe(false)
    }
  })

  it.each([
    ['none', {}, /^This request requires a credential/],
    ['one that is no key', { authorization: `Bearer ${NOBODY}.x` }, /^The credential is invalid/],
    [
      'the administrator’s token',
      { authorization: `Bearer ${env.ADMIN_TOKEN}` },
      /requires a key, and the administrator token is none/,
    ],
  ])('is a key: %s is 401', async (_, headers, why) => {
    const response = await post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', headers)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="hookline"')
    expect(await response.json()).toMatchObject({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32_000, message: expect.stringMatching(why) },
    })
  })
})
