// docs/batching.md, as an owner and a receiver see it: through /v1, with real queues and objects.

import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { openReceiver, publish, type Receiver, type TestKey } from '../fixtures/hookline.ts'
import {
  attemptOf,
  call,
  createWebhook,
  divertedIds,
  eventually,
  fares,
  final,
  openWorld,
} from './world.ts'

interface Sent {
  readonly id: string
  readonly type: string
  readonly timestamp: string
  readonly data: unknown
}

/** Requests as their receiver reads them: the `webhook-id`, and the events. */
const batchesAt = ({ requests }: Receiver) =>
  requests.map(({ headers, body }) => ({
    id: headers['webhook-id'] ?? '',
    events: (JSON.parse(body) as { events: Sent[] }).events,
  }))
const idsAt = (receiver: Receiver) =>
  batchesAt(receiver).map(({ events }) => events.map(({ id }) => id))

const invoice = (number: number) => ({ type: 'invoice.paid', data: `{"number":${number}}` })
const publishAll = async (key: TestKey, count: number, from = 0): Promise<readonly string[]> => {
  const events = Array.from({ length: count }, (_, index) => {
    const { type, data } = invoice(from + index)
    return { type, data: JSON.parse(data) }
  })
  const answer = await call<{ events: { id: string }[] }>(key, 202, 'POST', '/events', events)
  return answer.events.map(({ id }) => id)
}
const ASKED = { batch: { maxEvents: 3, maxWaitMs: 0 } }

describe('a webhook with a batch', () => {
  it('gets events together in one signed request, in order of acceptance', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, ASKED)
    expect(webhook).toMatchObject(ASKED)
    const ids = await publishAll(key, 7)
    for (const id of ids) await fares(key, id, webhook, 'delivered')
    const batches = batchesAt(receiver)
    expect(batches.flatMap(({ events }) => events.map(({ id }) => id))).toEqual(ids)
    expect(batches.map(({ events }) => events.length).toSorted()).toEqual([1, 3, 3])
    const [first] = receiver.requests
    const signed = new Webhook(webhook.secret).verify(first?.body ?? '', first?.headers ?? {})
    expect(signed).toMatchObject({
      events: ids.slice(0, 3).map((id, number) => ({ id, type: 'invoice.paid', data: { number } })),
    })
    const { items } = await call<{ items: unknown[] }>(
      key,
      200,
      'GET',
      `/webhooks/${webhook.id}/attempts`,
    )
    const [batchId] = batches.map(({ id }) => id)
    expect(items).toHaveLength(7)
    expect(items).toContainEqual(
      expect.objectContaining({ eventId: ids[0], batchId, attempt: 1, outcome: 'delivered' }),
    )
    expect(ids).not.toContain(batchId)
  })

  it('shows of an attempt all that its request told, and tests with one of one event', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, { ...ASKED, body: '{ "no": data.number }' })
    const [first = '', second = ''] = await publishAll(key, 2)
    await fares(key, second, webhook, 'delivered')
    const attemptId = await attemptOf(key, first, webhook.id)
    const path = `/webhooks/${webhook.id}/attempts/${attemptId}/request?eventId=${first}`
    const shown = await call<{ request: { body: string } }>(key, 200, 'GET', path)
    const [sent] = receiver.requests
    expect(sent?.body).toBe('{"events":[{"no":0},{"no":1}]}')
    expect(JSON.stringify(shown)).toContain(JSON.stringify(sent?.body).slice(1, -1))
    expect(JSON.stringify(shown)).toContain(sent?.headers['webhook-id'])
    const data = { number: 7 }
    await call(key, 200, 'POST', `/webhooks/${webhook.id}/test`, { type: 'invoice.paid', data })
    expect(receiver.requests.at(-1)?.body).toBe('{"events":[{"no":7}]}')
  })

  it('waits for others as long as its owner says, and is full before that', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, {
      batch: { maxEvents: 2, maxWaitMs: 60_000 },
    })
    const first = await publish(key, invoice(1))
    await fares(key, first, webhook, 'held')
    const health = () => call<{ batch: unknown }>(key, 200, 'GET', `/webhooks/${webhook.id}/health`)
    await eventually(async () =>
      expect(await health()).toMatchObject({ batch: { waiting: 1, underWay: 0 }, hold: null }),
    )
    expect(receiver.requests).toEqual([])
    const second = await publish(key, invoice(2))
    await fares(key, second, webhook, 'delivered')
    expect(idsAt(receiver)).toEqual([[first, second]])
    expect(await health()).toMatchObject({ batch: { waiting: 0 }, totals: { delivered: 2 } })
  })

  it('says what waits for others, and what for its turn', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, {
      ...{ batch: { maxEvents: 2, maxWaitMs: 60_000 }, rate: { perMinute: 1 } },
    })
    const [first = ''] = await publishAll(key, 5)
    await fares(key, first, webhook, 'delivered')
    const path = `/webhooks/${webhook.id}/health`
    await eventually(async () =>
      expect(await call(key, 200, 'GET', path)).toMatchObject({
        rate: { waiting: 2, underWay: 0 },
        batch: { waiting: 1, underWay: 0 },
      }),
    )
  })

  it('is sent the same under the same id until its receiver takes it', async () => {
    const { key } = await openWorld()
    const answers = [500, 204]
    const receiver = openReceiver(() => new Response(null, { status: answers.shift() ?? 204 }))
    const retry = { type: 'linear', intervalSeconds: 1, attempts: 3 }
    const webhook = await createWebhook(key, receiver, { ...ASKED, failureHandling: { retry } })
    const ids = await publishAll(key, 3)
    for (const id of ids) await fares(key, id, webhook, 'delivered')
    const [one, other] = batchesAt(receiver)
    expect(other).toEqual(one)
    const path = `/webhooks/${webhook.id}/attempts?eventId=${ids[1]}`
    const { items } = await call<{ items: unknown[] }>(key, 200, 'GET', path)
    expect(items).toMatchObject([
      { attempt: 2, outcome: 'delivered', batchId: one?.id },
      { attempt: 1, statusCode: 500, batchId: one?.id },
    ])
  })

  it('gets again only what it did not take, where it answers 207', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver(({ body }) => {
      const { events } = JSON.parse(body) as { events: Sent[] }
      const isFirst = events.length > 1
      const told = events.map(({ id }, index) => ({
        id,
        status: isFirst && index === 1 ? 503 : 200,
      }))
      // What nobody names was not taken either.
      return Response.json(isFirst ? told.slice(0, 2) : told, { status: 207 })
    })
    const retry = { type: 'linear', intervalSeconds: 1, attempts: 3 }
    const webhook = await createWebhook(key, receiver, { ...ASKED, failureHandling: { retry } })
    const ids = await publishAll(key, 3)
    for (const id of ids) await fares(key, id, webhook, 'delivered')
    const [first, ...others] = batchesAt(receiver)
    expect(first?.events.map(({ id }) => id)).toEqual(ids)
    expect(others[0]?.events.map(({ id }) => id)).toEqual(ids.slice(1))
    expect(new Set(others.map(({ id }) => id))).toEqual(new Set([first?.id]))
    const path = `/webhooks/${webhook.id}/attempts?eventId=${ids[2]}&outcome=failed`
    const { items } = await call<{ items: unknown[] }>(key, 200, 'GET', path)
    expect(items).toContainEqual(
      expect.objectContaining({
        error: 'The answer of the receiver, 207, does not name the event.',
      }),
    )
  })

  it('leaves out what its filter does, and has its body make each event', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, {
      ...ASKED,
      filter: 'data.number > 1',
      body: '{ "no": data.number, "of": type }',
    })
    const ids = await publishAll(key, 4)
    for (const id of ids.slice(2)) await fares(key, id, webhook, 'delivered')
    for (const id of ids.slice(0, 2)) await fares(key, id, webhook, 'filtered')
    expect(batchesAt(receiver).flatMap(({ events }) => events)).toEqual([
      { no: 2, of: 'invoice.paid' },
      { no: 3, of: 'invoice.paid' },
    ])
  })

  it('has nobody wait for what is too long to be kept with others', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const body = 'data.number = 0 ? $pad("", 250000, "\u0001") : { "no": data.number }'
    const webhook = await createWebhook(key, receiver, { ...ASKED, body })
    const [long = '', short = ''] = await publishAll(key, 2)
    await fares(key, short, webhook, 'delivered')
    await fares(key, long, webhook, 'unsendable')
    expect(receiver.requests.map((request) => request.body)).toEqual(['{"events":[{"no":1}]}'])
  })

  it('has each of its events diverted when it is given up, and resent in another one', async () => {
    const { key } = await openWorld()
    let status = 400
    const receiver = openReceiver(() => new Response(null, { status }))
    const webhook = await createWebhook(key, receiver, { ...ASKED, ...final })
    const ids = await publishAll(key, 3)
    for (const id of ids) await fares(key, id, webhook, 'diverted')
    expect((await divertedIds(key, webhook)).toSorted()).toEqual(ids)
    status = 204
    await call(key, 202, 'POST', `/webhooks/${webhook.id}/diverted/resend`, {})
    for (const id of ids) await fares(key, id, webhook, 'delivered')
    const [first, ...others] = batchesAt(receiver)
    expect(others.flatMap(({ events }) => events.map(({ id }) => id)).toSorted()).toEqual(ids)
    expect(others.map(({ id }) => id)).not.toContain(first?.id)
  })

  it('has its events wait while it is paused, and go together after that', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, { ...ASKED, paused: true })
    const ids = await publishAll(key, 6)
    for (const id of ids) await fares(key, id, webhook, 'held')
    expect(receiver.requests).toEqual([])
    await call(key, 200, 'PATCH', `/webhooks/${webhook.id}`, { paused: false })
    for (const id of ids) await fares(key, id, webhook, 'delivered')
    expect(idsAt(receiver).flat().toSorted()).toEqual(ids)
    expect(receiver.requests.length).toBeLessThanOrEqual(3)
  })

  it('sends what waits one by one once it has none any more', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, {
      batch: { maxEvents: 50, maxWaitMs: 60_000 },
    })
    const ids = await publishAll(key, 2)
    for (const id of ids) await fares(key, id, webhook, 'held')
    await call(key, 200, 'PATCH', `/webhooks/${webhook.id}`, { batch: null })
    for (const id of ids) await fares(key, id, webhook, 'delivered')
    expect(receiver.requests.map(({ headers }) => headers['webhook-id']).toSorted()).toEqual(ids)
  })

  it('leaves out what is cancelled or expunged while it is to be tried again', async () => {
    const { key } = await openWorld()
    let status = 500
    const receiver = openReceiver(() => new Response(null, { status }))
    const retry = { type: 'linear', intervalSeconds: 3, attempts: 3 }
    const webhook = await createWebhook(key, receiver, { ...ASKED, failureHandling: { retry } })
    const [first = '', second = '', third = ''] = await publishAll(key, 3)
    for (const id of [first, second, third]) await fares(key, id, webhook, 'failing')
    await call(key, 200, 'POST', `/webhooks/${webhook.id}/cancel`, { eventIds: [second] })
    await call(key, 204, 'DELETE', `/events/${third}/content`)
    status = 204
    await fares(key, first, webhook, 'delivered')
    await fares(key, second, webhook, 'dropped')
    expect(idsAt(receiver).at(-1)).toEqual([first])
  })
})

describe('a batch', () => {
  it.each([
    [{ batch: { maxEvents: 0 } }, 'batch.maxEvents'],
    [{ batch: { maxEvents: 101 } }, 'batch.maxEvents'],
    [{ batch: { maxEvents: 2, maxWaitMs: 60_001 } }, 'batch.maxWaitMs'],
    [{ batch: {} }, 'batch.maxEvents'],
    [{ ...ASKED, order: 'webhook' }, 'batch'],
    [{ ...ASKED, headerExpressions: { 'x-type': 'type' } }, 'batch'],
    [{ ...ASKED, pathExpression: 'type' }, 'batch'],
    [{ ...ASKED, queryExpressions: { t: 'type' } }, 'batch'],
  ])('is refused where it has no place: %j', async (fields, path) => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const input = { url: receiver.url, eventTypes: ['*'], ...fields }
    const problem = await call(key, 400, 'POST', '/webhooks', input)
    expect(problem).toMatchObject({ errors: [{ path }] })
  })
})
