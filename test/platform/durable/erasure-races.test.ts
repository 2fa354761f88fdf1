// What comes between the steps of an erasure, and between changes of how long a tenant's events are kept.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  fromEventMessage,
  toContinuationMessages,
  toEventMessages,
} from '../../../src/engine/messages/event-message.ts'
import type { ErasureRequest } from '../../../src/engine/model/index.ts'
import { ErasureStore } from '../../../src/platform/durable/event-log/erasure-store.ts'
import { WebhookCopy } from '../../../src/platform/durable/event-log/webhook-copy.ts'
import { WebhookMonitor } from '../../../src/platform/durable/webhook-monitor/webhook-monitor.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { ACCEPTED } from '../../../src/retention.ts'
import { diverted, HANDLING, reportTo } from '../../contracts/durable-fixtures.ts'
import { anEvent } from '../../fixtures/bench.ts'
import { interceptQueues } from '../../fixtures/deliveries.ts'
import { openPlatformBench } from '../../fixtures/platform-bench.ts'

const SCOPE = { user: 'grace' }

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

async function openLog() {
  interceptQueues()
  const bench = await openPlatformBench()
  const webhook = await bench.webhook()
  const log = () => env.EVENT_LOGS.getByName(bench.tenantId)
  const monitor = () => env.MONITORS.getByName(webhook.id)
  return { bench, webhook, log, monitor }
}

describe('an erasure', () => {
  it.each([
    ['its scope', (): ErasureRequest => ({ scope: SCOPE })],
    ['its id', (id: string): ErasureRequest => ({ eventIds: [id] })],
  ])('that comes while an event is accepted is about that, too: by %s', async (_, requestOf) => {
    const { bench, log } = await openLog()
    const { tenantId } = bench
    const event = anEvent({ id: newId(Date.now()), scope: SCOPE, data: '{"text":"planted"}' })
    const accept = () =>
      bench.ports.eventLog(tenantId).accept(tenantId, {
        ...{ submissions: [{ event, key: null }], requestKey: null, most: 9 },
      })
    // The webhooks are read anew, and meanwhile all is erased that there is.
    await log().announce(tenantId, newId(Date.now()), false)
    const { current } = WebhookCopy.prototype
    const { move } = ErasureStore.prototype
    let steps = 0
    vi.spyOn(ErasureStore.prototype, 'move').mockImplementation(function (
      this: ErasureStore,
      ...args
    ) {
      steps += 1
      return move.apply(this, args)
    })
    vi.spyOn(WebhookCopy.prototype, 'current').mockImplementationOnce(async function (
      this: WebhookCopy<unknown>,
    ) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 })
      await log().erase(tenantId, newId(Date.now()), requestOf(event.id))
      await vi.waitFor(() => expect(steps).toBeGreaterThanOrEqual(3))
      return current.call(this)
    })
    await accept()
    expect(await log().find(event.id)).toMatchObject({ data: 'null', scope: {} })
  })

  it('tells again those webhooks alone that did not answer, so that it ends with many of which some fail', async () => {
    const { bench, log } = await openLog()
    const { tenantId } = bench
    const webhooks = await Promise.all(Array.from({ length: 9 }, () => bench.webhook()))
    const event = anEvent({ id: newId(Date.now()), scope: SCOPE, data: '{"text":"planted"}' })
    const webhookIds = webhooks.map(({ id }) => id)
    await log().append([{ ...event, webhookIds }])
    for (const webhook of webhooks) {
      const subject = { monitor: bench.ports.monitor(webhook.id), ref: bench.ref(webhook) }
      await reportTo(subject, [diverted(event)])
    }
    const { erase } = WebhookMonitor.prototype
    let calls = 0
    // Of five calls one fails: a round of all never gets through.
    vi.spyOn(WebhookMonitor.prototype, 'erase').mockImplementation(async function (
      this: WebhookMonitor,
      ...args
    ) {
      calls += 1
      if (calls % 5 === 0) throw new Error('The connection broke.')
      return erase.apply(this, args)
    })
    const id = newId(Date.now())
    await log().erase(tenantId, id, { eventIds: [event.id] })
    await vi.waitFor(() => expect(calls).toBeGreaterThan(0))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ACCEPTED.underWayMs + 1_000 })
    for (let pass = 0; pass < 4; pass += 1) await runDurableObjectAlarm(log())
    expect((await log().job(id))?.progress).toMatchObject({ state: 'done', done: 1, error: null })
    for (const webhookId of webhookIds) {
      expect((await bench.ports.monitor(webhookId).diverted({ limit: 9 })).items).toEqual([])
    }
  })
})

describe('of how many days a tenant’s events are kept', () => {
  const keptFor = (monitor: DurableObjectStub) =>
    runInDurableObject(monitor, (_, { storage: { sql } }) => {
      const query = "SELECT 1 FROM sqlite_master WHERE name = 'tenant_retention'"
      if (sql.exec(query).toArray().length === 0) return null
      return sql.exec('SELECT days FROM tenant_retention').one().days
    })

  it('the last change counts, though a webhook could not be told of a former one', async () => {
    const { bench, log, monitor } = await openLog()
    const { administration } = bench.engine
    await log().refresh()
    const { retain } = WebhookMonitor.prototype
    const told: number[] = []
    vi.spyOn(WebhookMonitor.prototype, 'retain').mockImplementation(async function (
      this: WebhookMonitor,
      days,
    ) {
      told.push(days)
      if (days === 2 && told.filter((one) => one === 2).length < 3)
        throw new Error('The connection broke.')
      return retain.call(this, days)
    })
    await administration.updateTenant(bench.tenantId, { retentionDays: 2 })
    await vi.waitFor(() => expect(told).toEqual([2]))
    await administration.updateTenant(bench.tenantId, { retentionDays: 20 })
    await vi.waitFor(async () => expect(await keptFor(monitor())).toBe(20))
    for (let pass = 0; pass < 3; pass += 1) await runDurableObjectAlarm(log())
    expect(await keptFor(monitor())).toBe(20)
  })

  it('a report knows less than what was told, the usual number, too', async () => {
    const { bench, webhook, monitor } = await openLog()
    await monitor().retain(30)
    const { tenantId, id: webhookId } = bench.ref(webhook)
    const id = newId(Date.now())
    const entries = [diverted(anEvent({ id: newId(Date.now()) }))]
    await bench.ports.monitor(webhook.id).report({
      ...{ id, tenantId, webhookId, entries, failureHandling: HANDLING, tenantRetentionDays: 2 },
    })
    expect(await keptFor(monitor())).toBe(30)
  })

  it('is told when it is found out, though nobody announced the change', async () => {
    const { bench, log, monitor } = await openLog()
    await log().announce(bench.tenantId, newId(Date.now()), false)
    await log().refresh()
    const change = env.DB.prepare('UPDATE tenants SET retention_days = 7 WHERE id = ?')
    await change.bind(bench.tenantId).run()
    await log().sweep()
    await vi.waitFor(async () => expect(await keptFor(monitor())).toBe(7))
  })
})

it('a webhook to which an event was sent after its erasure is told at once', async () => {
  const { bench, webhook, log } = await openLog()
  const { tenantId } = bench
  const event = anEvent({ id: newId(Date.now()), scope: SCOPE, data: '{"text":"planted"}' })
  await log().append([{ ...event, webhookIds: [] }])
  await log().erase(tenantId, newId(Date.now()), { eventIds: [event.id] })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ACCEPTED.underWayMs + 1_000 })
  await runDurableObjectAlarm(log())
  const divertedIds = async () => {
    const { items } = await bench.ports.monitor(webhook.id).diverted({ limit: 9 })
    return items.map((one) => one.event.id)
  }
  // By whoever had the event before.
  await reportTo({ monitor: bench.ports.monitor(webhook.id), ref: bench.ref(webhook) }, [
    diverted(event),
  ])
  expect(await divertedIds()).toEqual([event.id])
  await log().addWebhooks([event.id], [webhook.id])
  await vi.waitFor(async () => expect(await divertedIds()).toEqual([]))
})

describe('what an event log has for a queue that takes nothing', () => {
  it.each([
    ['its scope', (): ErasureRequest => ({ scope: SCOPE })],
    ['its id', (id: string): ErasureRequest => ({ eventIds: [id] })],
  ])('loses its content with the erasure, and before it comes: by %s', async (_, requestOf) => {
    const { bench, log } = await openLog()
    vi.spyOn(Object.getPrototypeOf(env.ACCEPTED), 'sendBatch').mockRejectedValue(new Error('Down.'))
    const { tenantId } = bench
    const [meant, late, other] = ['meant', 'late', 'other'].map((name) =>
      anEvent({
        ...{ id: newId(Date.now()), data: `{"text":"${name}-planted"}` },
        scope: name === 'other' ? { user: 'ada' } : SCOPE,
      }),
    )
    if (!meant || !late || !other) throw new Error('There are three.')
    const about = { tenantId, redelivered: true }
    const remaining = [{ event: meant, webhookIds: ['w'] }]
    await log().relay([
      ...toEventMessages(about, [meant, other]),
      ...toContinuationMessages(about, remaining),
    ])
    for (const { id } of [meant, late])
      await log().erase(tenantId, newId(Date.now()), requestOf(id))
    await log().relay(toEventMessages(about, [late]))
    await vi.waitFor(async () => {
      const waiting = await runInDurableObject(log(), (_, { storage: { sql } }) =>
        sql.exec<{ message: string }>('SELECT message FROM outbox').toArray(),
      )
      const events = waiting.flatMap(({ message }) => fromEventMessage(message)?.events ?? [])
      expect(events.map(({ id }) => id)).toEqual([meant, other, meant, late].map(({ id }) => id))
      const texts = JSON.stringify(events).match(/[a-z]+-planted/g)
      expect(texts).toEqual(['other-planted'])
      expect(events.filter(({ expungedAt }) => expungedAt === undefined)).toHaveLength(1)
    })
  })
})

describe('a webhook that has very much', () => {
  it('is asked for some of it at a time, and for the rest by later alarms, wherever its log died', async () => {
    const { bench, log } = await openLog()
    const pages = 2_500
    const asked: number[] = []
    vi.spyOn(WebhookMonitor.prototype, 'contents').mockImplementation(async (from) => {
      const page = Number(from?.behind ?? 0)
      asked.push(page)
      const next = { kind: 'diverted', behind: String(page + 1) } as const
      return { items: [], next: page + 1 < pages ? next : null }
    })
    const id = newId(Date.now())
    await log().erase(bench.tenantId, id, { scope: SCOPE })
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(900))
    await evictDurableObject(log())
    expect(asked.length).toBeLessThan(1_100)
    for (let alarm = 0; asked.length < pages && alarm < 9; alarm += 1) {
      const before = asked.length
      await runDurableObjectAlarm(log())
      expect(asked.length - before).toBeLessThan(1_100)
    }
    expect(new Set(asked).size).toBe(pages)
    // What was read when it died is read again, and no more than that.
    expect(asked.length - pages).toBeLessThan(20)
  })
})
