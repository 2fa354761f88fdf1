// Attempts as they happen: those of healthy webhooks and of failing ones, as a list and as a stream.

import { exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createKey,
  createTenant,
  openReceiver,
  publish,
  type Receiver,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { type Ask, askAdmin, asking } from './asked.ts'

interface Tail {
  readonly items: readonly {
    eventId: string
    webhookId: string
    outcome: string
    statusCode: number | null
  }[]
  readonly behind: boolean
  readonly nextCursor: string
}

let tenant: TestTenant
let key: TestKey
let ask: Ask
let receiver: Receiver
let webhookId: string

beforeAll(async () => {
  tenant = await createTenant('Acme')
  key = await createKey(tenant)
  ask = asking(sendAs(key))
})

async function newWebhook(url: string): Promise<string> {
  const made = await ask('POST', '/v1/webhooks', { url, eventTypes: ['a'] })
  return (made.body as { id: string }).id
}

const look = async (query = '') => (await ask('GET', `/v1/tail${query}`)).body as Tail

describe('GET /v1/tail', () => {
  it('shows what ended since its cursor, once', async () => {
    receiver = openReceiver()
    webhookId = await newWebhook(receiver.url)
    const begin = await look()
    expect(begin).toEqual({ items: [], behind: false, nextCursor: expect.any(String) })
    const eventId = await publish(key, { type: 'a', data: '{}' })
    let cursor = begin.nextCursor
    const seen: string[] = []
    await expect
      .poll(
        async () => {
          const { items, nextCursor } = await look(`?cursor=${cursor}`)
          cursor = nextCursor
          seen.push(...items.map((one) => `${one.eventId} ${one.webhookId} ${one.outcome}`))
          return seen
        },
        { timeout: 10_000, interval: 300 },
      )
      .toEqual([`${eventId} ${webhookId} delivered`])
    expect((await look(`?cursor=${cursor}`)).items).toEqual([])
  })

  it('says that it is behind when nobody looked for long', async () => {
    const { behind, items } = await look('?cursor=tail.1000')
    expect(behind).toBe(true)
    expect(items.length).toBeLessThan(100)
  })

  it('shows a user only what is its own', async () => {
    const user = asking(sendAs(await createKey(tenant, { subject: 'grace' })))
    const { items } = (await user('GET', '/v1/tail?cursor=tail.1000')).body as Tail
    expect(items).toEqual([])
  })

  it('is a stream for who accepts one, from where a lost one ended', async () => {
    const response = await exports.default.fetch(
      new Request('https://hookline.test/v1/tail?seconds=1', {
        headers: {
          authorization: `Bearer ${key.token}`,
          accept: 'text/event-stream',
          'last-event-id': 'tail.1000',
        },
      }),
    )
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const text = await response.text()
    expect(text).toMatch(/^retry: \d+\n\n/)
    expect(text).toContain('event: attempt\ndata: {')
    expect(text).toContain(`"webhookId":"${webhookId}"`)
    expect(text).toContain('event: behind\ndata: {}\n\n')
    expect(text).toMatch(/id: tail\.\d+\n\n/)
    expect(text).toContain('event: end\ndata: {"reason":"time_over"}\n\n')
  })

  it('names the header that is no id of a stream', async () => {
    const response = await exports.default.fetch(
      new Request('https://hookline.test/v1/tail?seconds=1', {
        headers: {
          authorization: `Bearer ${key.token}`,
          accept: 'text/event-stream',
          'last-event-id': 'nonsense',
        },
      }),
    )
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { code: 'invalid', errors: [{ path: 'Last-Event-ID' }] },
    ])
  })

  it('shows each attempt to a webhook that fails, and the retry that delivers', async () => {
    const answers = [500, 503, 204]
    const failing = openReceiver(() => new Response(null, { status: answers.shift() ?? 204 }))
    const retry = { type: 'linear', intervalSeconds: 0, attempts: 3 }
    const draft = { url: failing.url, eventTypes: ['b'], failureHandling: { retry, suspend: null } }
    const made = await ask('POST', '/v1/webhooks', draft)
    const { id } = made.body as { id: string }
    let { nextCursor: cursor } = await look()
    const eventId = await publish(key, { type: 'b', data: '{}' })
    const seen: string[] = []
    await expect
      .poll(
        async () => {
          const { items, nextCursor } = await look(`?cursor=${cursor}`)
          cursor = nextCursor
          seen.push(
            ...items
              .filter(({ webhookId }) => webhookId === id)
              .map((one) => `${one.eventId} ${one.outcome} ${one.statusCode}`),
          )
          return seen
        },
        { timeout: 15_000, interval: 300 },
      )
      .toEqual([`${eventId} failed 500`, `${eventId} failed 503`, `${eventId} delivered 204`])
  })

  it('is a stream that ends with the reason once its key is revoked', async () => {
    const revoked = await createKey(tenant)
    const response = await exports.default.fetch(
      new Request('https://hookline.test/v1/tail?seconds=60', {
        headers: { authorization: `Bearer ${revoked.token}`, accept: 'text/event-stream' },
      }),
    )
    expect(response.status).toBe(200)
    const path = `/v1/tenants/${tenant.id}/keys/${revoked.id}`
    expect((await askAdmin('DELETE', path)).status).toBe(204)
    const text = await response.text()
    expect(text).toMatch(/event: end\ndata: \{"reason":"credential_ended"\}\n\n$/)
    expect(text).not.toContain('event: attempt')
  })
})
