// For how long events are kept, as their tenant or their producer says: through /v1, in real storage, with the clock moved.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { askAdmin } from '../api/asked.ts'
import { openReceiver, send, type TestKey } from '../fixtures/hookline.ts'
import { call, createWebhook, divertedIds, eventually, fares, final, openWorld } from './world.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const start = Date.now()

function goTo(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: start + ms })
}

afterEach(() => vi.useRealTimers())

async function publishKept(key: TestKey, retentionDays?: number): Promise<string> {
  const event = { type: 'invoice.paid', data: {}, retentionDays }
  const { events } = await call<{ events: [{ id: string }] }>(key, 202, 'POST', '/events', event)
  return events[0].id
}

async function listed(key: TestKey): Promise<readonly string[]> {
  const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', '/events')
  return items.map(({ id }) => id)
}

/** The tables of events that a log has. */
function tablesOf(log: DurableObjectStub): Promise<number> {
  const query = "SELECT count(*) AS n FROM sqlite_master WHERE name GLOB 'packs_*'"
  return runInDurableObject(log, (_, { storage }) => Number(storage.sql.exec(query).one().n))
}

describe('an event that says for how long it is kept', () => {
  it('is gone to the minute, and dropped the day after, and is still counted', async () => {
    const { tenant, key } = await openWorld()
    const log = env.EVENT_LOGS.getByName(tenant.id)
    const brief = await publishKept(key, 1)
    const [long, usual] = [await publishKept(key, 90), await publishKept(key)]
    goTo(DAY_MS - HOUR_MS)
    expect(await listed(key)).toEqual([usual, long, brief])
    goTo(DAY_MS + HOUR_MS)
    expect(await listed(key)).toEqual([usual, long])
    await call(key, 404, 'GET', `/events/${brief}`)
    expect(await tablesOf(log)).toBe(3)
    await evictDurableObject(log)
    goTo(2 * DAY_MS + HOUR_MS)
    await log.sweep()
    expect(await tablesOf(log)).toBe(2)
    const { items } = await call<{ items: { events: number }[] }>(key, 200, 'GET', '/usage')
    expect(items).toMatchObject([{ events: 3 }])
    goTo(31 * DAY_MS)
    expect(await listed(key)).toEqual([long])
    expect(await call(key, 200, 'GET', `/events/${long}`)).toMatchObject({ deliveries: [] })
    goTo(90 * DAY_MS + HOUR_MS)
    expect(await listed(key)).toEqual([])
  })

  it('takes its table with it by an alarm of its own', async () => {
    const { tenant, key } = await openWorld()
    const log = env.EVENT_LOGS.getByName(tenant.id)
    await publishKept(key, 1)
    // The look for what nobody took care of sets it.
    await runDurableObjectAlarm(log)
    await runDurableObjectAlarm(log)
    const alarm = await runInDurableObject(log, (_, { storage }) => storage.getAlarm())
    expect(alarm).toBe((Math.floor(Date.now() / DAY_MS) + 2) * DAY_MS)
  })

  it('goes from what is diverted, too', async () => {
    const { key } = await openWorld()
    const webhook = await createWebhook(
      key,
      openReceiver(() => new Response(null, { status: 500 })),
      final,
    )
    const [brief, usual] = [await publishKept(key, 1), await publishKept(key)]
    for (const id of [brief, usual]) await fares(key, id, webhook, 'diverted')
    goTo(DAY_MS + HOUR_MS)
    expect(await divertedIds(key, webhook)).toEqual([usual])
    await call(key, 404, 'GET', `/webhooks/${webhook.id}/diverted/${brief}`)
    const monitor = env.MONITORS.getByName(webhook.id)
    const ownTables = () =>
      runInDurableObject(
        monitor,
        (_, { storage: { sql } }) =>
          sql
            .exec(
              "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name GLOB 'diverted_until_*'",
            )
            .toArray().length,
      )
    expect(await ownTables()).toBe(1)
    await evictDurableObject(monitor)
    goTo(2 * DAY_MS + HOUR_MS)
    await runDurableObjectAlarm(monitor)
    expect(await ownTables()).toBe(0)
    expect(await divertedIds(key, webhook)).toEqual([usual])
  })

  it.each([0, 91, 1.5, '7'])('says so in whole days, 1 to 90: not %j', async (retentionDays) => {
    const { tenant, key } = await openWorld()
    const event = { type: 'invoice.paid', data: {}, retentionDays }
    await call(key, 400, 'POST', '/events', event)
    const { status } = await askAdmin('PATCH', `/v1/tenants/${tenant.id}`, { retentionDays })
    expect(status).toBe(400)
  })

  it('says so as a CloudEvent, too', async () => {
    const { key } = await openWorld()
    const attributes = {
      'ce-id': '1',
      'ce-source': '/a',
      'ce-type': 'a.b',
      'ce-specversion': '1.0',
    }
    const authorization = `Bearer ${key.token}`
    const post = (days: string) =>
      send(
        { method: 'POST', path: '/v1/events/cloudevents', body: '{}' },
        {
          ...attributes,
          ...{ authorization, 'ce-retentiondays': days, 'content-type': 'application/json' },
        },
      )
    expect((await post('0')).status).toBe(400)
    const { body } = await post('1')
    const { events } = body as { events: [{ id: string }] }
    expect(await call(key, 200, 'GET', `/events/${events[0].id}`)).toMatchObject({ scope: {} })
    goTo(DAY_MS + HOUR_MS)
    await call(key, 404, 'GET', `/events/${events[0].id}`)
  })
})

describe('a tenant that says for how long events are kept', () => {
  it('has them for so long, those that it had published before, too', async () => {
    const { tenant, key } = await openWorld()
    const id = await publishKept(key)
    const own = await publishKept(key, 30)
    const change = async (retentionDays: number | null) => {
      const { body } = await askAdmin('PATCH', `/v1/tenants/${tenant.id}`, { retentionDays })
      return body
    }
    expect(await change(7)).toMatchObject({ retentionDays: 7 })
    await publishKept(key)
    goTo(8 * DAY_MS)
    await eventually(async () => expect(await listed(key)).toEqual([own]))
    expect(await change(90)).toMatchObject({ retentionDays: 90 })
    const later = await publishKept(key)
    expect(await listed(key)).toHaveLength(4)
    expect(await listed(key)).toEqual(expect.arrayContaining([id, own, later]))
    expect(await change(null)).toMatchObject({ retentionDays: 30 })
  })

  it('has what is diverted for no longer', async () => {
    const { tenant, key } = await openWorld()
    await askAdmin('PATCH', `/v1/tenants/${tenant.id}`, { retentionDays: 2 })
    const receiver = openReceiver(() => new Response(null, { status: 500 }))
    const webhook = await createWebhook(key, receiver, final)
    const id = await publishKept(key)
    await fares(key, id, webhook, 'diverted')
    goTo(DAY_MS + HOUR_MS)
    expect(await divertedIds(key, webhook)).toEqual([id])
    goTo(2 * DAY_MS + HOUR_MS)
    expect(await divertedIds(key, webhook)).toEqual([])
  })

  it('changes it for what is diverted already, too, shorter and longer', async () => {
    const { tenant, key } = await openWorld()
    const change = async (retentionDays: number) => {
      await askAdmin('PATCH', `/v1/tenants/${tenant.id}`, { retentionDays })
    }
    const receiver = openReceiver(() => new Response(null, { status: 500 }))
    const webhook = await createWebhook(key, receiver, final)
    const [id, own] = [await publishKept(key), await publishKept(key, 20)]
    for (const one of [id, own]) await fares(key, one, webhook, 'diverted')
    const diverted = async (ids: readonly string[]) => {
      const found = async () => (await divertedIds(key, webhook)).toSorted()
      await eventually(async () => expect(await found()).toEqual(ids.toSorted()))
    }
    goTo(3 * DAY_MS)
    await change(2)
    await diverted([own])
    await change(5)
    await diverted([id, own])
    await change(2)
    await diverted([own])
    // From then on it is not stored any more: that goes with all of its five days.
    goTo(8 * DAY_MS)
    await evictDurableObject(env.MONITORS.getByName(webhook.id))
    await runDurableObjectAlarm(env.MONITORS.getByName(webhook.id))
    await change(30)
    await diverted([own])
  })
})
