// docs/contracts/delivery.md, "The request a receiver gets" and "What counts as delivered", from HTTP to the receiver.

import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, it } from 'vitest'
import { openReceiver, publish } from '../fixtures/hookline.ts'
import {
  answering,
  call,
  createWebhook,
  fares,
  openWorld,
  retryingAtOnce,
  type TestWebhook,
} from './world.ts'

const STRANGE =
  '{ "10":12345678901234567890, "9":1.10,\t"b":1e400, "a":-0.0, "a":1E+2,\n "u":"\\u00e9 é \\ud83d\\udcee 📮", "s":"\\/ \\" \\\\ \u2028", "n":null, "e":{}, "l":[ ] }'

const event = { type: 'invoice.paid', data: '{"total":1}' }

describe('the body', () => {
  it('is what the producer wrote, byte for byte, on every attempt', async () => {
    const { key } = await openWorld()
    const receiver = answering(500, 503, 204)
    const webhook = await createWebhook(key, receiver, retryingAtOnce(5))
    const id = await publish(key, { type: 'invoice.paid', data: STRANGE })
    const requests = await receiver.received(3)
    for (const { body, headers } of requests) {
      expect(body.slice(body.indexOf('"data":'))).toBe(`"data":${STRANGE}}`)
      expect(body).toBe(requests[0]?.body)
      expect(headers['webhook-id']).toBe(id)
    }
    await fares(key, id, webhook, 'delivered')
  })

  it('is the same when it is resent days later', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver)
    const id = await publish(key, { type: 'invoice.paid', data: STRANGE })
    await receiver.received(1)
    await fares(key, id, { id: (await only(key)).id }, 'delivered')
    await call(key, 202, 'POST', `/events/${id}/resend`, {})
    const [first, second] = await receiver.received(2)
    expect(second?.body).toBe(first?.body)
    expect(second?.headers['webhook-id']).toBe(id)
  })
})

async function only(key: Parameters<typeof call>[0]): Promise<TestWebhook> {
  const { items } = await call<{ items: TestWebhook[] }>(key, 200, 'GET', '/webhooks')
  const [webhook] = items
  if (webhook === undefined) throw new Error('There is no webhook.')
  return webhook
}

describe('the headers', () => {
  it('are those of the contract and the webhook’s own', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver, { headers: { 'X-Team': 'blue' } })
    const id = await publish(key, event)
    const [request] = await receiver.received(1)
    expect(request?.method).toBe('POST')
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Hookline/0.1.0',
      'webhook-id': id,
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
      'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
      'x-team': 'blue',
    })
  })

  it('hold a signature that the libraries of Standard Webhooks and Svix verify', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const { secret } = await createWebhook(key, receiver)
    await publish(key, { type: 'invoice.paid', data: '{"name":"Grüße 📮"}' })
    const [request] = await receiver.received(1)
    const { body = '', headers = {} } = request ?? {}
    expect(new StandardWebhook(secret).verify(body, headers)).toMatchObject({
      data: { name: 'Grüße 📮' },
    })
    expect(() => new SvixWebhook(secret).verify(body, headers)).not.toThrow()
    expect(() => new StandardWebhook(secret).verify(`${body} `, headers)).toThrow()
  })

  it('hold the signatures of both secrets during a rotation’s grace, the newest first', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const path = `/webhooks/${webhook.id}/rotate-secret`
    const { secret } = await call<{ secret: string }>(key, 200, 'POST', path, {})
    await publish(key, event)
    const [request] = await receiver.received(1)
    const { body = '', headers = {} } = request ?? {}
    const [newest = '', former = '', ...more] = headers['webhook-signature']?.split(' ') ?? []
    expect(more).toEqual([])
    const one = (signature: string) => ({ ...headers, 'webhook-signature': signature })
    expect(() => new StandardWebhook(secret).verify(body, one(newest))).not.toThrow()
    expect(() => new StandardWebhook(webhook.secret).verify(body, one(former))).not.toThrow()
    expect(() => new SvixWebhook(webhook.secret).verify(body, headers)).not.toThrow()
  })

  it('hold the signature of the new secret alone without grace', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const path = `/webhooks/${webhook.id}/rotate-secret`
    const input = { gracePeriodSeconds: 0 }
    const { secret } = await call<{ secret: string }>(key, 200, 'POST', path, input)
    await publish(key, event)
    const [request] = await receiver.received(1)
    const { body = '', headers = {} } = request ?? {}
    expect(headers['webhook-signature']).not.toContain(' ')
    expect(() => new StandardWebhook(secret).verify(body, headers)).not.toThrow()
  })

  it('of a retry are signed with the secret of the day', async () => {
    const { key } = await openWorld()
    let rotated = { secret: '' }
    const receiver = openReceiver(async () => {
      if (receiver.requests.length > 1) return new Response(null, { status: 204 })
      const path = `/webhooks/${webhook.id}/rotate-secret`
      rotated = await call(key, 200, 'POST', path, { gracePeriodSeconds: 0 })
      return new Response(null, { status: 500 })
    })
    const webhook = await createWebhook(key, receiver, retryingAtOnce(1))
    await publish(key, event)
    const [, retry] = await receiver.received(2)
    const { body = '', headers = {} } = retry ?? {}
    expect(() => new StandardWebhook(rotated.secret).verify(body, headers)).not.toThrow()
  })
})

interface Attempts {
  readonly items: readonly {
    readonly outcome: string
    readonly statusCode: number | null
    readonly error: string | null
    readonly responseExcerpt: string | null
  }[]
}

describe('an answer', () => {
  const attemptsOf = (key: Parameters<typeof call>[0], { id }: { id: string }) =>
    call<Attempts>(key, 200, 'GET', `/webhooks/${id}/attempts`)

  it('that redirects is a failure and is not followed', async () => {
    const { key } = await openWorld()
    const elsewhere = openReceiver()
    const receiver = openReceiver(
      () => new Response(null, { status: 307, headers: { location: elsewhere.url } }),
    )
    const webhook = await createWebhook(key, receiver, {
      failureHandling: { retry: null, triggers: ['3xx'] },
    })
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    expect(elsewhere.requests).toEqual([])
    expect((await attemptsOf(key, webhook)).items).toMatchObject([
      { outcome: 'failed', statusCode: 307 },
    ])
  })

  it('that the triggers exclude is not tried again, and counts', async () => {
    const { key } = await openWorld()
    const receiver = answering(302)
    const failureHandling = { ...retryingAtOnce(3).failureHandling, triggers: ['5xx'] }
    const webhook = await createWebhook(key, receiver, { failureHandling })
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    expect((await attemptsOf(key, webhook)).items).toMatchObject([{ statusCode: 302 }])
    expect(await call(key, 200, 'GET', `/webhooks/${webhook.id}/health`)).toMatchObject({
      consecutiveFailures: 1,
    })
    expect(receiver.requests).toHaveLength(1)
  })

  it('that failed is kept in its first 1,024 bytes', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver(() => new Response('x'.repeat(100_000), { status: 500 }))
    const webhook = await createWebhook(key, receiver, { failureHandling: { retry: null } })
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    const { items } = await attemptsOf(key, webhook)
    expect(items[0]?.responseExcerpt).toBe('x'.repeat(1_024))
  })

  it.each([
    ['fails', 500, 'diverted'],
    ['succeeds', 200, 'delivered'],
  ])('without an end is cut, whether it %s', async (_, status, fate) => {
    const { key } = await openWorld()
    let isCancelled = false
    const receiver = openReceiver(() => {
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(4_096).fill(120)),
        cancel: () => {
          isCancelled = true
        },
      })
      return new Response(body, { status })
    })
    const webhook = await createWebhook(key, receiver, { failureHandling: { retry: null } })
    const id = await publish(key, event)
    await fares(key, id, webhook, fate)
    expect(isCancelled).toBe(true)
  })

  it('that cannot be had is an attempt like any other', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver(() => {
      throw new TypeError('Connection refused')
    })
    const webhook = await createWebhook(key, receiver, { failureHandling: { retry: null } })
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    expect((await attemptsOf(key, webhook)).items).toMatchObject([
      { outcome: 'failed', statusCode: null, error: expect.stringMatching(/./) },
    ])
  })
})
