// A deployment whose event logs have two shards, and that has two queues of each kind, in the runtime: whatever is published arrives,
// by whichever queue, and is listed once. (vitest.config.ts has its bindings.)

import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { toEventMessages } from '../../src/engine/messages/event-message.ts'
import { shardName } from '../../src/platform/durable/shard-name.ts'
import { chooseQueue, queuesOf } from '../../src/platform/queues/choose-queue.ts'
import { answering, call, createWebhook, fares, openWorld } from '../end-to-end/world.ts'
import { anEvent } from '../fixtures/bench.ts'
import { sendAs } from '../fixtures/hookline.ts'

afterEach(() => vi.restoreAllMocks())

const retryingAtOnce = {
  failureHandling: { retry: { type: 'linear', intervalSeconds: 0, attempts: 3 } },
}

it('has two queues of each kind', () => {
  expect(queuesOf(env, 'ACCEPTED')).toHaveLength(2)
  expect(queuesOf(env, 'DELIVERIES')).toHaveLength(2)
})

it('delivers for tenants of either queue, at the second attempt', async () => {
  const queues = queuesOf(env, 'ACCEPTED')
  const taken = new Set<number>()
  for (let turn = 0; turn < 20 && taken.size < 2; turn += 1) {
    const { key, tenant } = await openWorld()
    const [text = ''] = toEventMessages({ tenantId: tenant.id, redelivered: false }, [anEvent()])
    const place = queues.indexOf(chooseQueue(queues, text))
    if (taken.has(place)) continue
    taken.add(place)
    const receiver = answering(500, 204)
    const webhook = await createWebhook(key, receiver, retryingAtOnce)
    // FIRST_ATTEMPTS is 0: it goes by the accepted queue, and its retry by the deliveries queue.
    const sent = await sendAs(key)({
      method: 'POST',
      path: '/v1/events',
      body: JSON.stringify({ type: 'invoice.paid', data: { total: 1 } }),
    })
    const { events } = sent.body as { events: { id: string }[] }
    await fares(key, events[0]?.id ?? '', webhook, 'delivered')
    expect(receiver.requests).toHaveLength(2)
  }
  expect(taken.size).toBe(2)
})

it('accepts an array under keys in both shards, once, and lists all of it', async () => {
  const { key, tenant } = await openWorld()
  const receiver = answering(204)
  const webhook = await createWebhook(key, receiver, {})
  const ids = Array.from({ length: 12 }, (_, n) => `order-${n}`)
  const body = JSON.stringify(ids.map((id) => ({ id, type: 'invoice.paid', data: {} })))
  const publish = async () => {
    const answer = await sendAs(key)({ method: 'POST', path: '/v1/events', body })
    expect(answer.status, answer.text).toBe(202)
    return (answer.body as { events: { id: string; duplicate: boolean }[] }).events
  }
  const first = await publish()
  expect(first.every(({ duplicate }) => !duplicate)).toBe(true)
  const again = await publish()
  expect(again).toEqual(first.map((one) => ({ ...one, duplicate: true })))
  for (const shard of [0, 1]) {
    const log = env.EVENT_LOGS.getByName(shardName(tenant.id, shard))
    expect((await log.list({ limit: 100 }, null)).items.length).toBeGreaterThan(0)
  }
  const listed: string[] = []
  for (let cursor = ''; cursor !== 'none'; ) {
    const page = await call<{ items: { id: string }[]; nextCursor: string | null }>(
      key,
      200,
      'GET',
      `/events?limit=5${cursor && `&cursor=${cursor}`}`,
    )
    listed.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? 'none'
  }
  expect(listed).toEqual(
    first
      .map(({ id }) => id)
      .toSorted()
      .toReversed(),
  )
  for (const { id } of first) await fares(key, id, webhook, 'delivered')
  expect(receiver.requests).toHaveLength(12)
})
