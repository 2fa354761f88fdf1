// docs/contracts/delivery.md, "Guarantees", when Durable Objects die under a call: nothing is lost, nothing counted twice.

import { abortAllDurableObjects, evictAllDurableObjects } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EventLogObject } from '../../src/platform/durable/event-log/event-log.ts'
import { WebhookMonitor } from '../../src/platform/durable/webhook-monitor/webhook-monitor.ts'
import { openReceiver, publish, type TestKey } from '../fixtures/hookline.ts'
import { deaths, dyingIn, makeOutagesShort } from './outage.ts'
import {
  answering,
  call,
  createWebhook,
  eventually,
  fares,
  openWorld,
  retryingAtOnce,
} from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }
const ways = Object.entries(deaths)

makeOutagesShort()
afterEach(() => vi.restoreAllMocks())

/** What a webhook's memory counted. */
async function counted(key: TestKey, { id }: { readonly id: string }) {
  const [{ totals }, { items }] = await Promise.all([
    call<{ totals: unknown }>(key, 200, 'GET', `/webhooks/${id}/health`),
    call<{ items: unknown[] }>(key, 200, 'GET', `/webhooks/${id}/attempts?limit=250`),
  ])
  return { totals, attempts: items.length }
}

describe('a monitor that dies in a report', () => {
  it.each(ways)('%s has the report written once', async (_, death) => {
    const { key } = await openWorld()
    const receiver = answering(500, 204)
    const webhook = await createWebhook(key, receiver, retryingAtOnce(1))
    const calls = dyingIn(WebhookMonitor, 'report', 1, death)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'delivered')
    // Once more for the retry.
    expect(calls()).toBe(3)
    expect(await counted(key, webhook)).toEqual({
      totals: { delivered: 1, failed: 1, diverted: 0, unsendable: 0 },
      attempts: 2,
    })
    expect(receiver.requests).toHaveLength(2)
  })

  it.each(ways)('%s, and in the next one, gets it by the queue, once', async (_, death) => {
    const { key } = await openWorld()
    const receiver = answering(410)
    const webhook = await createWebhook(key, receiver)
    const calls = dyingIn(WebhookMonitor, 'report', 2, death)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    await eventually(async () => expect(calls()).toBe(3))
    expect(await counted(key, webhook)).toEqual({
      totals: { delivered: 0, failed: 1, diverted: 1, unsendable: 0 },
      attempts: 1,
    })
    expect(receiver.requests).toHaveLength(1)
  })

  it.each(ways)('%s counts a failed event towards the suspension once', async (_, death) => {
    const { key } = await openWorld()
    const receiver = answering(500)
    const suspend = { afterSeconds: 0, afterFailures: 2 }
    const webhook = await createWebhook(key, receiver, {
      failureHandling: { retry: null, suspend },
    })
    dyingIn(WebhookMonitor, 'report', 1, death)
    await fares(key, await publish(key, event), webhook, 'diverted')
    const found = await call(key, 200, 'GET', `/webhooks/${webhook.id}/health`)
    expect(found).toMatchObject({ status: 'active', consecutiveFailures: 1 })
  })
})

describe('a log that dies while it is asked', () => {
  it.each(ways)('%s lets the delivery be tried', async (_, death) => {
    const { key } = await openWorld()
    const receiver = answering(500, 500, 204)
    const webhook = await createWebhook(key, receiver, retryingAtOnce(9))
    const calls = dyingIn(WebhookMonitor, 'states', 9, death)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'delivered')
    expect(receiver.requests).toHaveLength(3)
    // Once for each retry.
    expect(calls()).toBe(2)
  })
})

describe('a log of events that dies while it takes some', () => {
  it.each(ways)('%s has them once, and nothing is sent twice', async (_, death) => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const calls = dyingIn(EventLogObject, 'accept', 2, death)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'delivered')
    // By the publish, and by the consumer twice; more often where the machine is so busy that an answer comes too late.
    expect(calls()).toBeGreaterThanOrEqual(3)
    const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', '/events')
    expect(items.map((item) => item.id)).toEqual([id])
    expect(receiver.requests).toHaveLength(1)
    expect(await counted(key, webhook)).toMatchObject({ attempts: 1 })
  })
})

describe('a log of events that dies while it notes what was delivered', () => {
  it.each(ways)('%s is told once more, and has it once', async (_, death) => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const calls = dyingIn(EventLogObject, 'record', 1, death)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'delivered')
    await eventually(async () => expect(calls()).toBe(2))
    expect(await counted(key, webhook)).toMatchObject({ totals: { delivered: 1 }, attempts: 1 })
    expect(receiver.requests).toHaveLength(1)
  })
})

describe('objects that die again and again', () => {
  it.each([
    ['aborted', abortAllDurableObjects],
    ['evicted', evictAllDurableObjects],
  ])('while 30 events are on their way (%s) lose and count twice none', async (_, die) => {
    const { key } = await openWorld()
    const good = openReceiver()
    const bad = answering(500)
    const webhook = await createWebhook(key, good)
    const failing = await createWebhook(key, bad, {
      failureHandling: { retry: null, suspend: null },
    })
    const ids: string[] = []
    for (let n = 0; n < 30; n += 1) {
      ids.push(await publish(key, event))
      if (n % 3 === 0) await die()
    }
    for (const id of ids) {
      await fares(key, id, webhook, 'delivered')
      await fares(key, id, failing, 'diverted')
    }
    const ends = (receiver: typeof good) =>
      receiver.requests.map(({ headers }) => headers['webhook-id']).toSorted()
    expect([...new Set(ends(good))]).toEqual(ids.toSorted())
    expect([...new Set(ends(bad))]).toEqual(ids.toSorted())
    // What was sent was counted, once.
    expect(await counted(key, webhook)).toMatchObject({
      totals: { delivered: good.requests.length },
      attempts: good.requests.length,
    })
    expect(await counted(key, failing)).toMatchObject({
      totals: { failed: bad.requests.length, diverted: 30 },
      attempts: bad.requests.length,
    })
  })
})
