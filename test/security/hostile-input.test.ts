// What the fuzz found once, by name.

import { beforeAll, describe, expect, it } from 'vitest'
import { type Ask, newCaller, refusal, refused } from '../api/asked.ts'
import { type Answer, createKey, createTenant, send, sendAs } from '../fixtures/hookline.ts'

let ask: Ask

beforeAll(async () => {
  ask = (await newCaller()).ask
})

describe('a credential', () => {
  it.each(['constructor', 'toString', '__proto__', 'valueOf'])(
    'of the scheme %s is none',
    async (scheme) => {
      const answer = await send(
        { method: 'GET', path: '/v1/webhooks' },
        { authorization: `${scheme.replaceAll('_', '')} x` },
      )
      expect(refusal(answer)).toEqual(refused(401, 'unauthenticated'))
    },
  )
})

describe('a CloudEvent', () => {
  let publishCloudEvent: (attributes: object) => Promise<Answer>

  beforeAll(async () => {
    const key = await createKey(await createTenant())
    publishCloudEvent = (attributes) =>
      send(
        {
          method: 'POST',
          path: '/v1/events',
          body: JSON.stringify({
            specversion: '1.0',
            id: crypto.randomUUID(),
            source: '/orders',
            type: 'order.paid',
            data: {},
            ...attributes,
          }),
        },
        {
          authorization: `Bearer ${key.token}`,
          'content-type': 'application/cloudevents+json',
        },
      )
  })

  it.each(['validate', 'schemaurl', 'constructor', 'emit', 'then', 'datacontentencoding'])(
    'may have an extension named %s',
    async (name) => {
      expect(await publishCloudEvent({ [name]: 'a' })).toMatchObject({ status: 202 })
    },
  )

  it('has no extension with a name of other letters', async () => {
    const answer = await publishCloudEvent({ toString: 'a' })
    expect(refusal(answer)).toMatchObject({ status: 400, code: 'invalid', paths: ['toString'] })
  })
})

describe('a deduplication key', () => {
  it('is told from one that differs after a NUL', async () => {
    const key = await createKey(await createTenant())
    const publish = (id: string) =>
      sendAs(key)({
        method: 'POST',
        path: '/v1/events',
        body: JSON.stringify({ type: 'a', id, data: {} }),
      })
    const first = await publish('a\u0000b')
    const second = await publish('a\u0000c')
    const again = await publish('a\u0000b')
    const duplicates = [first, second, again].map(
      ({ body }) => (body as { events: [{ duplicate: boolean }] }).events[0].duplicate,
    )
    expect(duplicates).toEqual([false, false, true])
  })
})

describe('something where a text should be', () => {
  const odd = { length: { toString: '' } }

  it.each([
    ['/v1/webhooks', { url: odd, eventTypes: ['a'] }, 'url'],
    ['/v1/webhooks', { url: 'https://example.com/', eventTypes: odd }, 'eventTypes'],
    ['/v1/events', { type: odd, data: {} }, 'type'],
    ['/v1/events', { type: 'a', data: {}, scope: { user: odd } }, 'scope.user'],
    ['/v1/events', [{ type: 'a', data: {}, tags: [odd] }], '[0].tags[0]'],
  ])('is refused whatever its length is: %s %j', async (path, body, at) => {
    const { status, paths } = refusal(await ask('POST', path, body))
    expect({ status, paths: [...new Set(paths)] }).toEqual({ status: 400, paths: [at] })
  })
})

describe('a configuration', () => {
  it('of more members than any has is too large', async () => {
    const headers = Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [`x-${n}`, 5]))
    const body = { url: 'https://example.com/', eventTypes: ['a'], headers }
    expect(refusal(await ask('POST', '/v1/webhooks', body))).toEqual(refused(413, 'too_large'))
  })
})
