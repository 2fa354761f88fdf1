// What an erasure does about events that the log keeps no longer, and monitors do.

import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { toDeliverMessage, toDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import { createD1Stores } from '../../src/platform/d1/index.ts'
import { createVault } from '../../src/platform/vault.ts'
import { newId } from '../../src/primitives/ids.ts'
import { createOperatorKey, openReceiver, type TestKey } from '../fixtures/hookline.ts'
import { plantedInStores } from './planted.ts'
import { call, createWebhook, divertedIds, eventually, fares, final, openWorld } from './world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const SCOPE = { user: 'planted-user' }

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const goTo = (now: number) => vi.useFakeTimers({ toFake: ['Date'], now })
const echoing = () => openReceiver(({ body }) => new Response(body, { status: 500 }))

async function publishOne(key: TestKey, fields: object): Promise<string> {
  const event = { type: 'invoice.paid', scope: SCOPE, data: { a: 'planted-a' }, ...fields }
  const answer = await call<{ events: [{ id: string }] }>(key, 202, 'POST', '/events', event)
  return answer.events[0].id
}

async function erase(tenantId: string, key: TestKey, request: object): Promise<void> {
  const operator = await createOperatorKey({ permissions: ['erase'] })
  const path = `/tenants/${tenantId}/erase`
  const { jobId } = await call<{ jobId: string }>(operator, 202, 'POST', path, request)
  goTo(Date.now() + 62_000)
  await eventually(async () => {
    await runDurableObjectAlarm(env.EVENT_LOGS.getByName(tenantId))
    expect(await call(key, 200, 'GET', `/jobs/${jobId}`)).toMatchObject({ state: 'done' })
  })
}

describe('an event that is past its retention', () => {
  it.each([
    ['and dropped', 2 * DAY_MS + HOUR_MS],
    ['and still stored', DAY_MS + HOUR_MS],
  ])('%s: erased by its id, its excerpt goes', async (_, ms) => {
    const { tenant, key } = await openWorld()
    const webhook = await createWebhook(key, echoing(), final)
    const id = await publishOne(key, { retentionDays: 1 })
    await fares(key, id, webhook, 'diverted')
    goTo(Date.now() + ms)
    const [log, monitor] = [env.EVENT_LOGS.getByName(tenant.id), env.MONITORS.getByName(webhook.id)]
    await log.sweep()
    await runDurableObjectAlarm(monitor)
    await call(key, 404, 'GET', `/events/${id}`)
    await erase(tenant.id, key, { eventIds: [id] })
    expect([...(await plantedInStores([log, monitor]))]).toEqual([])
  })
})

describe('a retry that waits in a queue when the log has forgotten its event', () => {
  const anEvent = (id: string, scope: Readonly<Record<string, string>>) => ({
    ...{ id, type: 'invoice.paid', time: '2026-11-22T10:00:00.000Z' },
    ...{ data: '{"a":"planted-a"}', scope, actor: null, requestId: null },
  })

  it.each([
    ['tried again', (text: string) => env.DELIVERIES.send(text, { contentType: 'text' })],
    ['crashed', (text: string) => env.DEAD_DELIVERIES.send(text, { contentType: 'text' })],
  ])('is not sent nor kept after an erasure by scope, when it is %s', async (_, bring) => {
    const { tenant, key } = await openWorld()
    const receiver = echoing()
    const retry = { type: 'linear', intervalSeconds: 3_600, attempts: 3 }
    const handling = { failureHandling: { retry, suspend: null } }
    const webhook = await createWebhook(key, receiver, handling)
    const meant = await publishOne(key, { retentionDays: 1 })
    const other = await publishOne(key, { retentionDays: 1, scope: { user: 'other' } })
    for (const id of [meant, other]) await fares(key, id, webhook, 'failing')
    goTo(Date.now() + 2 * DAY_MS + HOUR_MS)
    const [log, monitor] = [env.EVENT_LOGS.getByName(tenant.id), env.MONITORS.getByName(webhook.id)]
    await log.sweep()
    await erase(tenant.id, key, { scope: SCOPE })
    const ref = { tenantId: tenant.id, id: webhook.id }
    for (const [id, scope] of [
      [meant, SCOPE],
      [other, { user: 'other' }],
    ] as const) {
      const carried = { run: '', attempts: 1, role: 'primary' } as const
      await bring(toDeliveryText(toDeliverMessage(ref, anEvent(id, scope), carried)))
    }
    await eventually(async () => {
      const [first, second] = await monitor.statesOfEvents([meant, other])
      expect(first).toMatchObject({ status: 'erased' })
      expect(second?.status === 'diverted' || second?.attempts === 2).toBe(true)
    })
    const sent = receiver.requests.map(({ headers }) => headers['webhook-id'])
    expect(sent.filter((id) => id === meant)).toHaveLength(1)
    expect(await divertedIds(key, webhook)).not.toContain(meant)
  })
})

describe('a dead letter', () => {
  it('loses its body where it names the tenant by a uid of before', async () => {
    const { tenant, key } = await openWorld()
    const { deadLetters, tenants } = createD1Stores(env.DB, createVault(env.SECRETS_KEY))
    const now = Date.now()
    await tenants.update(tenant.id, { uid: 'once-acme' }, now)
    const scope = { user: 'whoever' }
    const events = [{ type: 'a.b', scope, data: 1, other: 'it is not valid' }]
    const body = JSON.stringify({ v: 1, tenantId: 'once-acme', events })
    const letter = { queue: 'events', reason: 'It is not valid.', body, at: now, sentAt: now }
    await deadLetters.insert({ ...letter, id: newId(now) })
    await tenants.update(tenant.id, { uid: 'now-acme' }, now + 1)
    const another = await openWorld()
    await tenants.update(another.tenant.id, { uid: 'once-acme' }, now + 20_000)
    await deadLetters.insert({ ...letter, id: newId(now), at: now + 30_000, sentAt: now + 30_000 })
    await erase(tenant.id, key, { scope })
    const bodies = (await deadLetters.list({ limit: 9, before: null })).map((one) => one.body)
    expect(bodies).toEqual([body, ''])
  })
})

describe('a dead letter that was sent before its uid was another’s, and kept after', () => {
  it.each([
    ['loses its body with an erasure of the former tenant', 0, ''],
    ['keeps its body through an erasure of the new one', 1, 'kept'],
  ])('%s', async (_, whose, left) => {
    const worlds = [await openWorld(), await openWorld()] as const
    const [former, present] = worlds
    const { deadLetters, tenants } = createD1Stores(env.DB, createVault(env.SECRETS_KEY))
    const [uid, now] = [`moved-${whose}`, Date.now()]
    await tenants.update(former.tenant.id, { uid }, now - 60_000)
    await tenants.update(former.tenant.id, { uid: null }, now - 50_000)
    await tenants.update(present.tenant.id, { uid }, now - 30_000)
    const scope = { user: 'whoever' }
    const body = JSON.stringify({ v: 1, tenantId: uid, events: [{ scope }] })
    const id = newId(now)
    const about = { queue: 'events', reason: 'It is not valid.', body }
    await deadLetters.insert({ ...about, id, at: now, sentAt: now - 55_000 })
    const { tenant, key } = whose === 0 ? former : present
    await erase(tenant.id, key, { scope })
    const letters = await deadLetters.list({ limit: 99, before: null })
    expect(letters.find((letter) => letter.id === id)?.body).toBe(left && body)
  })
})

describe('an event that was resent after 20 days and given up', () => {
  it('is diverted no longer than it is kept', async () => {
    const { tenant, key } = await openWorld()
    const webhook = await createWebhook(key, echoing(), final)
    const start = Date.now()
    const id = await publishOne(key, {})
    await fares(key, id, webhook, 'diverted')
    goTo(start + 20 * DAY_MS)
    await call(key, 202, 'POST', `/webhooks/${webhook.id}/diverted/${id}/resend`)
    await eventually(async () => {
      const path = `/webhooks/${webhook.id}/attempts`
      const { items } = await call<{ items: object[] }>(key, 200, 'GET', path)
      expect(items).toHaveLength(2)
    })
    goTo(start + 40 * DAY_MS)
    await env.EVENT_LOGS.getByName(tenant.id).sweep()
    await runDurableObjectAlarm(env.MONITORS.getByName(webhook.id))
    await call(key, 404, 'GET', `/events/${id}`)
    expect(await divertedIds(key, webhook)).toEqual([])
    await erase(tenant.id, key, { eventIds: [id] })
    const monitor = env.MONITORS.getByName(webhook.id)
    expect([...(await plantedInStores([monitor]))]).toEqual([])
  })
})
