// What an attempt sent, as whoever owns the webhook is shown it.

import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { createTenant, openReceiver, type TestTenant } from '../fixtures/hookline.ts'
import { type Ask, askAdmin, idOf, NOBODY, newCaller, refusal, refused } from './asked.ts'

const WAIT = { timeout: 5_000, interval: 20 }
const DATA = `{"text":"it's </script>","n": 1.10}`
const SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`

type Sent = {
  headers: { name: string; value: string }[]
  body: string
  curl: string
  signed: boolean
  webhookChangedAt: string | null
}

/** A delivered attempt: its webhook, its event, and where its request is read. */
async function delivered(ask: Ask, fields: object = {}) {
  const receiver = openReceiver()
  const draft = { url: receiver.url, eventTypes: ['a'], secret: SECRET, ...fields }
  const webhook = `/v1/webhooks/${idOf(await ask('POST', '/v1/webhooks', draft))}`
  const { body } = await ask('POST', '/v1/events', `{"type":"a","data":${DATA}}`)
  const eventId = (body as { events: [{ id: string }] }).events[0].id
  const attempt = await vi.waitFor(async () => {
    const { items } = (await ask('GET', `${webhook}/attempts?eventId=${eventId}`)).body as {
      items: { id: string }[]
    }
    expect(items).toHaveLength(1)
    return items[0]?.id ?? ''
  }, WAIT)
  const path = `${webhook}/attempts/${attempt}/request?eventId=${eventId}`
  return { webhook, eventId, attempt, path, received: receiver.requests[0] }
}

const byName = ({ headers }: Sent) =>
  Object.fromEntries(headers.map(({ name, value }) => [name, value]))

describe('GET /v1/webhooks/{id}/attempts/{attempt}/request', () => {
  it('is what the receiver got, but for what is secret', async () => {
    const { ask } = await newCaller()
    const headers = { authorization: 'Bearer very-secret', 'user-agent': 'secret agent' }
    const { path, received } = await delivered(ask, { headers })
    const answer = await ask('GET', path)
    expect(answer.status).toBe(200)
    const sent = answer.body as Sent
    expect(answer.body).toMatchObject({ method: 'POST', url: received?.url, body: received?.body })
    expect(byName(sent)).toEqual({
      ...received?.headers,
      authorization: '••••',
      'user-agent': '••••',
    })
    expect(sent.webhookChangedAt).toBeNull()
    expect(answer.text).not.toContain('very-secret')
    expect(answer.text).not.toContain('secret agent')
  })

  it('has a command that a shell reads as one request, signed', async () => {
    const { ask } = await newCaller()
    const { path, received } = await delivered(ask)
    const { curl, signed } = (await ask('GET', path)).body as Sent
    expect(signed).toBe(true)
    expect(curl.split(' \\\n  ')).toEqual([
      `curl -i '${received?.url}'`,
      "-H 'content-type: application/json'",
      expect.stringMatching(/^-H 'user-agent: Hookline\/[\d.]+'$/),
      `-H 'webhook-id: ${received?.headers['webhook-id']}'`,
      expect.stringMatching(/^-H 'webhook-timestamp: \d{10}'$/),
      expect.stringMatching(/^-H 'webhook-signature: v1,[A-Za-z0-9+/]{43}='$/),
      `--data-raw '${received?.body.replaceAll("'", `'\\''`)}'`,
    ])
  })

  it('shows no signature to a key that may not change webhooks', async () => {
    const tenant = await createTenant()
    const { ask } = await newCaller(undefined, tenant)
    const reader = await newCaller(['webhooks:read', 'events:read'], tenant)
    const { path, received } = await delivered(ask)
    const answer = await reader.ask('GET', path)
    const sent = answer.body as Sent
    expect(sent.signed).toBe(false)
    expect(byName(sent)).toEqual({ ...received?.headers, 'webhook-signature': '••••' })
    expect(sent.curl).toContain("-H 'webhook-signature: ••••'")
    expect(answer.text).not.toContain('v1,')
  })

  it('says when the webhook was changed since', async () => {
    const { ask } = await newCaller()
    const { path, webhook } = await delivered(ask)
    const changed = await ask('PATCH', webhook, { url: 'https://elsewhere.example/hook' })
    const { updatedAt } = changed.body as { updatedAt: string }
    expect((await ask('GET', path)).body).toMatchObject({
      url: 'https://elsewhere.example/hook',
      webhookChangedAt: updatedAt,
    })
  })

  it('says that the content was expunged', async () => {
    const { ask } = await newCaller()
    const { path, eventId } = await delivered(ask)
    expect((await ask('DELETE', `/v1/events/${eventId}/content`)).status).toBe(204)
    const answer = await ask('GET', path)
    expect(refusal(answer)).toEqual(refused(409, 'conflict'))
    expect(answer.text).toContain('The content of the event was expunged')
  })

  it('says that the event is not kept any more', async () => {
    const tenant = await createTenant()
    const { ask } = await newCaller(undefined, tenant)
    const { path } = await delivered(ask)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * 86_400_000 })
    try {
      await askAdmin('PATCH', `/v1/tenants/${tenant.id}`, { retentionDays: 7 })
      await ask('POST', '/v1/events', '{"type":"b","data":{}}')
      const answer = await ask('GET', path)
      expect(refusal(answer)).toEqual(refused(404, 'not_found'))
      expect(answer.text).toContain('The event is not kept any more')
    } finally {
      vi.useRealTimers()
    }
  })

  it('says that the secrets cannot be read, and when to try again', async () => {
    const { ask } = await newCaller()
    const { path } = await delivered(ask)
    await env.DB.prepare("UPDATE webhooks SET sealed = 'not sealed'").run()
    const answer = await ask('GET', path)
    expect(refusal(answer)).toEqual(refused(503, 'unavailable'))
    expect(answer.headers.get('retry-after')).not.toBeNull()
  })

  it('is not found for another attempt, event or webhook', async () => {
    const { ask } = await newCaller()
    const { webhook, attempt, eventId } = await delivered(ask)
    const other = await delivered(ask)
    for (const path of [
      `${webhook}/attempts/${NOBODY}/request?eventId=${eventId}`,
      `${webhook}/attempts/${attempt}/request?eventId=${NOBODY}`,
      `${webhook}/attempts/${other.attempt}/request?eventId=${other.eventId}`,
      `/v1/webhooks/${NOBODY}/attempts/${attempt}/request?eventId=${eventId}`,
    ]) {
      expect(refusal(await ask('GET', path)), path).toEqual(refused(404, 'not_found'))
    }
    expect((await ask('GET', `${webhook}/attempts/${attempt}/request`)).status).toBe(400)
  })
})

/** Where the request of the only attempt to the only webhook is read. */
async function pathOfTheRequest(ask: Ask): Promise<string> {
  const listed = await ask('GET', '/v1/webhooks')
  const [{ id }] = (listed.body as { items: [{ id: string }] }).items
  const attempt = await vi.waitFor(async () => {
    const { body } = await ask('GET', `/v1/webhooks/${id}/attempts`)
    const [first] = (body as { items: { id: string; eventId: string }[] }).items
    expect(first).toBeDefined()
    return first
  }, WAIT)
  return `/v1/webhooks/${id}/attempts/${attempt?.id}/request?eventId=${attempt?.eventId}`
}

describe('of another surface', () => {
  it('has its headers, and the signature under its own name', async () => {
    const tenant = await createTenant()
    const { ask } = await newCaller(undefined, tenant)
    const receiver = openReceiver()
    const draft = { name: 'svix-like', url: receiver.url }
    const made = await ask('POST', `/api/v1/app/${tenant.id}/endpoint`, draft)
    expect(made.status, made.text).toBe(201)
    await ask('POST', '/v1/events', `{"type":"a","data":${DATA}}`)
    await receiver.received(1)
    const path = await pathOfTheRequest(ask)
    expect(byName((await ask('GET', path)).body as Sent)).toEqual(receiver.requests[0]?.headers)
  })

  it.each([
    [
      'Socotra',
      'socotra-signature',
      (url: string, tenant: TestTenant) => [
        `/event/${tenant.id}/webhooks`,
        {
          ...{ name: 'Signed', enabled: true, eventTypes: ['a'] },
          endpoint: { url, hmacEnabled: true, secret: 'a-secret-of-its-own' },
        },
      ],
    ],
    [
      'CrazyGoldFish',
      'x-webhook-signature',
      (endpoint_url: string) => [
        '/webhooks/v1/webhook/',
        {
          api_template: '01940000-0000-7000-8000-000000000001',
          ...{ endpoint_url, secret_hash: 'a-secret-of-its-own' },
        },
      ],
    ],
    [
      'Infermedica',
      'x-webhook-infermedica-token',
      (url: string) => [
        '/api/v2/config/webhook',
        {
          ...{ url, subscribed_events: ['survey_created'] },
          authorization_token: 'zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ',
        },
      ],
    ],
  ] as const)('shows %s’s %s to whom it may be shown', async (surface, proof, creation) => {
    const tenant = await createTenant()
    const { ask } = await newCaller(undefined, tenant)
    const reader = await newCaller(['webhooks:read', 'events:read'], tenant)
    const receiver = openReceiver()
    const [path, draft] = creation(receiver.url, tenant)
    const made = await ask('POST', path as string, draft)
    expect(made.status, made.text).toBeLessThan(300)
    const listed = await ask('GET', '/v1/webhooks')
    const [{ id }] = (listed.body as { items: [{ id: string }] }).items
    await ask('PATCH', `/v1/webhooks/${id}`, { eventTypes: ['a'], scope: {} })
    await ask('POST', '/v1/events', `{"type":"a","data":${DATA}}`)
    await receiver.received(1)
    const sent = receiver.requests[0]?.headers ?? {}
    expect(sent[proof]).toBeDefined()
    const request = await pathOfTheRequest(ask)
    // A token proves nothing but itself: it is masked for everybody.
    const own = surface === 'Infermedica' ? '••••' : sent[proof]
    const shown = (await ask('GET', request)).body as Sent
    expect(byName(shown)[proof]).toBe(own)
    expect(shown.signed).toBe(surface !== 'Infermedica')
    const others = await reader.ask('GET', request)
    expect(byName(others.body as Sent)[proof]).toBe('••••')
    expect(others.text).not.toContain(sent[proof])
  })
})
