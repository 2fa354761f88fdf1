// What a 202 means: the event is there, and arrives whatever becomes of whoever published it.

import { evictAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ACCEPTED } from '../../src/retention.ts'
import { callNoOther, openReceiver, publish, send, sendAs } from '../fixtures/hookline.ts'
import {
  publishAndDie,
  publishThroughQueue,
  publishWithoutEventLog,
} from '../fixtures/publishers.ts'
import { makeOutagesShort } from './outage.ts'
import {
  answering,
  call,
  createWebhook,
  eventually,
  fares,
  final,
  openWorld,
  retryingAtOnce,
} from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }

makeOutagesShort()
afterEach(() => {
  callNoOther()
  vi.useRealTimers()
})

interface Read {
  readonly id: string
  readonly deliveries: readonly { readonly webhookId: string; readonly status: string }[]
}

describe('an event', () => {
  it('stays delivered where it was, and ended where it was not, once its webhooks are deleted', async () => {
    const { key } = await openWorld()
    const good = await createWebhook(key, openReceiver())
    const bad = await createWebhook(
      key,
      openReceiver(() => new Response(null, { status: 500 })),
      {},
    )
    const id = await publish(key, event)
    await fares(key, id, good, 'delivered')
    await fares(key, id, bad, 'failing')
    for (const { id: webhookId } of [good, bad]) {
      await call(key, 204, 'DELETE', `/webhooks/${webhookId}`)
    }
    const { deliveries } = await call<Read>(key, 200, 'GET', `/events/${id}`)
    const of = (webhook: { readonly id: string }) =>
      deliveries.find(({ webhookId }) => webhookId === webhook.id)
    expect(of(good)).toMatchObject({ status: 'delivered', attempts: 1, reason: null })
    expect(of(bad)).toMatchObject({ status: 'dropped', reason: 'The webhook was deleted.' })
  })

  it('stays delivered where it was by a retry or a resend, with all its attempts, once its webhook is deleted', async () => {
    const { key } = await openWorld()
    const failsOnce = answering(500, 204)
    const retried = await createWebhook(key, failsOnce, retryingAtOnce(3))
    const failsForGood = answering(500, 500, 204)
    const resent = await createWebhook(key, failsForGood, {
      failureHandling: { retry: null, suspend: null },
    })
    const id = await publish(key, event)
    const all = [retried, resent]
    await fares(key, id, retried, 'delivered')
    await fares(key, id, resent, 'diverted')
    const resend = { webhookId: resent.id }
    await call(key, 202, 'POST', `/events/${id}/resend`, resend)
    await failsForGood.received(2)
    await fares(key, id, resent, 'diverted')
    await eventually(async () => {
      const { deliveries } = await call<Read>(key, 200, 'GET', `/events/${id}`)
      const shown = deliveries.find(({ webhookId }) => webhookId === resent.id)
      expect(shown).toMatchObject({ status: 'diverted', attempts: 2 })
    })
    await call(key, 202, 'POST', `/events/${id}/resend`, resend)
    await fares(key, id, resent, 'delivered')
    // One that is not delivered before its webhook is deleted.
    const pending = await createWebhook(key, answering(500), {})
    const other = await publish(key, event)
    await fares(key, other, pending, 'failing')
    for (const { id: webhookId } of [...all, pending]) {
      await call(key, 204, 'DELETE', `/webhooks/${webhookId}`)
    }
    const standing = async (eventId: string, webhook: { readonly id: string }) => {
      const { deliveries } = await call<Read>(key, 200, 'GET', `/events/${eventId}`)
      return deliveries.find(({ webhookId }) => webhookId === webhook.id)
    }
    const read = async () => {
      expect(await standing(id, retried)).toMatchObject({ status: 'delivered', attempts: 2 })
      expect(await standing(id, resent)).toMatchObject({ status: 'delivered', attempts: 3 })
      const reason = 'The webhook was deleted.'
      expect(await standing(other, pending)).toMatchObject({
        status: 'dropped',
        attempts: 1,
        reason,
      })
    }
    await read()
    // What their monitors remember of having been purged ends, too.
    for (const { id: webhookId } of all) {
      await runInDurableObject(env.MONITORS.getByName(webhookId), (_, { storage }) =>
        storage.deleteAll(),
      )
    }
    await evictAllDurableObjects()
    await read()
  })

  it('can be read at once after its 202, with the webhooks that it is for', async () => {
    const { key } = await openWorld()
    const { promise, resolve } = Promise.withResolvers<void>()
    const receiver = openReceiver(async () => {
      await promise
      return new Response(null, { status: 204 })
    })
    const webhook = await createWebhook(key, receiver)
    const id = await publish(key, event)
    expect(await call<Read>(key, 200, 'GET', `/events/${id}`)).toMatchObject({
      id,
      deliveries: [{ webhookId: webhook.id, status: 'pending' }],
    })
    resolve()
    await fares(key, id, webhook, 'delivered')
  })

  it('can be read by the id that its receiver was called with, while that is called', async () => {
    const { key } = await openWorld()
    const seen: unknown[] = []
    const receiver = openReceiver(async ({ headers }) => {
      const path = `/v1/events/${headers['webhook-id']}`
      seen.push((await sendAs(key)({ method: 'GET', path })).status)
      return new Response(null, { status: 204 })
    })
    await createWebhook(key, receiver)
    const id = await publish(key, event)
    await receiver.received(1)
    await eventually(async () => expect(seen).toEqual([200]))
    expect(receiver.requests[0]?.headers['webhook-id']).toBe(id)
  })

  it('is sent once to each webhook when it goes through the queue', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    publishThroughQueue()
    const ids = [await publish(key, event), await publish(key, event)]
    for (const id of ids) await fares(key, id, webhook, 'delivered')
    expect(receiver.requests.map(({ headers }) => headers['webhook-id']).toSorted()).toEqual(ids)
  })
})

describe('a slow receiver', () => {
  it('holds no other receipt of the same publish, which is known within a second or so', async () => {
    const { key } = await openWorld()
    const { promise, resolve } = Promise.withResolvers<void>()
    const hanging = openReceiver(async () => {
      await promise
      return new Response(null, { status: 204 })
    })
    const quick = openReceiver()
    const slow = await createWebhook(key, hanging)
    const other = await createWebhook(key, quick)
    const id = await publish(key, event)
    await Promise.all([hanging.received(1), quick.received(1)])
    const begin = Date.now()
    await fares(key, id, other, 'delivered')
    expect(Date.now() - begin).toBeLessThan(5_000)
    const { deliveries } = await call<Read>(key, 200, 'GET', `/events/${id}`)
    expect(deliveries.find(({ webhookId }) => webhookId === slow.id)?.status).toBe('pending')
    resolve()
    await fares(key, id, slow, 'delivered')
    expect([hanging.requests.length, quick.requests.length]).toEqual([1, 1])
  })
})

describe('a publish that dies after its answer', () => {
  it.each([
    ['and its event log sleeps since', evictAllDurableObjects],
    ['', async () => {}],
  ])('is completed by the alarm of its event log, once %s', async (_, sleep) => {
    const { key, tenant } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    publishAndDie()
    const lost = await publish(key, event)
    callNoOther()
    const sent = await publish(key, event)
    await fares(key, sent, webhook, 'delivered')
    await sleep()
    const log = env.EVENT_LOGS.getByName(tenant.id)
    // It looks for nothing that may be under way.
    await runDurableObjectAlarm(log)
    expect(receiver.requests).toHaveLength(1)
    await sleep()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ACCEPTED.underWayMs + 1_000 })
    expect(await runDurableObjectAlarm(log)).toBe(true)
    vi.useRealTimers()
    await fares(key, lost, webhook, 'delivered')
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([sent, lost])
  })

  it('is completed for those of its webhooks alone that got nothing', async () => {
    const { key, tenant } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    publishAndDie()
    const id = await publish(key, event)
    callNoOther()
    const late = openReceiver()
    await createWebhook(key, late)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ACCEPTED.underWayMs + 1_000 })
    await runDurableObjectAlarm(env.EVENT_LOGS.getByName(tenant.id))
    vi.useRealTimers()
    await fares(key, id, webhook, 'delivered')
    expect(late.requests).toEqual([])
  })
})

describe('a publish that cannot reach its event log', () => {
  it.each([
    ['which accepted nothing', false],
    ['which accepted its events all the same', true],
  ])('is answered 202, %s, and arrives once, by the queue', async (_, isAccepted) => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    publishWithoutEventLog({ isAccepted })
    const id = await publish(key, event)
    callNoOther()
    await receiver.received(1)
    await fares(key, id, webhook, 'delivered')
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([id])
  })

  it.each([
    ['an id of its own', { id: 'order-1' }, {}],
    ['an Idempotency-Key', {}, { 'idempotency-key': 'request-1' }],
  ])(
    'with %s is refused with 503, and goes through once that is there',
    async (_, fields, more) => {
      const { key } = await openWorld()
      const receiver = openReceiver()
      const webhook = await createWebhook(key, receiver)
      const body = JSON.stringify({ type: 'invoice.paid', data: { total: 1 }, ...fields })
      const ask = () =>
        send(
          { method: 'POST', path: '/v1/events', body },
          { authorization: `Bearer ${key.token}`, ...more },
        )
      publishWithoutEventLog({ isAccepted: false })
      const refused = await ask()
      expect(refused.status).toBe(503)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      callNoOther()
      const accepted = await ask()
      expect(accepted.status).toBe(202)
      const [{ id }] = (accepted.body as { events: [{ id: string }] }).events
      await fares(key, id, webhook, 'delivered')
      expect(receiver.requests).toHaveLength(1)
    },
  )

  it('because its stub cannot even be had is answered likewise', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, final)
    const logs = vi.spyOn(Object.getPrototypeOf(env.EVENT_LOGS), 'getByName')
    logs.mockImplementationOnce(() => {
      throw new Error('The object is down.')
    })
    const id = await publish(key, event)
    logs.mockRestore()
    await receiver.received(1)
    await fares(key, id, webhook, 'delivered')
  })
})
