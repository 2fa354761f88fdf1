// examples/producer-worker against the deployment's own Worker: by RPC, by queue and over HTTP, and a receiver at the end.

import { env, exports } from 'cloudflare:workers'
import type { EventMessage, HooklineBinding } from 'hookline/producer'
import { describe, expect, it, vi } from 'vitest'
import producer, { type Env } from '../../examples/producer-worker/worker.ts'
import {
  call,
  createWebhook,
  eventually,
  fares,
  openWorld,
  type World,
} from '../end-to-end/world.ts'
import { openReceiver, publish } from '../fixtures/hookline.ts'

const configurations = import.meta.glob<string>(
  ['../../wrangler.toml', '../../examples/producer-worker/wrangler.toml'],
  { query: '?raw', import: 'default', eager: true },
)
const manifests = import.meta.glob<{
  version?: string
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}>(
  [
    '../../package.json',
    '../../clients/package.json',
    '../../examples/producer-worker/package.json',
  ],
  { import: 'default', eager: true },
)

// Assigned without a cast: the example's types fit the entrypoint.
const hookline: HooklineBinding = exports.Publisher

async function openShop(bindings: Partial<Env> = {}) {
  const world = await openWorld()
  const receiver = openReceiver()
  const webhook = await createWebhook(world.key, receiver, { eventTypes: ['*'] })
  const own = {
    ...{ HOOKLINE: hookline, EVENTS: env.EVENTS, TENANT_ID: world.tenant.id },
    ...{ HOOKLINE_URL: 'https://hookline.test', HOOKLINE_TOKEN: world.key.token },
    ...{ HOOKLINE_SECRET: webhook.secret, ...bindings },
  }
  const post = async (path: string, input: unknown) => {
    const request = new Request(`https://shop.example${path}`, {
      method: 'POST',
      body: JSON.stringify(input),
    })
    const response = await producer.fetch(request as Parameters<typeof producer.fetch>[0], own)
    const text = await response.text()
    return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : null }
  }
  return { ...world, receiver, webhook, own, post }
}

/** Everything that was published before has been taken care of. */
async function witnessed({ key }: World, webhook: { readonly id: string }): Promise<void> {
  const id = await publish(key, { type: 'witness', data: '{}' })
  await fares(key, id, webhook, 'delivered')
}

const order = { number: '42', total: 9.5 }
const reading = { sensor: 's1', at: '2026-11-22T10:00:00Z', celsius: 21.5 }

describe('an order, by RPC', () => {
  it('arrives at a receiver, under the id that the shop was told', async () => {
    const { post, receiver } = await openShop()
    const { status, body } = await post('/orders', order)
    expect([status, body]).toEqual([201, { eventId: expect.any(String), duplicate: false }])
    const [request] = await receiver.received(1)
    expect(request?.headers['webhook-id']).toBe(body.eventId)
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ type: 'order.placed', data: order })
  })

  it('is delivered once though an answer is lost and the buyer asks again', async () => {
    const lossy = vi.fn<HooklineBinding['publish']>(async (tenantId, event) => {
      const answer = await hookline.publish(tenantId, event)
      if (lossy.mock.calls.length === 1) throw new Error('Network connection lost.')
      return answer
    })
    const { post, receiver, webhook, ...world } = await openShop({ HOOKLINE: { publish: lossy } })
    const first = await post('/orders', order)
    expect(first).toMatchObject({ status: 201, body: { duplicate: true } })
    expect(lossy).toHaveBeenCalledTimes(2)
    const second = await post('/orders', order)
    expect(second.body).toEqual(first.body)
    await fares(world.key, first.body.eventId, webhook, 'delivered')
    await witnessed(world, webhook)
    expect(receiver.requests).toHaveLength(2)
  })

  it('is refused once where Hookline refuses it', async () => {
    const publishing = vi.fn<HooklineBinding['publish']>((...input) => hookline.publish(...input))
    const { post } = await openShop({ HOOKLINE: { publish: publishing } })
    expect(await post('/orders', order)).toMatchObject({ status: 201 })
    const other = await post('/orders', { ...order, total: 10 })
    expect(other).toMatchObject({ status: 422, text: expect.stringContaining('different content') })
    expect(publishing).toHaveBeenCalledTimes(2)
  })

  it('is tried three times, and then the buyer is told to try again', async () => {
    const publishing = vi
      .fn<HooklineBinding['publish']>()
      .mockRejectedValue(new Error('Overloaded.'))
    const { post } = await openShop({ HOOKLINE: { publish: publishing } })
    expect(await post('/orders', order)).toMatchObject({ status: 503 })
    expect(publishing).toHaveBeenCalledTimes(3)
    expect(new Set(publishing.mock.calls.map(([, event]) => JSON.stringify(event))).size).toBe(1)
  })
})

describe('a refund, over HTTP', () => {
  it('arrives at the shop’s own receiver, which verifies it', async () => {
    const { post, receiver, own } = await openShop()
    const elsewhere = globalThis.fetch
    vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) =>
      new URL(String(input)).hostname === 'hookline.test'
        ? exports.default.fetch(new Request(input, init))
        : elsewhere(input, init),
    )
    try {
      const { status, body } = await post('/refunds', order)
      expect([status, body]).toEqual([201, { eventId: expect.any(String), duplicate: false }])
      expect((await post('/refunds', order)).body).toEqual({ ...body, duplicate: true })
      const [request] = await receiver.received(1)
      expect(request?.headers['webhook-id']).toBe(body.eventId)
      const { headers = {}, body: text = '' } = request ?? {}
      const hook = (content: string) =>
        producer.fetch(
          new Request('https://shop.example/hooks', { method: 'POST', headers, body: content }),
          own,
        )
      expect((await hook(text)).status).toBe(204)
      expect((await hook(text.replace('9.5', '9.6'))).status).toBe(401)
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe('a reading, by queue', () => {
  it('arrives at a receiver', async () => {
    const { post, receiver } = await openShop()
    expect(await post('/readings', reading)).toMatchObject({ status: 202 })
    const [request] = await receiver.received(1)
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ type: 'reading.taken', data: reading })
  })

  it('is delivered once though the queue took it and said that it failed', async () => {
    const sent: unknown[] = []
    const EVENTS = {
      send: async (message: EventMessage) => {
        sent.push(message)
        await env.EVENTS.send(message)
        if (sent.length === 1) throw new Error('The answer was lost.')
      },
    } as unknown as Queue<EventMessage>
    const { post, receiver, webhook, ...world } = await openShop({ EVENTS })
    expect(await post('/readings', reading)).toMatchObject({ status: 202 })
    expect(sent).toHaveLength(2)
    expect(sent[0]).toEqual(sent[1])
    await receiver.received(1)
    await eventually(async () => {
      expect(await call(world.key, 200, 'GET', '/events')).toMatchObject({ items: [{}] })
    })
    await witnessed(world, webhook)
    expect(receiver.requests).toHaveLength(2)
  })
})

describe('its files', () => {
  const bound = configurations['../../examples/producer-worker/wrangler.toml'] ?? ''
  const deployed = configurations['../../wrangler.toml'] ?? ''

  it('bind what Hookline deploys', () => {
    const nameOf = (text: string) => /^name = "(.+)"/m.exec(text)?.[1]
    expect(/^service = "(.+)"/m.exec(bound)?.[1]).toBe(nameOf(deployed))
    const [, queue = 'none'] = /^queue = "(.+)"/m.exec(bound) ?? []
    expect(deployed).toContain(`[[queues.consumers]]\nqueue = "${queue}"`)
    const [, entrypoint = 'none'] = /^entrypoint = "(.+)"/m.exec(bound) ?? []
    expect(Object.keys(exports)).toContain(entrypoint)
    expect([...bound.matchAll(/^binding = "(.+)"/gm)].map(([, name]) => name)).toEqual([
      'HOOKLINE',
      'EVENTS',
    ])
  })

  it('name the versions that are tested here', () => {
    const own = manifests['../../examples/producer-worker/package.json']?.devDependencies
    const { version, devDependencies } = manifests['../../package.json'] ?? {}
    expect(devDependencies).toMatchObject(own ?? { none: '' })
    expect(manifests['../../clients/package.json']?.version).toBe(version)
    const { hookline } =
      manifests['../../examples/producer-worker/package.json']?.dependencies ?? {}
    expect(hookline).toBe(`file:hookline-${version}.tgz`)
  })
})
