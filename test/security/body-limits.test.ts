// Limits of a body hold while it is read: an endless one is given up soon after its limit, and one that nobody wants
// is not read at all. How much was pulled is counted where it comes from.

import { beforeAll, describe, expect, it } from 'vitest'
import { World } from './fuzz/world.ts'

const CHUNK = 16 * 1_024

let world: World
let token = ''

beforeAll(async () => {
  const begun = await World.begin()
  world = begun.world
  token = begun.me.token
}, 60_000)

/** A body that never ends, and what became of it. */
function endless(chunk = new Uint8Array(CHUNK).fill(0x20)) {
  const seen = { pulled: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        seen.pulled += chunk.length
        controller.enqueue(chunk.slice())
      },
      cancel() {
        seen.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, seen }
}

async function post(path: string, body: ReadableStream, headers: Record<string, string> = {}) {
  const request = new Request(`https://hookline.test${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body,
  })
  const { status, changes } = await world.fetch(request)
  return { status, changes }
}

describe('an endless body', () => {
  it.each([
    ['/v1/webhooks', 512 * 1_024],
    ['/integrations', 512 * 1_024],
    ['/webhooks/v1/webhook', 512 * 1_024],
    ['/api/v2/config/webhook', 512 * 1_024],
    ['/v1/events', 4 * 1_024 * 1_024],
  ])('of POST %s is given up one chunk after %i bytes', async (path, limit) => {
    const { body, seen } = endless()
    expect(await post(path, body)).toEqual({ status: 413, changes: [] })
    expect(seen).toEqual({ pulled: limit + CHUNK, cancelled: true })
  })

  it('that claims to be short is given up at the limit all the same', async () => {
    const { body, seen } = endless()
    await expect(post('/v1/webhooks', body, { 'content-length': '2' })).resolves.toMatchObject({
      status: 413,
    })
    expect(seen.pulled).toBe(512 * 1_024 + CHUNK)
  })

  it('that claims to be too long is not read', async () => {
    const { body, seen } = endless()
    await expect(post('/v1/webhooks', body, { 'content-length': '524289' })).resolves.toMatchObject(
      { status: 413 },
    )
    expect(seen.pulled).toBe(0)
  })

  it('that is no text is given up at its first chunk', async () => {
    const { body, seen } = endless(new Uint8Array(CHUNK).fill(0xff))
    expect(await post('/v1/events', body)).toEqual({ status: 400, changes: [] })
    expect(seen).toEqual({ pulled: CHUNK, cancelled: true })
  })

  it.each([
    ['without a credential', '/v1/events', { authorization: '' }, 401],
    ['with a bad credential', '/integrations', { authorization: 'Bearer a.b' }, 401],
    ['at no path', '/v1/nowhere', {}, 404],
    ['at nobody’s webhook', '/v1/webhooks/nonsense/test', {}, 404],
    ['with a bad Idempotency-Key', '/v1/events', { 'idempotency-key': 'a b' }, 400],
    [
      'of a call that takes none',
      '/v1/webhooks/01900000-0000-7000-8000-000000000000/resume',
      {},
      404,
    ],
  ])('%s is not read', async (_, path, headers, status) => {
    const { body, seen } = endless()
    expect(await post(path, body, { ...headers })).toEqual({ status, changes: [] })
    expect(seen.pulled).toBe(0)
  })
})
