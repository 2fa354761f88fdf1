// examples/receiver in Node, behind the deployment's own Worker: every request is one that Hookline signed, or such a one
// altered.

import { afterEach, describe, expect, inject, it, vi } from 'vitest'
import { becomes, call, createWebhook, eventually, fares, openWorld } from '../end-to-end/world.ts'
import type { Handled, Trouble } from '../fixtures/example-receivers.ts'
import { openReceiver, publish, type ReceivedRequest } from '../fixtures/hookline.ts'

/** As it is before a receiver takes its place. */
const { fetch } = globalThis

afterEach(() => {
  vi.useRealTimers()
})

/** A webhook of a tenant of its own, whose requests the example gets. */
async function openExample() {
  const { key } = await openWorld()
  const statuses: number[] = []
  let example = ''
  const answer = async ({ method, headers, body }: ReceivedRequest) => {
    const { status } = await fetch(example, { method, headers, ...(method === 'POST' && { body }) })
    statuses.push(status)
    return new Response(null, { status })
  }
  const receiver = openReceiver(answer)
  const fields = { failureHandling: { retry: { type: 'linear', intervalSeconds: 0, attempts: 5 } } }
  const webhook = await createWebhook(key, receiver, fields)
  const origin = inject('exampleReceivers')
  const opened = await fetch(origin, { method: 'POST', body: webhook.secret })
  const port = await opened.text()
  example = `http://127.0.0.1:${port}/`
  const ask = async (path: string, trouble?: Partial<Trouble>): Promise<readonly Handled[]> => {
    const how = trouble ? { method: 'PUT', body: JSON.stringify(trouble) } : {}
    return (await fetch(`${origin}/${port}${path}`, how)).json()
  }
  return {
    ...{ key, webhook, receiver, statuses, answer },
    /** Lets it have trouble. */
    trouble: (trouble: Partial<Trouble>) => ask('', trouble),
    /** The work that was begun. */
    begun: () => ask(''),
    /** The same once nothing is left to do. */
    handled: () => ask('/all'),
  }
}

/** An example that got one genuine request and accepted it, which is returned. */
async function openDelivered(trouble: Partial<Trouble> = {}) {
  const example = await openExample()
  await example.trouble(trouble)
  const id = await publish(example.key, { type: 'invoice.paid', data: '{"total": 1.10}' })
  await fares(example.key, id, example.webhook, 'delivered')
  const [request] = await example.receiver.received(1)
  if (request === undefined) throw new Error('Nothing came.')
  return { ...example, id, request }
}

const isNow = { type: 'invoice.paid', data: '{"now":true}' }

describe('a request that Hookline signed', () => {
  it('is verified, stored, answered with 204 and handled', async () => {
    const { id, statuses, handled } = await openDelivered()
    expect(statuses).toEqual([204])
    const event = { type: 'invoice.paid', timestamp: expect.any(String), data: { total: 1.1 } }
    expect(await handled()).toEqual([[id, event]])
  })

  it('is verified by the old secret while a rotation goes on', async () => {
    const { key, webhook, statuses } = await openDelivered()
    await call(key, 200, 'POST', `/webhooks/${webhook.id}/rotate-secret`, {})
    await fares(key, await publish(key, isNow), webhook, 'delivered')
    expect(statuses).toEqual([204, 204])
  })

  it('is not verified by another secret', async () => {
    const { key, webhook, statuses, handled } = await openDelivered()
    const rotation = { gracePeriodSeconds: 0 }
    await call(key, 200, 'POST', `/webhooks/${webhook.id}/rotate-secret`, rotation)
    await fares(key, await publish(key, isNow), webhook, 'diverted')
    expect(statuses).toEqual([204, 401, 401, 401, 401, 401, 401])
    expect(await handled()).toHaveLength(1)
  })

  it('is handled once, though it is sent again', async () => {
    const { key, id, receiver, statuses, handled } = await openDelivered()
    await call(key, 202, 'POST', `/events/${id}/resend`, {})
    const requests = await receiver.received(2)
    await eventually(async () => expect(statuses).toEqual([204, 204]))
    expect(requests.map(({ headers }) => headers['webhook-id'])).toEqual([id, id])
    expect(await handled()).toHaveLength(1)
  })

  it('is handled once, though it comes twice at the same moment', async () => {
    const { request, answer, statuses, handled } = await openDelivered()
    await Promise.all([answer(request), answer(request)])
    expect(statuses).toEqual([204, 204, 204])
    expect(await handled()).toHaveLength(1)
  })
})

describe('a request that is refused', () => {
  const signedAnew = (
    { headers, ...request }: ReceivedRequest,
    others: Record<string, string>,
  ) => ({
    ...request,
    headers: { ...headers, ...others },
  })

  it.each<[string, (request: ReceivedRequest) => ReceivedRequest]>([
    ['another body', (request) => ({ ...request, body: request.body.replace('1.10', '9.10') })],
    ['other spaces', (request) => ({ ...request, body: request.body.replace(' 1.10', '1.10') })],
    ['another id', (request) => signedAnew(request, { 'webhook-id': crypto.randomUUID() })],
    [
      'another timestamp',
      (request) => {
        const later = String(Number(request.headers['webhook-timestamp']) + 1)
        return signedAnew(request, { 'webhook-timestamp': later })
      },
    ],
    ['another signature', (request) => signedAnew(request, { 'webhook-signature': 'v1,AAAA' })],
    ['no signature', (request) => signedAnew(request, { 'webhook-signature': '' })],
  ])('has %s: 401', async (_, alter) => {
    const { request, answer, statuses, handled } = await openDelivered()
    const altered = alter(request)
    expect(altered).not.toEqual(request)
    await answer(altered)
    expect(statuses).toEqual([204, 401])
    expect(await handled()).toHaveLength(1)
  })

  it.each([
    [-310, 401],
    [-290, 204],
    [290, 204],
    [310, 401],
  ])('was signed %i s from now: %i', async (seconds, status) => {
    const { key, webhook, statuses } = await openDelivered()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })
    const attempt = await call(key, 200, 'POST', `/webhooks/${webhook.id}/test`, {})
    expect(attempt).toMatchObject({ statusCode: status })
    expect(statuses).toEqual([204, status])
  })

  it('is too long, or no POST', async () => {
    const { request, answer, statuses } = await openDelivered()
    await answer({ ...request, body: 'x'.repeat(1_000_001) })
    await answer({ ...request, method: 'GET' })
    expect(statuses).toEqual([204, 413, 405])
  })
})

describe('the work', () => {
  it('is not waited for by the answer', async () => {
    const { key, webhook, trouble, begun, handled } = await openExample()
    await trouble({ isHeld: true })
    await fares(key, await publish(key, isNow), webhook, 'delivered')
    await eventually(async () => expect(await begun()).toHaveLength(1))
    await fares(key, await publish(key, isNow), webhook, 'delivered')
    expect(await begun()).toHaveLength(1)
    await trouble({ isHeld: false })
    expect(await handled()).toHaveLength(2)
  })

  it('that failed is done again with the next event', async () => {
    const { key, webhook, id, begun, handled } = await openDelivered({ failures: 1 })
    await eventually(async () => expect(await begun()).toHaveLength(1))
    const second = await publish(key, isNow)
    await fares(key, second, webhook, 'delivered')
    expect((await handled()).map(([each]) => each)).toEqual([id, id, second])
    expect(await handled()).toHaveLength(3)
  })

  it('of an event that could not be stored waits until Hookline sends it again', async () => {
    const { id, statuses, handled } = await openDelivered({ fullDisks: 1 })
    expect(statuses).toEqual([500, 204])
    expect((await handled()).map(([each]) => each)).toEqual([id])
  })
})

it('410 suspends the webhook, and a resumed one goes on', async () => {
  const { key, webhook, statuses, trouble, receiver, handled } = await openDelivered()
  await trouble({ isGone: true })
  await fares(key, await publish(key, isNow), webhook, 'diverted')
  await becomes(key, webhook, 'suspended')
  await fares(key, await publish(key, isNow), webhook, 'diverted')
  expect(statuses).toEqual([204, 410])
  await trouble({ isGone: false })
  await call(key, 204, 'POST', `/webhooks/${webhook.id}/resume`)
  await call(key, 202, 'POST', `/webhooks/${webhook.id}/diverted/resend`, {})
  await receiver.received(4)
  await eventually(async () => expect(statuses).toEqual([204, 410, 204, 204]))
  expect(await handled()).toHaveLength(3)
})
