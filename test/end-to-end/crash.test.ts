// docs/contracts/delivery.md, "Guarantees", when things go wrong under real queues.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { openReceiver, publish } from '../fixtures/hookline.ts'
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

/** Lets the consumer throw where it groups things for the n-th time. */
function crashAtGrouping(n: number): () => number {
  const { groupBy } = Map
  let calls = 0
  vi.spyOn(Map, 'groupBy').mockImplementation((items, keyOf) => {
    calls += 1
    if (calls === n) throw new Error('The consumer crashed.')
    return groupBy.call(Map, items, keyOf) as never
  })
  return () => calls
}

afterEach(() => {
  vi.mocked(Map.groupBy).mockRestore?.()
})

describe('a consumer that throws', () => {
  it('before it sent anything delivers when its batch comes again', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const calls = crashAtGrouping(1)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'delivered')
    expect(calls()).toBeGreaterThan(1)
    expect(receiver.requests).toHaveLength(1)
  })

  it('after it wrote down what it sent does not send that again', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    // By tenant for the webhooks, by webhook for the log, by tenant for the log of events.
    const calls = crashAtGrouping(3)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'delivered')
    expect(calls()).toBeGreaterThan(3)
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
  it('gets its events from the slow lane until it is well', async () => {
    const { key } = await openWorld()
    const receiver = answering(500, 500, 204)
    const webhook = await createWebhook(key, receiver, retryingAtOnce(5))
    const lane = async () =>
      (await call<{ lane: string }>(key, 200, 'GET', `/webhooks/${webhook.id}/health`)).lane
    const first = await publish(key, event)
    await fares(key, first, webhook, 'delivered')
    expect(await lane()).toBe('slow')
    for (let n = 0; n < 4; n += 1) {
      await fares(key, await publish(key, event), webhook, 'delivered')
    }
    await eventually(async () => expect(await lane()).toBe('fast'))
    expect(receiver.requests).toHaveLength(7)
  })
})
