// Erasure as docs/contracts/native.md promises it: nothing of what was published is found in any store or line of the log afterwards,
// and nothing of it is sent.

import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { toDeliveryText, toResendMessage } from '../../src/engine/messages/delivery-message.ts'
import { toContinuationMessages, toEventMessages } from '../../src/engine/messages/event-message.ts'
import { createD1Stores } from '../../src/platform/d1/index.ts'
import { createVault } from '../../src/platform/vault.ts'
import { newId } from '../../src/primitives/ids.ts'
import {
  createKey,
  createOperatorKey,
  openReceiver,
  publish,
  type ReceivedRequest,
  send,
  type TestKey,
} from '../fixtures/hookline.ts'
import { plantedIn, plantedInStores } from './planted.ts'
import { call, createWebhook, divertedIds, eventually, fares, final, openWorld } from './world.ts'

const MINUTE_MS = 60_000
/** What a person asks to be forgotten by. */
const SCOPE = { user: 'planted-user' }

const echoing = (status: number, headers = {}) =>
  openReceiver(({ body }: ReceivedRequest) => new Response(body, { status, headers }))
const retryingIn = (intervalSeconds: number) => ({
  failureHandling: { retry: { type: 'linear', intervalSeconds, attempts: 3 }, suspend: null },
})

/** Every line that was logged since. */
function watchLog(): () => string {
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => {
    lines.push(parts.join(' '))
  })
  return () => lines.join('\n')
}

async function erase(tenantId: string, request: object): Promise<string> {
  const operator = await createOperatorKey({ permissions: ['erase'] })
  const path = `/tenants/${tenantId}/erase`
  const { jobId } = await call<{ jobId: string }>(operator, 202, 'POST', path, request)
  return jobId
}

const jobOf = (key: TestKey, id: string) =>
  call<{ kind: string; state: string; done: number }>(key, 200, 'GET', `/jobs/${id}`)

/** What is sent when an erasure is asked for may be under way for a minute: so long the job goes on. */
async function letAMinutePass(tenantId: string): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + MINUTE_MS + 1_000 })
  await runDurableObjectAlarm(env.EVENT_LOGS.getByName(tenantId))
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('an erasure', () => {
  it('leaves none of a thousand planted texts in any store or line of the log', async () => {
    const logged = watchLog()
    const { tenant, key } = await openWorld()
    const webhooks = await Promise.all([
      createWebhook(key, echoing(200)),
      createWebhook(key, echoing(500), {
        failureHandling: { ...final.failureHandling, suspend: null },
      }),
      createWebhook(key, echoing(500), retryingIn(3_600)),
      createWebhook(key, echoing(503, { 'retry-after': '3600' }), retryingIn(3_600)),
    ])
    const [delivering, diverting, failing, holding] = webhooks.map(({ id }) => ({ id }))
    if (!delivering || !diverting || !failing || !holding) throw new Error('There are four.')
    const events = Array.from({ length: 100 }, (_, n) => {
      const texts = Array.from({ length: 4 }, (_, part) => `planted-${n}-${part}`)
      const older = Array.from({ length: 4 }, (_, part) => `planted-${n}-older-${part}`)
      return {
        type: 'invoice.paid',
        id: `planted-${n}-id`,
        channels: [`planted-${n}-channel`],
        tags: [`planted-${n}-tag`],
        scope: { ...SCOPE, note: `planted-${n}-note` },
        versions: { '2026-11': { texts }, '2026-01': { texts: older } },
      }
    })
    const ids: string[] = []
    for (let from = 0; from < events.length; from += 25) {
      const body = JSON.stringify(events.slice(from, from + 25))
      const headers = {
        authorization: `Bearer ${key.token}`,
        'idempotency-key': `planted-request-${from}`,
      }
      const answer = await send({ method: 'POST', path: '/v1/events', body }, headers)
      const accepted = answer.body as { events: { id: string }[] }
      ids.push(...accepted.events.map(({ id }) => id))
    }
    const { deadLetters } = createD1Stores(env.DB, createVault(env.SECRETS_KEY))
    const body = JSON.stringify({ v: 1, tenantId: tenant.id, events: [events[0], 'no event'] })
    const letter = { id: newId(Date.now()), queue: 'events', reason: 'It is not valid.', body }
    await deadLetters.insert({ ...letter, at: Date.now(), sentAt: Date.now() })
    const [last = ''] = ids.slice(-1)
    await fares(key, last, delivering, 'delivered')
    await fares(key, last, diverting, 'diverted')
    await fares(key, last, failing, 'failing')
    await eventually(async () => {
      const path = `/webhooks/${holding.id}/health`
      const health = await call<{ hold: { waiting: number } | null }>(key, 200, 'GET', path)
      expect(health.hold?.waiting).toBeGreaterThan(80)
    })
    const objects = [
      env.EVENT_LOGS.getByName(tenant.id),
      ...webhooks.map(({ id }) => env.MONITORS.getByName(id)),
      env.DEPLOYMENT_JOBS.getByName('deployment'),
    ]
    expect((await plantedInStores(objects)).size).toBeGreaterThanOrEqual(1_000)

    const job = await erase(tenant.id, { scope: SCOPE })
    await eventually(async () => expect([...(await plantedInStores(objects))]).toEqual([]))
    expect(await jobOf(key, job)).toMatchObject({ kind: 'erase', state: 'running', done: 100 })
    await letAMinutePass(tenant.id)
    expect(await jobOf(key, job)).toMatchObject({ state: 'done', done: 100, total: 100 })
    expect([...(await plantedInStores(objects))]).toEqual([])
    expect([...plantedIn(logged())]).toEqual([])

    const event = await call(key, 200, 'GET', `/events/${last}`)
    expect(event).toMatchObject({
      ...{ id: last, type: 'invoice.paid', scope: {}, data: null, versions: null },
      expungedAt: expect.any(String),
      deliveries: expect.arrayContaining([
        expect.objectContaining({ webhookId: delivering.id, status: 'delivered' }),
        expect.objectContaining({ webhookId: diverting.id, status: 'diverted', statusCode: 500 }),
        expect.objectContaining({ webhookId: failing.id, status: 'erased' }),
        expect.objectContaining({ webhookId: holding.id, status: 'erased' }),
      ]),
    })
    expect(await divertedIds(key, diverting)).toEqual([])
    await call(key, 409, 'POST', `/events/${last}/resend`, {})
    const attempts = await call<{ items: object[] }>(
      key,
      200,
      'GET',
      `/webhooks/${failing.id}/attempts`,
    )
    expect(attempts.items[0]).toMatchObject({ statusCode: 500, responseExcerpt: null })
  })

  it('leaves nothing of messages that came by Svix’s surface', async () => {
    const logged = watchLog()
    const { tenant, key } = await openWorld()
    const operator = await createOperatorKey()
    const svix = async (method: string, path: string, input?: object) => {
      const body = input && JSON.stringify(input)
      const headers = {
        ...{ authorization: `Bearer ${operator.token}`, 'content-type': 'application/json' },
        'idempotency-key': crypto.randomUUID(),
      }
      const request = { method, path: `/api/v1/app/${tenant.id}${path}`, ...(body && { body }) }
      const answer = await send(request, headers)
      expect(answer.status).toBeLessThan(300)
      return answer.body as { id: string; key: string }
    }
    const receiver = echoing(500)
    const endpoint = await svix('POST', '/endpoint', { url: receiver.url })
    const sent = Array.from({ length: 20 }, (_, n) => ({
      ...{ eventType: 'invoice.paid', payload: { text: `planted-${n}-payload` } },
      ...{ eventId: `planted-${n}-event`, tags: [`planted-${n}-tag`] },
      channels: [`planted-${n}-channel`],
      ...(n % 2 === 0 && { transformationsParams: { rawPayload: `planted-${n}-raw` } }),
    }))
    const messages = await Promise.all(sent.map((message) => svix('POST', '/msg', message)))
    const [{ id: first } = { id: '' }] = messages
    await receiver.received(20)
    await svix('POST', `/msg/${first}/endpoint/${endpoint.id}/resend`)
    const tried = { eventType: 'invoice.paid', payload: { text: 'planted-attempt' } }
    await svix('POST', `/endpoint/${endpoint.id}/msg/test-attempt`, tried)
    const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', '/events')
    const webhookId = await call<{ items: { id: string }[] }>(key, 200, 'GET', '/webhooks')
    const objects = [
      env.EVENT_LOGS.getByName(tenant.id),
      ...webhookId.items.map(({ id }) => env.MONITORS.getByName(id)),
    ]
    const before = await plantedInStores(objects)
    expect(before.size).toBeGreaterThanOrEqual(90)
    expect(before).toContain('planted-attempt')
    const job = await erase(tenant.id, { eventIds: items.map(({ id }) => id) })
    await eventually(async () => expect([...(await plantedInStores(objects))]).toEqual([]))
    await letAMinutePass(tenant.id)
    expect(await jobOf(key, job)).toMatchObject({ state: 'done', done: 20 })
    expect([...(await plantedInStores(objects))]).toEqual([])
    expect([...plantedIn(logged())]).toEqual([])
  })

  it('ends what arrives by a queue as erased, and says so', async () => {
    const logged = watchLog()
    const { tenant, key } = await openWorld()
    const receiver = openReceiver(() => new Response(null, { status: 500 }))
    const webhook = await createWebhook(key, receiver, retryingIn(2))
    const id = await publish(key, { type: 'invoice.paid', data: '{"a":"planted-retry"}' })
    await fares(key, id, webhook, 'failing')
    await erase(tenant.id, { eventIds: [id] })
    await eventually(async () => expect(logged()).toContain('"event":"delivery.erased"'))
    expect(receiver.requests).toHaveLength(1)
    await fares(key, id, webhook, 'erased')
  })

  it('sends nothing that comes by a queue from before, whichever message brings it', async () => {
    const logged = watchLog()
    const { tenant, key } = await openWorld()
    const receiver = openReceiver(() => new Response(null, { status: 500 }))
    const webhook = await createWebhook(key, receiver, retryingIn(3_600))
    const known = await publish(key, { type: 'invoice.paid', data: '{"a":1}', scope: SCOPE })
    await fares(key, known, webhook, 'failing')
    const [unknown, named] = [newId(Date.now()), newId(Date.now())]
    await new Promise((resolve) => setTimeout(resolve, 5))
    await erase(tenant.id, { scope: SCOPE })
    await erase(tenant.id, { eventIds: [named] })
    await fares(key, known, webhook, 'erased')
    const anEvent = (id: string, scope: Readonly<Record<string, string>>) => ({
      ...{ id, type: 'invoice.paid', time: '2026-11-22T10:00:00.000Z' },
      ...{ data: '{"a":"planted-late"}', scope, actor: null, requestId: null },
    })
    const about = { tenantId: tenant.id, redelivered: false }
    const ref = { tenantId: tenant.id, id: webhook.id }
    const run = { run: newId(Date.now()), attempts: 0, carrier: newId(Date.now()) }
    const [fresh = ''] = toEventMessages(about, [anEvent(unknown, SCOPE), anEvent(named, {})])
    const remaining = [{ event: anEvent(known, SCOPE), webhookIds: [webhook.id] }]
    const [continued = ''] = toContinuationMessages(about, remaining)
    const resent = toDeliveryText(toResendMessage(ref, anEvent(known, SCOPE), run))
    await env.ACCEPTED.send(fresh, { contentType: 'text' })
    await env.ACCEPTED.send(continued, { contentType: 'text' })
    await env.DELIVERIES.send(resent, { contentType: 'text' })
    for (const id of [unknown, named]) {
      await eventually(async () => {
        expect(await call(key, 200, 'GET', `/events/${id}`)).toMatchObject({
          ...{ data: null, scope: {} },
          deliveries: [{ webhookId: webhook.id, status: 'erased', attempts: 0 }],
        })
      })
    }
    // The continuation's, and the resend's.
    const ended = () =>
      logged()
        .split('\n')
        .filter((line) => line.includes('"delivery.erased"'))
    await eventually(async () =>
      expect(ended().filter((line) => line.includes(known))).toHaveLength(2),
    )
    expect(logged()).toContain('"event":"events.erased"')
    const later = await publish(key, { type: 'invoice.paid', data: '{"b":1}', scope: SCOPE })
    await fares(key, later, webhook, 'failing')
    const sent = receiver.requests.map(({ body }) => JSON.parse(body).data)
    expect(sent).toEqual([{ a: 1 }, { b: 1 }])
  })
})

describe('the content of one event', () => {
  it('is expunged by its tenant, at once, and of no other event', async () => {
    const { key } = await openWorld()
    const webhook = await createWebhook(key, echoing(500), final)
    const [id, other] = await Promise.all([
      publish(key, { type: 'invoice.paid', data: '{"a":1}' }),
      publish(key, { type: 'invoice.paid', data: '{"a":2}' }),
    ])
    for (const one of [id, other]) await fares(key, one, webhook, 'diverted')
    await call(key, 204, 'DELETE', `/events/${id}/content`)
    expect(await call(key, 200, 'GET', `/events/${id}`)).toMatchObject({ data: null })
    expect(await call(key, 200, 'GET', `/events/${other}`)).toMatchObject({
      ...{ data: { a: 2 }, expungedAt: null },
    })
    await eventually(async () => expect(await divertedIds(key, webhook)).toEqual([other]))
    await call(key, 204, 'DELETE', `/events/${id}/content`)
    await call(key, 404, 'DELETE', `/events/${newId(Date.now())}/content`)
  })

  it('is not replayed', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const since = new Date(Date.now() - 1_000).toISOString()
    const id = await publish(key, { type: 'invoice.paid', data: '{"a":1}' })
    const other = await publish(key, { type: 'invoice.paid', data: '{"a":2}' })
    for (const one of [id, other]) await fares(key, one, webhook, 'delivered')
    await call(key, 204, 'DELETE', `/events/${id}/content`)
    await call(key, 202, 'POST', `/webhooks/${webhook.id}/replay`, { since })
    await receiver.received(3)
    const again = receiver.requests.slice(2).map(({ headers }) => headers['webhook-id'])
    expect(again).toEqual([other])
  })

  it('is refused to a key with a subject, whose content it is not alone', async () => {
    const { tenant, key } = await openWorld()
    const user = await createKey(tenant, { subject: '0190a5c8-7f00-7000-8000-000000000009' })
    const webhook = await createWebhook(user, openReceiver())
    const id = await publish(key, { type: 'invoice.paid', data: '{"a":1}' })
    await fares(key, id, webhook, 'delivered')
    await call(user, 403, 'DELETE', `/events/${id}/content`)
    expect(await call(key, 200, 'GET', `/events/${id}`)).toMatchObject({ data: { a: 1 } })
  })
})

describe('what an erasure is about', () => {
  it.each([
    [{}, 400],
    [{ scope: {} }, 400],
    [{ eventIds: [] }, 400],
    [{ eventIds: ['none'] }, 400],
    [{ scope: SCOPE, eventIds: [newId(0)] }, 400],
    [{ eventIds: Array.from({ length: 1_001 }, () => newId(0)) }, 400],
  ])('is said in full: %j is refused', async (request, status) => {
    const { tenant } = await openWorld()
    const operator = await createOperatorKey({ permissions: ['erase'] })
    await call(operator, status, 'POST', `/tenants/${tenant.id}/erase`, request)
  })

  it('is one tenant, to whom may erase', async () => {
    const { tenant, key } = await openWorld()
    const other = await createOperatorKey({ permissions: ['events:write', 'tenants:write'] })
    await call(other, 403, 'POST', `/tenants/${tenant.id}/erase`, { scope: SCOPE })
    await call(key, 403, 'POST', `/tenants/${tenant.id}/erase`, { scope: SCOPE })
    const operator = await createOperatorKey({ permissions: ['erase'] })
    await call(operator, 404, 'POST', `/tenants/${newId(0)}/erase`, { scope: SCOPE })
    const id = await publish(key, {
      type: 'a.b',
      data: '{}',
      scope: { user: 'other', ...{ x: 'y' } },
    })
    const job = await erase(tenant.id, { scope: { user: 'other', x: 'z' } })
    await call(key, 409, 'DELETE', `/jobs/${job}`)
    await eventually(async () => expect(await jobOf(key, job)).toMatchObject({ done: 0 }))
    expect(await call(key, 200, 'GET', `/events/${id}`)).toMatchObject({ data: {} })
  })
})
