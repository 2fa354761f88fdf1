// One tenant with a webhook of every surface: what one event causes, and what `/v1` can do with all of them.

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import {
  type Answer,
  type Call,
  callInstead,
  openReceiver,
  type Receiver,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { openWorld, type World } from './behaviours/world.ts'
import { toUlid } from './socotra/ulid.ts'

const worker = startWorker(dialects)
callInstead(worker.fetch)

/** The one event, which only some vendors have; `/v1` makes the others want it. */
const event = {
  type: 'message',
  time: '2026-11-22T10:00:00.000Z',
  scope: { instance: 'default', inbox: 'i-1' },
  requestId: '01900000-0000-7000-8000-000000000003',
  actor: '01900000-0000-7000-8000-00000000000a',
}
const data = '{ "folder": "/folders/shared-data", "body": "This is a message.", "2": 1.10 }'

interface Surface {
  readonly dialect: string
  /** The vendor's own request. */
  readonly create: (url: string, tenant: TestTenant) => Call
  /** The vendor's request that reads it. */
  readonly read: (id: string, tenant: TestTenant) => Call
  /** What the surface says of a webhook that is no longer there. */
  readonly gone: object
  /** The dialect's own headers. */
  readonly headers: object
  readonly signed: boolean
  readonly body: (eventId: string) => string
}

const post = (path: string, body: object): Call => ({
  method: 'POST',
  path,
  body: JSON.stringify(body),
})
const get = (path: string): Call => ({ method: 'GET', path })

/** One of the templates that every deployment has (migrations). */
const TEMPLATE = '01940000-0000-7000-8000-000000000001'

const surfaces: readonly Surface[] = [
  {
    dialect: 'native',
    create: (url) => post('/v1/webhooks', { url, eventTypes: ['*'] }),
    read: (id) => get(`/v1/webhooks/${id}`),
    gone: { status: 404 },
    headers: {},
    signed: true,
    body: () => `{"type":"message","timestamp":"2026-11-22T10:00:00.000Z","data":${data}}`,
  },
  {
    dialect: 'contractfit',
    create: (target) =>
      post('/integrations/', { type: 'webhook', events: ['document_predict'], target }),
    read: (id) => get(`/integrations/${id}`),
    gone: { status: 404 },
    headers: {},
    signed: false,
    body: () => `{"event":"message","organization":"Acme","data":${data},"inbox":"i-1"}`,
  },
  {
    dialect: 'crazygoldfish',
    create: (endpoint_url) =>
      post('/webhooks/v1/webhook/', {
        api_template: TEMPLATE,
        endpoint_url,
        secret_hash: 'my-secret-key-123',
      }),
    read: (id) => get(`/webhooks/v1/webhook/${id}/`),
    gone: { status: 404 },
    headers: {
      'x-webhook-signature':
        'sha256=4bf1054b0f5c1ab5e5f09eb22b23a28eb78f9ed0eb14de19a4870d1589e516fc',
    },
    signed: true,
    body: () => `{"event":"message","api_template":"${TEMPLATE}","data":${data}}`,
  },
  {
    dialect: 'everypoint',
    create: (url) => ({
      method: 'PATCH',
      path: '/v3/instances/default/webhook',
      body: JSON.stringify({ url }),
    }),
    read: () => get('/v3/instances/default/webhook'),
    gone: { status: 200, body: { success: true, data: { webhook: { url: null } } } },
    headers: {},
    signed: false,
    body: () =>
      '{"message":{"folder":"https://api.everypoint.io/v3/instances/default/folders/shared-data",' +
      '"body":"This is a message."}}',
  },
  {
    dialect: 'infermedica',
    create: (url) =>
      post('/api/v2/config/webhook', {
        url,
        authorization_token: 'zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ',
        subscribed_events: ['survey_created'],
      }),
    read: (id) => get(`/api/v2/config/webhook/${id}`),
    gone: { status: 404 },
    headers: { 'x-webhook-infermedica-token': 'zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ' },
    signed: false,
    body: () => `{"event_type":"message","content":${data}}`,
  },
  {
    dialect: 'socotra',
    create: (url, { id }) =>
      post(`/event/${id}/webhooks`, {
        name: 'Notes',
        enabled: true,
        endpoint: { url, hmacEnabled: true, secret: 'correct horse battery staple' },
        eventTypes: ['message'],
      }),
    read: (id, tenant) => get(`/event/${tenant.id}/webhooks/${toUlid(id)}`),
    gone: { status: 404 },
    headers: { 'socotra-signature': expect.stringMatching(/^[0-9a-f]{64}$/) },
    signed: true,
    body: (eventId) =>
      `{"locator":"${toUlid(eventId)}","requestId":"01J0000000E008000000000003",` +
      '"userLocator":"01900000-0000-7000-8000-00000000000a","timestamp":"2026-11-22T10:00:00.000Z",' +
      `"type":"message","data":${data}}`,
  },
]

interface Listed {
  readonly id: string
  readonly dialect: string
  readonly url: string
}

interface Held extends Surface {
  readonly id: string
  readonly receiver: Receiver
}

async function list(send: World['send']): Promise<readonly Listed[]> {
  const { body } = await send(get('/v1/webhooks'))
  return (body as { items: Listed[] }).items
}

async function expectOk(answer: Promise<Answer>): Promise<void> {
  const { status, text } = await answer
  expect(status, text).toBeLessThan(300)
}

async function publishTo(send: World['send']): Promise<string> {
  const body = `${JSON.stringify(event).slice(0, -1)},"data":${data}}`
  const answer = await send({ method: 'POST', path: '/v1/events', body })
  expect(answer.status, answer.text).toBe(202)
  return (answer.body as { events: [{ id: string }] }).events[0].id
}

describe('a tenant with a webhook of every surface', () => {
  let world: World
  let held: readonly Held[]

  beforeEach(async () => {
    world = await openWorld()
    const { send, tenant } = world
    const opened = surfaces.map((surface) => ({ ...surface, receiver: openReceiver() }))
    for (const { create, receiver } of opened) await expectOk(send(create(receiver.url, tenant)))
    const listed = await list(send)
    held = opened.map((each) => {
      const found = listed.find(({ url }) => url === each.receiver.url)
      return { ...each, id: found?.id ?? '' }
    })
  })

  const change = (id: string, fields: object): Promise<void> =>
    expectOk(
      world.send({ method: 'PATCH', path: `/v1/webhooks/${id}`, body: JSON.stringify(fields) }),
    )

  it('sees all of them in /v1, each under its dialect', async () => {
    const listed = await list(world.send)
    expect(listed.map(({ dialect, url }) => [dialect, url])).toEqual(
      held.map(({ dialect, receiver }) => [dialect, receiver.url]),
    )
    for (const { dialect, receiver } of held) {
      const { body } = await world.send(get(`/v1/webhooks?dialect=${dialect}`))
      expect(body).toMatchObject({ items: [{ dialect, url: receiver.url }], nextCursor: null })
    }
  })

  it.each([
    ['crazygoldfish', '/webhooks/v1/webhook/'],
    ['everypoint', '/v3/instances/default/webhook'],
    ['infermedica', '/api/v2/config/webhook'],
  ])('lists those of %s, which shows no secret, without opening any', async (dialect, path) => {
    // Sealed anew, so that none was opened before.
    for (const { id } of held) await change(id, { url: 'https://moved.example/hook' })
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
    expect((await world.send(get(path))).text, dialect).toContain('https://moved.example/hook')
    expect(decrypt).not.toHaveBeenCalled()
    decrypt.mockRestore()
  })

  it('has one event sent to each in its own wire format, through no queue', async () => {
    for (const { id } of held) await change(id, { eventTypes: ['message'] })
    const before = worker.messages.length
    const eventId = await publishTo(world.send)
    for (const { dialect, receiver, headers, signed, body } of held) {
      const [request] = await receiver.received(1)
      expect(request, dialect).toEqual({
        method: 'POST',
        url: receiver.url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Hookline/0.1.0',
          'webhook-id': eventId,
          'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
          ...(signed && { 'webhook-signature': expect.stringMatching(/^v1,\S+$/) }),
          ...headers,
        },
        body: body(eventId),
      })
    }
    expect(worker.messages.slice(before)).toEqual([])
  })

  it('has an event sent only to those that want it', async () => {
    await publishTo(world.send)
    const wanting = ['native', 'everypoint', 'socotra']
    for (const { dialect, receiver } of held) {
      if (wanting.includes(dialect)) await receiver.received(1)
    }
    const notified = held.filter(({ receiver }) => receiver.requests.length > 0)
    expect(notified.map(({ dialect }) => dialect)).toEqual(wanting)
  })

  it('can change, disable and delete each in /v1, and its surface shows it', async () => {
    const { send, tenant } = world
    for (const { id, read, gone } of held) {
      await change(id, { url: 'https://moved.example/hook', enabled: false })
      expect((await send(read(id, tenant))).text).toContain('https://moved.example/hook')
      await expectOk(send({ method: 'POST', path: `/v1/webhooks/${id}/resume` }))
      await expectOk(send({ method: 'DELETE', path: `/v1/webhooks/${id}` }))
      expect(await send(read(id, tenant))).toMatchObject(gone)
    }
    expect(await list(send)).toEqual([])
  })

  it('has nothing sent to those it disabled in /v1', async () => {
    for (const { id, dialect } of held) {
      if (dialect !== 'native') await change(id, { eventTypes: ['*'], enabled: false })
    }
    await publishTo(world.send)
    await held[0]?.receiver.received(1)
    const notified = held.filter(({ receiver }) => receiver.requests.length > 0)
    expect(notified.map(({ dialect }) => dialect)).toEqual(['native'])
  })

  it('can try, read the log of and ask after the health of each in /v1', async () => {
    const { send } = world
    for (const { id, receiver } of held) {
      const body = JSON.stringify({ type: event.type, data: JSON.parse(data) })
      await expectOk(send({ method: 'POST', path: `/v1/webhooks/${id}/test`, body }))
      await expectOk(send(get(`/v1/webhooks/${id}/attempts`)))
      expect((await send(get(`/v1/webhooks/${id}/health`))).body).toMatchObject({
        status: 'active',
      })
      expect(receiver.requests).toHaveLength(1)
    }
  })
})
