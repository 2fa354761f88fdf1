// hookline/producer: against the deployment's own Worker, and against answers that it cannot be made to give.

import { env, exports } from 'cloudflare:workers'
import { httpProducer, PublishError, queueProducer, rpcProducer } from 'hookline/producer'
import { describe, expect, it, vi } from 'vitest'
import { PUBLISH } from '../../src/limits.ts'
import { call, createWebhook, eventually, openWorld } from '../end-to-end/world.ts'
import { createOperatorKey, openReceiver } from '../fixtures/hookline.ts'

type Fetch = (url: URL, init: RequestInit) => Promise<Response>

const URL_OF_HOOKLINE = 'https://hookline.test'
/** Without waiting. */
const AT_ONCE = { firstPauseMs: 0, longestPauseMs: 0 }
const event = { type: 'invoice.paid', data: { number: 42 } }

const deployment: Fetch = (url, init) => exports.default.fetch(new Request(url, init))

const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ code, detail: `It is ${code}.`, status }), { status, headers })
const accepted = () =>
  Response.json({ events: [{ id: 'e1', type: 'invoice.paid', duplicate: false }] }, { status: 202 })

/** Answers each try in turn. */
function answering(...answers: readonly (() => Response | Promise<Response>)[]) {
  const requests: { headers: Headers; body: unknown; url: string }[] = []
  const fetch: Fetch = async (url, init) => {
    requests.push({ headers: new Headers(init.headers), body: init.body, url: String(url) })
    return (answers[requests.length - 1] ?? answers.at(-1) ?? accepted)()
  }
  return { requests, fetch }
}

function producing(fetch: Fetch, options = {}) {
  return httpProducer({ url: URL_OF_HOOKLINE, token: 'a-token', fetch, ...AT_ONCE, ...options })
}

const failureOf = (promise: Promise<unknown>): Promise<PublishError> =>
  promise.then(
    () => Promise.reject(new Error('It was published.')),
    (error) => {
      expect(error).toBeInstanceOf(PublishError)
      return error
    },
  )

describe('over HTTP', () => {
  it('publishes one event, which arrives under the id that was answered', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver)
    const hookline = httpProducer({ url: URL_OF_HOOKLINE, token: key.token, fetch: deployment })
    const [one, ...others] = await hookline.publish(event)
    expect([one, others]).toEqual([
      { id: expect.any(String), type: 'invoice.paid', duplicate: false },
      [],
    ])
    const [request] = await receiver.received(1)
    expect(request?.headers['webhook-id']).toBe(one?.id)
  })

  it('publishes once what was stored though its answer was lost', async () => {
    const { key } = await openWorld()
    const lost: string[] = []
    const losing: Fetch = async (url, init) => {
      const answer = await deployment(url, init)
      if (lost.length > 0) return answer
      lost.push(await answer.text())
      throw new TypeError('Network connection lost.')
    }
    const again = await producing(losing, { token: key.token }).publish([event, event])
    expect(again).toEqual(JSON.parse(lost[0] ?? '').events)
    expect(await call(key, 200, 'GET', '/events')).toMatchObject({ items: [{}, {}] })
  })

  it('publishes for many tenants with an operator key', async () => {
    const { token } = await createOperatorKey()
    const hookline = httpProducer({ url: `${URL_OF_HOOKLINE}/v1/`, token, fetch: deployment })
    const uids = [crypto.randomUUID(), crypto.randomUUID()].map((id) => `shop-${id}`)
    const made = await hookline.publish(
      uids.map((tenant) => ({ ...event, tenant, createTenant: true })),
    )
    expect(made).toHaveLength(2)
  })

  it('says what Hookline refused, and where, after one try', async () => {
    const { key } = await openWorld()
    const fetch = vi.fn(deployment)
    const hookline = httpProducer({ url: URL_OF_HOOKLINE, token: key.token, fetch, ...AT_ONCE })
    const failure = await failureOf(hookline.publish([event, { ...event, type: 'no type' }]))
    expect(failure).toMatchObject({ code: 'invalid', status: 400, isRefusal: true })
    expect(failure.errors).toMatchObject([{ path: '[1].type', message: expect.any(String) }])
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('refuses another request under a key that it knows', async () => {
    const { key } = await openWorld()
    const hookline = httpProducer({ url: URL_OF_HOOKLINE, token: key.token, fetch: deployment })
    const options = { idempotencyKey: 'order-42' }
    const [first] = await hookline.publish(event, options)
    expect(await hookline.publish(event, options)).toMatchObject([{ id: first?.id }])
    const other = hookline.publish({ ...event, data: { number: 43 } }, options)
    expect(await failureOf(other)).toMatchObject({ code: 'idempotency_mismatch', isRefusal: true })
  })

  const lost = () => Promise.reject<Response>(new TypeError('fetch failed'))
  it.each([
    ['no connection', lost, { code: null, status: null }],
    ['503', () => problem(503, 'unavailable'), { code: 'unavailable', status: 503 }],
    ['429', () => problem(429, 'rate_limited'), { code: 'rate_limited', status: 429 }],
    ['500', () => problem(500, 'internal'), { code: 'internal', status: 500 }],
    ['a gateway', () => new Response('<h1>Bad gateway', { status: 502 }), { status: 502 }],
    ['half an answer', () => new Response('{"events"', { status: 202 }), { status: 202 }],
  ])('tries again after %s, under one key, then fails', async (_, answer, about) => {
    const { requests, fetch } = answering(answer)
    const failure = await failureOf(producing(fetch).publish(event))
    expect(failure).toMatchObject({ ...about, isRefusal: false })
    expect(requests).toHaveLength(5)
    const keys = requests.map(({ headers }) => headers.get('idempotency-key'))
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect(new Set(keys).size).toBe(1)
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1)

    const mended = answering(answer, answer, accepted)
    expect(await producing(mended.fetch).publish(event)).toMatchObject([{ id: 'e1' }])
    expect(mended.requests).toHaveLength(3)
  })

  it.each([
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [409, 'conflict'],
    [413, 'too_large'],
    [501, 'not_implemented'],
    [418, 'of_a_newer_version'],
  ])('does not try again after %d %s', async (status, code) => {
    const { requests, fetch } = answering(() => problem(status, code))
    const failure = await failureOf(producing(fetch).publish(event))
    expect(failure).toMatchObject({ status, code, isRefusal: true, message: `It is ${code}.` })
    expect(requests).toHaveLength(1)
  })

  it.each([302, 404])(
    'takes a %d that is not of Hookline for an address that is wrong',
    async (status) => {
      const elsewhere = { location: 'https://elsewhere.example' }
      const { requests, fetch } = answering(
        () => new Response(null, { status, headers: elsewhere }),
      )
      const failure = await failureOf(producing(fetch).publish(event))
      expect(failure).toMatchObject({ status, code: null, isRefusal: true })
      expect(requests).toHaveLength(1)
    },
  )

  it.each([
    ['3', 3_000],
    ['3600', 10_000],
    ['0', 200],
    [new Date(Date.now() + 3_600_000).toUTCString(), 10_000],
    ['soon', 200],
  ])('waits as Retry-After %s says, within bounds', async (retryAfter, atMost) => {
    const waits: number[] = []
    const timers = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
      run: () => void,
      ms: number,
    ) => {
      waits.push(ms)
      queueMicrotask(run)
      return 0
    }) as unknown as typeof setTimeout)
    try {
      const busy = () => problem(503, 'unavailable', { 'retry-after': retryAfter })
      const { fetch } = answering(busy, accepted)
      await httpProducer({ url: URL_OF_HOOKLINE, token: 't', fetch }).publish(event)
    } finally {
      timers.mockRestore()
    }
    expect(waits).toHaveLength(1)
    expect(waits[0]).toBeLessThanOrEqual(atMost)
    expect(waits[0]).toBeGreaterThanOrEqual(atMost / 2)
  })

  it('tries again what says when to come again, whatever it is', async () => {
    const resting = () => problem(409, 'conflict', { 'retry-after': '0' })
    const { requests, fetch } = answering(resting, accepted)
    await producing(fetch).publish(event)
    expect(requests).toHaveLength(2)
  })

  it.each([
    ['a BigInt', { type: 'a', data: { n: 1n } }, {}, 'malformed'],
    ['a key that no header can have', event, { idempotencyKey: 'заказ-42' }, 'invalid'],
    ['an empty key', event, { idempotencyKey: '' }, 'invalid'],
  ])('refuses %s without asking', async (_, what, options, code) => {
    const { requests, fetch } = answering(accepted)
    const failure = await failureOf(producing(fetch).publish(what, options))
    expect(failure).toMatchObject({ code, isRefusal: true })
    expect(requests).toEqual([])
  })

  it.each([
    ['none', undefined as unknown as string],
    ['an empty one', ' '],
    ['one that no header can have', 'a…token'],
  ])('refuses %s for a token, without asking', async (_, token) => {
    const { requests, fetch } = answering(accepted)
    const failure = await failureOf(producing(fetch, { token }).publish(event))
    expect(failure).toMatchObject({ code: 'unauthenticated', isRefusal: true })
    expect(requests).toEqual([])
  })

  it('takes a token with the end of the line that it was read from', async () => {
    const { requests, fetch } = answering(accepted)
    await producing(fetch, { token: 'a-token\n' }).publish(event)
    expect(requests[0]?.headers.get('authorization')).toBe('Bearer a-token')
  })

  it('waits as long as it is told, though no timer does', async () => {
    vi.useFakeTimers()
    try {
      const month = () => problem(503, 'unavailable', { 'retry-after': '2592000' })
      const { requests, fetch } = answering(month, accepted)
      const unbounded = { longestPauseMs: Number.POSITIVE_INFINITY }
      const publishing = producing(fetch, unbounded).publish(event)
      await vi.advanceTimersByTimeAsync(3_600_000)
      expect(requests).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(2_592_000_000)
      await publishing
      expect(requests).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it('stops when its caller goes away, with the reason', async () => {
    const abort = new AbortController()
    const { requests, fetch } = answering(() => {
      abort.abort(new Error('The buyer left.'))
      return problem(503, 'unavailable')
    })
    const publishing = producing(fetch).publish(event, { signal: abort.signal })
    await expect(publishing).rejects.toThrow('The buyer left.')
    expect(requests).toHaveLength(1)
  })

  it('fails where no answer comes in time', async () => {
    const hanging: Fetch = (_, { signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
      })
    const failure = await failureOf(producing(hanging, { timeoutMs: 5, tries: 2 }).publish(event))
    expect(failure).toMatchObject({ code: null, message: expect.stringContaining('within 5 ms') })
  })

  it.each(['https://hooks.example', 'https://hooks.example/', 'https://hooks.example/v1'])(
    'asks the deployment at %s',
    async (url) => {
      const { requests, fetch } = answering(accepted)
      await httpProducer({ url, token: 't', fetch }).publish(event)
      expect(requests[0]?.url).toBe('https://hooks.example/v1/events')
    },
  )
})

describe('by RPC', () => {
  it('gives an event an id of its own, and keeps it when it tries again', async () => {
    const { tenant } = await openWorld()
    const given: unknown[] = []
    const HOOKLINE = {
      publish: async (tenantId: string, events: unknown) => {
        given.push(events)
        const answer = await exports.Publisher.publish(tenantId, events)
        if (given.length === 1) throw new Error('Network connection lost.')
        return answer
      },
    }
    const hookline = rpcProducer(HOOKLINE, tenant.id, AT_ONCE)
    expect(await hookline.publish(event)).toMatchObject([{ duplicate: true }])
    expect(given).toEqual([{ ...event, id: expect.any(String) }, given[0]])
  })

  it.each([
    new DOMException('The operation timed out.', 'TimeoutError'),
    Object.assign(new Error('Network connection lost.'), { code: 'ECONNRESET' }),
    Object.assign(new Error('Away.'), { code: 'unavailable' }),
    'a text',
  ])('tries again after what says nothing of the events: %s', async (error) => {
    const publish = vi.fn().mockRejectedValue(error)
    const failure = await failureOf(rpcProducer({ publish }, 'acme', AT_ONCE).publish(event))
    expect(failure.isRefusal).toBe(false)
    expect(failure.code).toBe(failure.message === 'Away.' ? 'unavailable' : null)
    expect(publish).toHaveBeenCalledTimes(5)
  })

  it('rejects with a refusal', async () => {
    const hookline = rpcProducer(exports.Publisher, crypto.randomUUID(), AT_ONCE)
    const failure = await failureOf(hookline.publish(event))
    expect(failure).toMatchObject({
      code: 'not_found',
      message: 'No such tenant.',
      isRefusal: true,
    })
  })
})

describe('by queue', () => {
  it('splits what is too much for a message, in order', async () => {
    const { key, tenant } = await openWorld()
    const hookline = queueProducer(env.EVENTS, tenant.id)
    const many = Array.from({ length: 5 }, (_, number) => ({
      ...{ type: 'invoice.paid', id: `invoice-${number}` },
      data: { number, text: 'é'.repeat(20_000) },
    }))
    const sent: unknown[] = []
    const watched = { send: async (message: unknown) => void sent.push(message) }
    await queueProducer(watched, tenant.id).publish(many)
    expect(sent).toEqual([
      { v: 1, tenantId: tenant.id, events: many.slice(0, 3) },
      { v: 1, tenantId: tenant.id, events: many.slice(3) },
    ])
    await hookline.publish(many)
    await eventually(async () => {
      const { items } = await call<{ items: unknown[] }>(key, 200, 'GET', '/events')
      expect(items).toHaveLength(5)
    })
  })

  it('refuses an event that Hookline would refuse for its size, before it sends any', async () => {
    const send = vi.fn()
    const sized = (bytes: number) => {
      const event = { type: 'a', id: 'a', data: { text: '' } }
      const text = 'x'.repeat(bytes - JSON.stringify(event).length)
      return { ...event, data: { text } }
    }
    const { publish } = queueProducer({ send }, 'acme')
    const failure = await failureOf(publish([event, sized(PUBLISH.eventBytes + 1)]))
    expect(failure).toMatchObject({ code: 'too_large', isRefusal: true, errors: [{ path: '[1]' }] })
    expect(send).not.toHaveBeenCalled()
    await publish(sized(PUBLISH.eventBytes))
    expect(send).toHaveBeenCalledTimes(1)
  })

  it('sends as many events in a message as Hookline takes, and no more', async () => {
    const send = vi.fn()
    const many = Array.from({ length: 2 * PUBLISH.events + 1 }, () => ({ type: 'a', data: {} }))
    await queueProducer({ send }, 'acme').publish(many)
    expect(send.mock.calls.map(([{ events }]) => events.length)).toEqual([
      ...[PUBLISH.events, PUBLISH.events, 1],
    ])
  })

  it.each([
    ['nothing', [], 'invalid'],
    ['a BigInt', { type: 'a', data: { n: 1n } }, 'malformed'],
  ])('refuses %s', async (_, events, code) => {
    const send = vi.fn()
    const failure = await failureOf(queueProducer({ send }, 'acme').publish(events))
    expect(failure).toMatchObject({ code, isRefusal: true })
    expect(send).not.toHaveBeenCalled()
  })

  it('tries again, with the same ids', async () => {
    const send = vi.fn().mockRejectedValueOnce(new Error('Queue is overloaded.'))
    await queueProducer({ send }, 'acme', AT_ONCE).publish(event)
    expect(send).toHaveBeenCalledTimes(2)
    expect(send.mock.calls[0]).toEqual(send.mock.calls[1])
  })
})
