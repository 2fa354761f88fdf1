// docs/contracts/delivery.md, "Guarantees", when things go wrong under real queues.

import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ACCEPTED } from '../../src/retention.ts'
import { openReceiver, publish } from '../fixtures/hookline.ts'
import { makeOutagesShort } from './outage.ts'
import {
  answering,
  call,
  createWebhook,
  eventually,
  fares,
  openWorld,
  retryingAtOnce,
  type World,
} from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }

/** Lets the consumer throw once, where it groups such things. */
function crashAtGrouping(isIt: (items: readonly unknown[]) => boolean): () => number {
  const { groupBy } = Map
  let crashes = 0
  vi.spyOn(Map, 'groupBy').mockImplementation((items, keyOf) => {
    const all = [...items]
    if (crashes === 0 && isIt(all)) {
      crashes += 1
      throw new Error('The consumer crashed.')
    }
    return groupBy.call(Map, all, keyOf) as never
  })
  return () => crashes
}

afterEach(() => {
  vi.mocked(Map.groupBy).mockRestore?.()
})

makeOutagesShort()

/** Publishes an event by the queue, for its consumer to send; returns its id. */
async function publishByQueue({ tenant, key }: World): Promise<string> {
  const events = [{ type: 'invoice.paid', data: { total: 1 } }]
  await env.EVENTS.send({ v: 1, tenantId: tenant.id, events })
  let id = ''
  await eventually(async () => {
    const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', '/events')
    expect(items).toHaveLength(1)
    id = items[0]?.id ?? ''
  })
  return id
}

describe('a consumer that throws', () => {
  it('before it sent anything delivers when its batch comes again', async () => {
    const world = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(world.key, receiver)
    const crashes = crashAtGrouping(() => true)
    const id = await publishByQueue(world)
    await fares(world.key, id, webhook, 'delivered')
    expect(crashes()).toBe(1)
    expect(receiver.requests).toHaveLength(1)
  })

  it('where it should note what it sent does not send that again', async () => {
    const world = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(world.key, receiver)
    const crashes = crashAtGrouping(([first]) => Object.hasOwn(Object(first), 'outcome'))
    const id = await publishByQueue(world)
    await fares(world.key, id, webhook, 'delivered')
    expect(crashes()).toBe(1)
    // Whatever comes again has come by now.
    await fares(world.key, await publish(world.key, event), webhook, 'delivered')
    expect(receiver.requests).toHaveLength(2)
  })
})

describe('a publish that throws after its answer', () => {
  it('is answered, and its event waits for the alarm of its event log', async () => {
    const { key, tenant } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const crashes = crashAtGrouping(() => true)
    const id = await publish(key, event)
    await eventually(async () => expect(crashes()).toBe(1))
    expect(receiver.requests).toEqual([])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ACCEPTED.underWayMs + 1_000 })
    await runDurableObjectAlarm(env.EVENT_LOGS.getByName(tenant.id))
    vi.useRealTimers()
    await fares(key, id, webhook, 'delivered')
    expect(receiver.requests).toHaveLength(1)
  })
})

describe('a receiver that hangs', () => {
  it('delays no other webhook and loses nothing', async () => {
    const { key } = await openWorld()
    const { promise, resolve } = Promise.withResolvers<void>()
    const hanging = openReceiver(async () => {
      await promise
      return new Response(null, { status: 204 })
    })
    const quick = openReceiver()
    const slow = await createWebhook(key, hanging)
    const other = await createWebhook(key, quick)
    const ids = [await publish(key, event), await publish(key, event)]
    for (const id of ids) await fares(key, id, other, 'delivered')
    resolve()
    for (const id of ids) await fares(key, id, slow, 'delivered')
    const { items } = await call<{ items: unknown[] }>(
      key,
      200,
      'GET',
      `/webhooks/${slow.id}/attempts`,
    )
    expect(items).toHaveLength(2)
    expect(hanging.requests).toHaveLength(2)
  })
})

describe('a webhook that fails', () => {
  it('at once stays in the fast lane: it holds nobody up', async () => {
    const { key } = await openWorld()
    const receiver = answering(500, 500, 500, 204)
    const webhook = await createWebhook(key, receiver, retryingAtOnce(5))
    await fares(key, await publish(key, event), webhook, 'delivered')
    const health = await call<{ lane: string }>(key, 200, 'GET', `/webhooks/${webhook.id}/health`)
    expect(health.lane).toBe('fast')
    expect(receiver.requests).toHaveLength(4)
  })
})
