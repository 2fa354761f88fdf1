// DNS_CHECK_URL: what a target resolves to is looked up when it is configured, on every surface.

import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { openWorld, type World } from '../dialects/behaviours/world.ts'
import { callInstead } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { targetPlaces } from './target-surfaces.ts'

const bindings = { ALLOW_PRIVATE_TARGETS: 'false', DNS_CHECK_URL: 'https://dns.example/dns-query' }
callInstead(startWorker(dialects, bindings).fetch)

/** Names of the one zone this resolver knows. */
const ZONE = new Map([
  ['receiver.example', '8.8.8.8'],
  ['other.example', '1.1.1.1'],
  ['rebound.example', '127.0.0.1'],
])
let isDown = false
const asked = vi.fn((name: string) => ZONE.get(name))

vi.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
  const { hostname, searchParams } = new URL(String(url))
  expect(hostname).toBe('dns.example')
  if (isDown) throw new TypeError('connection failed')
  const address = asked(searchParams.get('name') ?? '')
  if (address === undefined) return Response.json({ Status: 3 })
  return Response.json({
    Status: 0,
    Answer: searchParams.get('type') === 'A' ? [{ type: 1, data: address }] : [],
  })
})

let world: World
beforeAll(async () => {
  world = await openWorld()
})
beforeEach(() => {
  isDown = false
  asked.mockClear()
})

describe.each(targetPlaces)('$title', ({ create, update, idOf, refusal }) => {
  it('refuses what resolves to a private address, and waits for a resolver that is down', async () => {
    const { tenant, send } = world
    const made = await send(create('https://receiver.example/hook', tenant))
    expect(made.status, made.text).toBeLessThan(300)
    const id = idOf(made.body)
    const sentence =
      'The host rebound.example resolves to a loopback address and cannot be a target.'
    const url = 'https://rebound.example/hook'
    for (const call of [create(url, tenant), update(url, id, tenant)]) {
      const answer = await send(call)
      expect(answer.status, answer.text).toBe(400)
      expect(answer.body).toMatchObject(refusal(sentence) as object)
    }
    isDown = true
    const waiting = await send(update('https://other.example/hook', id, tenant))
    expect(waiting.status, waiting.text).toBe(503)
    expect(waiting.headers.get('retry-after')).toBe('5')
    isDown = false
    const taken = await send(update('https://other.example/hook', id, tenant))
    expect(taken.status, taken.text).toBe(200)
  })
})

describe('a look-up', () => {
  it('is not made for a target that stays', async () => {
    const { send } = world
    const call = (method: string, path: string, body: object) =>
      send({ method, path, body: JSON.stringify(body) })
    const url = 'https://receiver.example/hook'
    const made = await call('POST', '/v1/webhooks', { url, eventTypes: ['*'] })
    asked.mockClear()
    const { id } = made.body as { id: string }
    expect(await call('PATCH', `/v1/webhooks/${id}`, { url, name: 'same' })).toMatchObject({
      status: 200,
    })
    expect(asked).not.toHaveBeenCalled()
  })
})
