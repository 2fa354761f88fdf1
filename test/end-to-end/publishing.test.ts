// From every door to the receivers: what a 202 promises, and what a repetition does.

import { runDurableObjectAlarm } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { ACCEPTED } from '../../src/retention.ts'
import {
  administrate,
  callNoOther,
  createKey,
  createTenant,
  openReceiver,
  publish,
  send,
  sendAs,
  type TestKey,
} from '../fixtures/hookline.ts'
import { publishWithoutEventLog } from '../fixtures/publishers.ts'
import {
  answering,
  call,
  createWebhook,
  divertedIds,
  eventually,
  fares,
  final,
  openWorld,
} from './world.ts'

interface Published {
  readonly events: readonly { readonly id: string; readonly duplicate: boolean }[]
}

const paid = { type: 'invoice.paid', data: { total: 1 } }

const publishAll = (key: TestKey, input: unknown) =>
  call<Published>(key, 202, 'POST', '/events', input)

/** Bodies of this many events, each so large. */
function manyEvents(count: number, chars: number) {
  const text = 'x'.repeat(chars)
  return Array.from({ length: count }, (_, n) => ({ ...paid, data: { n, text } }))
}

describe('a publish', () => {
  it('reaches 150 webhooks, each once', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    await Promise.all(Array.from({ length: 150 }, () => createWebhook(key, receiver)))
    const id = await publish(key, { type: 'invoice.paid', data: '{}' })
    // The cheap look first: each of the other reads 150 objects.
    await receiver.received(150)
    await eventually(async () => {
      const { deliveries } = await call<{ deliveries: { status: string; attempts: number }[] }>(
        key,
        200,
        'GET',
        `/events/${id}`,
      )
      expect(deliveries).toHaveLength(150)
      expect(deliveries.filter(({ status }) => status !== 'delivered')).toEqual([])
    })
    expect(receiver.requests).toHaveLength(150)
  })

  it('larger than one batch of the queue arrives whole, in its order in the log', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver)
    const { events } = await publishAll(key, manyEvents(30, 20_000))
    await receiver.received(30)
    const numbers = receiver.requests.map(({ body }) => JSON.parse(body).data.n)
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n))
    await eventually(async () => {
      const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', '/events')
      expect(items.map(({ id }) => id)).toEqual(events.map(({ id }) => id).toReversed())
    })
  })

  it('under the id of a tenant that was deleted is delivered and logged like any other', async () => {
    const { tenant } = await openWorld()
    const bearer = { authorization: `Bearer ${env.ADMIN_TOKEN}` }
    const path = `/v1/tenants/${tenant.id}`
    expect((await send({ method: 'DELETE', path }, bearer)).status).toBe(202)
    const key = await createKey(await administrate('/v1/tenants', { name: 'Again', id: tenant.id }))
    const receiver = openReceiver()
    await createWebhook(key, receiver)
    // More than one batch of the queue takes, so that the log relays it.
    const { events } = await publishAll(key, manyEvents(30, 20_000))
    await receiver.received(30)
    await eventually(async () => {
      const { items } = await call<{ items: unknown[] }>(key, 200, 'GET', '/events')
      expect(items).toHaveLength(events.length)
    })
  })

  it.each([
    ['one message', 1, 'send'],
    ['one batch', 8, 'sendBatch'],
  ] as const)(
    'of %s is refused with 503 when neither its log nor the queue takes it',
    async (_, count, method) => {
      const { key } = await openWorld()
      const receiver = openReceiver()
      await createWebhook(key, receiver)
      const queue = vi.spyOn(Object.getPrototypeOf(env.ACCEPTED), method)
      queue.mockRejectedValueOnce(new Error('The queue is down.'))
      publishWithoutEventLog({ isAccepted: false })
      const answer = await sendAs(key)({
        method: 'POST',
        path: '/v1/events',
        body: JSON.stringify(manyEvents(count, 20_000)),
      })
      callNoOther()
      queue.mockRestore()
      expect(answer.status).toBe(503)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      const witness = await publish(key, { type: 'invoice.paid', data: '{"witness":true}' })
      await receiver.received(1)
      expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([witness])
    },
  )

  it('with one bad event publishes nothing', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver)
    await call(key, 400, 'POST', '/events', [paid, { type: 'invoice.paid' }])
    await publish(key, { type: 'invoice.paid', data: '{"witness":true}' })
    await receiver.received(1)
    expect(receiver.requests[0]?.body).toContain('witness')
  })
})

describe('a repeated publish', () => {
  it('of the same id and content is a duplicate, and is delivered once', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const event = { ...paid, id: 'order-42' }
    const first = await publishAll(key, event)
    const id = first.events[0]?.id ?? ''
    await fares(key, id, webhook, 'delivered')
    const second = await publishAll(key, event)
    expect(first.events[0]).toMatchObject({ duplicate: false })
    expect(second.events[0]).toEqual({ id, type: 'invoice.paid', duplicate: true })
    const witness = await publish(key, { type: 'invoice.paid', data: '{}' })
    await fares(key, witness, webhook, 'delivered')
    expect(receiver.requests).toHaveLength(2)
  })

  it('of the same id twice in one request is delivered once', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const event = { ...paid, id: 'order-43' }
    const { events } = await publishAll(key, [event, event])
    expect(events.map(({ duplicate }) => duplicate)).toEqual([false, true])
    expect(events[0]?.id).toBe(events[1]?.id)
    await fares(key, events[0]?.id ?? '', webhook, 'delivered')
    expect(receiver.requests).toHaveLength(1)
  })

  it('of the same id and other content is a conflict that claims nothing', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver)
    await publishAll(key, { ...paid, id: 'a' })
    await receiver.received(1)
    const other = { type: 'invoice.paid', data: { total: 2 } }
    await call(key, 409, 'POST', '/events', [
      { ...other, id: 'b' },
      { ...other, id: 'a' },
    ])
    await publishAll(key, { ...paid, id: 'b' })
    await receiver.received(2)
    expect(receiver.requests.map(({ body }) => JSON.parse(body).data.total)).toEqual([1, 1])
  })

  it('under the same Idempotency-Key gets the first answer, and is delivered once', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const repeat = (input: unknown) =>
      send(
        { method: 'POST', path: '/v1/events', body: JSON.stringify(input) },
        { authorization: `Bearer ${key.token}`, 'idempotency-key': 'request-1' },
      )
    const first = await repeat([paid, { ...paid, id: 'keyed' }])
    const { events } = first.body as Published
    for (const { id } of events) await fares(key, id, webhook, 'delivered')
    const second = await repeat([paid, { ...paid, id: 'keyed' }])
    expect([first.status, second.status]).toEqual([202, 202])
    expect(second.body).toEqual(first.body)
    expect(await repeat(paid)).toMatchObject({ status: 422 })
    const witness = await publish(key, { type: 'invoice.paid', data: '{}' })
    await fares(key, witness, webhook, 'delivered')
    expect(receiver.requests).toHaveLength(3)
  })

  it('of an id whose first answer was lost is a duplicate, which its log sends on', async () => {
    const { key, tenant } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const event = { ...paid, id: 'order-44' }
    publishWithoutEventLog({ isAccepted: true })
    await call(key, 503, 'POST', '/events', event)
    callNoOther()
    const { events } = await publishAll(key, event)
    expect(events).toMatchObject([{ duplicate: true }])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ACCEPTED.underWayMs + 1_000 })
    await runDurableObjectAlarm(env.EVENT_LOGS.getByName(tenant.id))
    vi.useRealTimers()
    await fares(key, events[0]?.id ?? '', webhook, 'delivered')
    expect(receiver.requests).toHaveLength(1)
  })
})

describe('other doors', () => {
  it('publish by RPC', async () => {
    const { tenant, key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const one = await exports.Publisher.publish(tenant.id, paid)
    const two = await exports.Publisher.publish(tenant.id, [paid, { ...paid, id: 'rpc' }])
    expect(two.events).toHaveLength(2)
    for (const { id } of [...one.events, ...two.events]) await fares(key, id, webhook, 'delivered')
    const unknown = '01940000-0000-7000-8000-00000000ffff'
    const refusal = async (tenantId: string, input: unknown) => {
      try {
        return await exports.Publisher.publish(tenantId, input)
      } catch (error) {
        return String(error)
      }
    }
    expect(await refusal(tenant.id, { type: 'a b', data: {} })).toContain('type')
    expect(await refusal(unknown, paid)).toContain('No such tenant')
    expect(await refusal('nobody', paid)).toContain('No such tenant')
    expect(await refusal(undefined as unknown as string, paid)).toContain('No such tenant')
  })

  it('take a tenant by its uid, and by its id in capitals', async () => {
    const uid = `product-${crypto.randomUUID()}`
    const tenant = await createTenant('Acme', { uid })
    const key = await createKey(tenant)
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    for (const tenantId of [uid, tenant.id.toUpperCase()]) {
      const { events } = await exports.Publisher.publish(tenantId, paid)
      for (const { id } of events) await fares(key, id, webhook, 'delivered')
      await env.EVENTS.send({ v: 1, tenantId, events: [paid, paid] })
    }
    await receiver.received(6)
    await eventually(async () => {
      const { items } = await call<{ items: unknown[] }>(key, 200, 'GET', '/events')
      expect(items).toHaveLength(6)
    })
  })

  it('publish by queue, as an object and as text, beside what cannot be read', async () => {
    const { tenant, key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver)
    const message = { v: 1, tenantId: tenant.id, events: [paid] }
    await env.EVENTS.send('what is this', { contentType: 'text' })
    await env.EVENTS.send(message)
    await env.EVENTS.send({ ...message, v: 2 })
    await env.EVENTS.send(JSON.stringify(message), { contentType: 'text' })
    await env.EVENTS.send(new Map([['v', 1]]), { contentType: 'v8' })
    await env.EVENTS.send(message, { contentType: 'v8' })
    await receiver.received(3)
    await eventually(async () => {
      const { results } = await env.DB.prepare('SELECT body FROM dead_letters').all()
      // Beside what came late of an earlier file. A map is no text: that is all that is left of it.
      expect(results.map(({ body }) => body)).toEqual(
        expect.arrayContaining(['what is this', '{}', expect.stringContaining('"v":2')]),
      )
    })
  })
})

describe('sending again', () => {
  it('an event reaches one webhook, or all that match it now', async () => {
    const { key } = await openWorld()
    const [first, second] = [openReceiver(), openReceiver()]
    const webhook = await createWebhook(key, first)
    const id = await publish(key, { type: 'invoice.paid', data: '{}' })
    await fares(key, id, webhook, 'delivered')
    await createWebhook(key, second)
    await call(key, 202, 'POST', `/events/${id}/resend`, {})
    await first.received(2)
    await second.received(1)
    await call(key, 202, 'POST', `/events/${id}/resend`, { webhookId: webhook.id })
    await first.received(3)
    expect(second.requests).toHaveLength(1)
    await call(key, 404, 'POST', `/events/${crypto.randomUUID()}/resend`, {})
  })

  it('a replay sends what a webhook missed, of the asked types and times', async () => {
    const { key } = await openWorld()
    const receiver = answering(204, 500, 204)
    const webhook = await createWebhook(key, receiver, final)
    const since = new Date(Date.now() - 1_000).toISOString()
    const delivered = await publish(key, { type: 'invoice.paid', data: '{"n":1}' })
    await fares(key, delivered, webhook, 'delivered')
    const missed = await publish(key, { type: 'invoice.paid', data: '{"n":2}' })
    await fares(key, missed, webhook, 'diverted')
    const other = await publish(key, { type: 'invoice.other', data: '{"n":3}' })
    await fares(key, other, webhook, 'delivered')
    const unwanted = await publish(key, { type: 'order.paid', data: '{"n":4}' })
    await eventually(async () => {
      await call(key, 200, 'GET', `/events/${unwanted}`)
    })
    const until = new Date(Date.now() + 1_000).toISOString()
    const replay = (input: Record<string, unknown>) =>
      call<{ jobId: string }>(key, 202, 'POST', `/webhooks/${webhook.id}/replay`, {
        ...{ since, until, ...input },
      })
    /** How many events a replay sends, once it has sent them. */
    const replayed = async (input: Record<string, unknown>) => {
      const job = await replay(input)
      expect(job).toEqual({ jobId: expect.any(String), queued: null })
      const read = () =>
        call<{ state: string; total: number | null }>(key, 200, 'GET', `/jobs/${job.jobId}`)
      await eventually(async () => expect(await read()).toMatchObject({ state: 'done' }))
      return (await read()).total
    }

    expect(await replayed({ onlyMissing: true })).toBe(1)
    await fares(key, missed, webhook, 'delivered')
    expect(await divertedIds(key, webhook)).toEqual([])
    expect(await replayed({ onlyMissing: true })).toBe(0)
    expect(await replayed({ eventTypes: ['invoice.other'] })).toBe(1)
    await receiver.received(5)
    expect(await replayed({})).toBe(3)
    await receiver.received(8)
    expect(await replayed({ until: since })).toBe(0)
    const numbers = receiver.requests.map(({ body }) => JSON.parse(body).data.n)
    expect(numbers.slice(0, 5)).toEqual([1, 2, 3, 2, 3])
    expect(numbers.slice(5).toSorted()).toEqual([1, 2, 3])
  })
})

it('keeps tenants apart', async () => {
  const [one, two] = [await openWorld(), await openWorld()]
  const receiver = openReceiver()
  const webhook = await createWebhook(one.key, receiver)
  await createTenant()
  const foreign = await publish(two.key, { type: 'invoice.paid', data: '{}' })
  await eventually(async () => {
    await call(two.key, 200, 'GET', `/events/${foreign}`)
  })
  const own = await publish(one.key, { type: 'invoice.paid', data: '{}' })
  await fares(one.key, own, webhook, 'delivered')
  expect(receiver.requests).toHaveLength(1)
  await call(one.key, 404, 'GET', `/events/${foreign}`)
})
