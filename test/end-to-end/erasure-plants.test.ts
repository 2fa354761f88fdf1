// Every way by which the content of events comes in, and every one by which it is shown, has a plant: after an erasure none is found in
// any store, answer, page or line of the log.

import { runDurableObjectAlarm } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { createD1Stores } from '../../src/platform/d1/index.ts'
import { createVault } from '../../src/platform/vault.ts'
import { newId } from '../../src/primitives/ids.ts'
import { askAdmin } from '../api/asked.ts'
import {
  createOperatorKey,
  openReceiver,
  type ReceivedRequest,
  send,
} from '../fixtures/hookline.ts'
import { plantedAnywhere, plantedIn } from './planted.ts'
import { answers, pages } from './shown.ts'
import { call, createWebhook, eventually, fares, final, openWorld, type World } from './world.ts'

const MINUTE_MS = 60_000
/** Of a kind of events that EveryPoint’s surface has, too. */
const TYPE = 'message'
const SCOPE = { user: 'planted-user' }
const later = {
  eventTypes: [TYPE],
  failureHandling: {
    retry: { type: 'linear', intervalSeconds: 3_600, attempts: 3 },
    suspend: null,
  },
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** An event as every surface can express it. */
const anEvent = (name: string, more: object = {}) => ({
  type: TYPE,
  data: { folder: `/folders/planted-${name}-folder`, body: `planted-${name}-body` },
  scope: {
    ...SCOPE,
    instance: 'default',
    inbox: `planted-${name}-inbox`,
    project: 'planted-project',
  },
  ...more,
})

/** Receivers that repeat what they got, in their body or where else it is kept of what they say. */
const echo = (status: number, headers: Record<string, string> = {}) =>
  openReceiver(({ body }: ReceivedRequest) => new Response(body, { status, headers }))

/** A webhook of each surface, made there. */
async function openSurfaces({ tenant, key }: World): Promise<readonly string[]> {
  const creations: readonly ((url: string) => readonly [method: string, path: string, object])[] = [
    (target) => [
      'POST',
      '/integrations/',
      { type: 'webhook', events: ['document_predict'], target },
    ],
    (url) => ['PATCH', '/v3/instances/default/webhook', { url }],
    (endpoint_url) => [
      'POST',
      '/webhooks/v1/webhook/',
      {
        api_template: '01940000-0000-7000-8000-000000000001',
        endpoint_url,
        secret_hash: 'my-secret-key',
      },
    ],
    (url) => [
      'POST',
      '/api/v2/config/webhook',
      {
        url,
        authorization_token: 'zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ',
        subscribed_events: ['survey_created'],
      },
    ],
    (url) => [
      'POST',
      `/event/${tenant.id}/webhooks`,
      { name: 'Notes', enabled: true, endpoint: { url, hmacEnabled: false }, eventTypes: [TYPE] },
    ],
    (url) => ['POST', `/api/v1/app/${tenant.id}/endpoint`, { url, filterTypes: [TYPE] }],
  ]
  const headers = { authorization: `Bearer ${key.token}`, 'content-type': 'application/json' }
  const operator = await createOperatorKey()
  for (const creation of creations) {
    const [method, path, body] = creation(echo(500).url)
    const token = path.startsWith('/api/v1') ? operator.token : key.token
    const about = { ...headers, authorization: `Bearer ${token}` }
    const answer = await send({ method, path, body: JSON.stringify(body) }, about)
    expect(answer.status, `${path}: ${answer.text}`).toBeLessThan(300)
  }
  const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', '/webhooks?limit=100')
  for (const { id } of items) await call(key, 200, 'PATCH', `/webhooks/${id}`, later)
  return items.map(({ id }) => id)
}

/** Publishes one event by each door. */
async function publishByEachDoor({ tenant, key }: World): Promise<void> {
  await call(key, 202, 'POST', '/events', [
    anEvent('http', { id: 'planted-http-id', tags: ['planted-http-tag'] }),
    anEvent('property', {
      data: { 'planted-property': 1, folder: '/planted-folder', body: 'planted' },
    }),
  ])
  const cloudEvent = {
    ...{ specversion: '1.0', id: 'planted-cloud-id', source: '/planted-cloud-source', type: TYPE },
    ...{ subject: 'planted-cloud-subject', ...SCOPE, instance: 'default' },
    data: anEvent('cloud').data,
  }
  const headers = {
    authorization: `Bearer ${key.token}`,
    'content-type': 'application/cloudevents+json',
    'idempotency-key': 'planted-cloud-request',
  }
  const path = '/v1/events/cloudevents'
  const sent = await send({ method: 'POST', path, body: JSON.stringify(cloudEvent) }, headers)
  expect(sent.status, sent.text).toBe(202)
  await exports.Publisher.publish(tenant.id, anEvent('rpc'))
  await env.EVENTS.send({ v: 1, tenantId: tenant.id, events: [anEvent('queue')] })
}

/** What is refused: its caller is told why, and nobody else. */
async function publishWhatIsRefused({ tenant, key }: World): Promise<void> {
  await call(key, 400, 'POST', '/events', anEvent('refused', { 'planted-refused-field': 1 }))
  await call(key, 400, 'POST', '/events', { ...anEvent('enforced'), type: 'plants.enforced' })
  const headers = { authorization: `Bearer ${key.token}` }
  const body = '{"type":"message","data":{"planted-broken'
  const broken = await send({ method: 'POST', path: '/v1/events', body }, headers)
  expect(broken.status).toBe(400)
  const unknown = anEvent('letter', { 'planted-letter-field': 1 })
  await env.EVENTS.send({ v: 1, tenantId: tenant.id, events: [unknown] })
  await env.EVENTS.send({ 'planted-nobodys-field': 1, events: [anEvent('nobodys')] })
}

it('leaves no plant, whichever way it came in and is shown', async () => {
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => {
    lines.push(parts.join(' '))
  })
  const world = await openWorld()
  const { tenant, key } = world
  const schema = {
    type: 'object',
    properties: { folder: { type: 'string' }, body: { type: 'string' } },
    additionalProperties: false,
  }
  for (const [type, check] of [
    [TYPE, 'warn'],
    ['plants.enforced', 'enforce'],
  ] as const) {
    const strict =
      check === 'enforce' ? { ...schema, required: ['absent'], properties: {} } : schema
    await askAdmin('PUT', `/v1/event-types/${type}`, { check, schemas: { '2026-11': strict } })
  }
  await openSurfaces(world)
  const delivering = await createWebhook(key, echo(200), { eventTypes: [TYPE] })
  const diverting = await createWebhook(key, echo(500), { ...later, ...final })
  const telling = {
    server: 'planted-server',
    allow: 'planted-allow',
    'content-type': 'planted-media',
  }
  await createWebhook(key, echo(500, telling), later)
  await createWebhook(
    key,
    echo(302, { location: 'https://planted-host.example/planted-path' }),
    later,
  )
  const holding = await createWebhook(key, echo(503, { 'retry-after': '3600' }), later)
  const testing = await createWebhook(key, echo(500), { ...later, eventTypes: ['none'] })
  const { nextCursor: tail } = await call<{ nextCursor: string }>(key, 200, 'GET', '/tail')

  await publishByEachDoor(world)
  await publishWhatIsRefused(world)
  const isThere = async (count: number) => {
    const { items } = await call<{ items: { id: string; type: string }[] }>(
      key,
      200,
      'GET',
      '/events?limit=100',
    )
    const own = items.filter(({ type }) => type === TYPE)
    expect(own).toHaveLength(count)
    return own.map(({ id }) => id)
  }
  await eventually(async () => void (await isThere(5)))
  const ids = await isThere(5)
  for (const id of ids) {
    await fares(key, id, delivering, 'delivered')
    await fares(key, id, diverting, 'diverted')
  }
  await eventually(async () => {
    const path = `/webhooks/${holding.id}/health`
    const { hold } = await call<{ hold: { waiting: number } | null }>(key, 200, 'GET', path)
    expect(hold?.waiting).toBeGreaterThan(0)
  })
  await eventually(async () => {
    const letters = (await askAdmin('GET', '/v1/dead-letters')).text
    expect(letters).toContain('planted-letter-field')
    expect(letters).toContain('planted-nobodys-field')
  })
  const [first = ''] = ids
  const tested = { type: TYPE, data: { text: 'planted-test' } }
  const tried = await call(key, 200, 'POST', `/webhooks/${testing.id}/test`, tested)
  expect(tried).toMatchObject({ responseExcerpt: expect.stringContaining('planted-test') })
  await call(key, 202, 'POST', `/events/${first}/resend`, { webhookId: testing.id })
  await call(key, 202, 'POST', `/webhooks/${diverting.id}/diverted/resend`, {})
  const since = new Date(Date.now() - MINUTE_MS).toISOString()
  await call(key, 202, 'POST', `/webhooks/${delivering.id}/replay`, { since })

  const stored = await plantedAnywhere()
  expect(new Set(stored.map((one) => one.split(' ')[0])).size).toBeGreaterThan(25)
  expect(plantedIn(await answers(world, tail)).size).toBeGreaterThan(20)
  expect(plantedIn(await pages(world)).size).toBeGreaterThan(5)
  expect(lines.join('\n')).toContain('"event":"publish.invalid"')
  expect([...plantedIn(lines.join('\n'))]).toEqual([])

  const before = Date.now()
  await new Promise((resolve) => setTimeout(resolve, 5))
  const operator = await createOperatorKey({ permissions: ['erase'] })
  const { jobId } = await call<{ jobId: string }>(
    operator,
    202,
    'POST',
    `/tenants/${tenant.id}/erase`,
    { scope: SCOPE },
  )
  const { deadLetters } = createD1Stores(env.DB, createVault(env.SECRETS_KEY))
  const late = { queue: 'events', reason: 'planted-late-reason', body: 'planted-late-letter' }
  await deadLetters.insert({ ...late, id: newId(before), at: Date.now(), sentAt: before })
  await eventually(async () => expect(await plantedAnywhere()).toEqual([]))
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + MINUTE_MS + 1_000 })
  await runDurableObjectAlarm(env.EVENT_LOGS.getByName(tenant.id))
  expect(await call(key, 200, 'GET', `/jobs/${jobId}`)).toMatchObject({ state: 'done', done: 5 })
  expect(await plantedAnywhere()).toEqual([])
  expect([...plantedIn(await answers(world, tail))]).toEqual([])
  expect([...plantedIn(await pages(world))]).toEqual([])
  expect([...plantedIn(lines.join('\n'))]).toEqual([])
  for (const type of [TYPE, 'plants.enforced']) await askAdmin('DELETE', `/v1/event-types/${type}`)
}, 60_000)
