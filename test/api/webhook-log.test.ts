import { describe, expect, it, vi } from 'vitest'
import { openReceiver } from '../fixtures/hookline.ts'
import { type Ask, idOf, NOBODY, newCaller, refusal, refused } from './asked.ts'

const UUID = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
)
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const WAIT = { timeout: 5_000, interval: 20 }

async function webhookAt(ask: Ask, url: string, fields: object = {}): Promise<string> {
  const answer = await ask('POST', '/v1/webhooks', { url, eventTypes: ['a'], ...fields })
  return `/v1/webhooks/${idOf(answer)}`
}

async function publish(ask: Ask, data = '{}'): Promise<string> {
  const { body } = await ask('POST', '/v1/events', `{"type":"a","data":${data}}`)
  return (body as { events: [{ id: string }] }).events[0].id
}

type List = { items: Record<string, unknown>[]; nextCursor: string | null }

/** The items of a list once there are some. */
async function itemsOf(ask: Ask, path: string): Promise<Record<string, unknown>[]> {
  return vi.waitFor(async () => {
    const { items } = (await ask('GET', path)).body as List
    expect(items.length).toBeGreaterThan(0)
    return items
  }, WAIT)
}

/** What gives up on the first failure and keeps the event. */
const divertAtOnce = { failureHandling: { retry: null, divert: true, suspend: null } }

describe('POST /v1/webhooks/{id}/test', () => {
  it('shows the attempt as it happened', async () => {
    const { ask } = await newCaller()
    const headers = { 'retry-after': '30', 'set-cookie': 'session=planted' }
    const receiver = openReceiver(() => new Response('Not Found', { status: 404, headers }))
    const path = await webhookAt(ask, receiver.url)
    const answer = await ask('POST', `${path}/test`, '{"type":"b","data":{ "n": 1.0 }}')
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      id: UUID,
      eventId: UUID,
      eventType: 'b',
      attempt: 1,
      at: TIME,
      outcome: 'failed',
      statusCode: 404,
      durationMs: expect.any(Number),
      error: expect.any(String),
      responseExcerpt: 'Not Found',
      responseHeaders: { 'content-type': 'text/plain', 'retry-after': '30' },
      diagnosis: {
        cause: 'path_not_found',
        explanation: 'There is nothing at the path of the URL that takes a POST (404).',
        remedy: 'Check the path of the URL, and that the receiver is deployed there.',
        useUrl: null,
        source: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5',
      },
      nextAttemptAt: null,
      batchId: null,
    })
    expect(receiver.requests[0]?.body).toMatch(
      /^\{"type":"b","timestamp":"[^"]+","data":\{ "n": 1\.0 \}\}$/,
    )
  })

  it('shows what a receiver says that takes it', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver(() => new Response('{"queued":true}', { status: 200 }))
    const path = await webhookAt(ask, receiver.url)
    expect((await ask('POST', `${path}/test`)).body).toMatchObject({
      outcome: 'delivered',
      responseExcerpt: '{"queued":true}',
    })
  })

  it.each([200, 500])(
    'leaves room for another one once it was answered with %i',
    async (status) => {
      const { ask } = await newCaller()
      const receiver = openReceiver(() => new Response(null, { status }))
      const path = await webhookAt(ask, receiver.url, { rate: { concurrency: 1 } })
      const answers = [await ask('POST', `${path}/test`), await ask('POST', `${path}/test`)]
      expect(answers.map((answer) => answer.status)).toEqual([200, 200])
    },
  )

  it('needs no body', async () => {
    const { ask } = await newCaller()
    const path = await webhookAt(ask, openReceiver().url)
    const answer = await ask('POST', `${path}/test`)
    expect(answer.body).toMatchObject({ outcome: 'delivered', statusCode: 204, error: null })
  })
})

describe('GET /v1/webhooks/{id}/attempts', () => {
  it('lists attempts, filtered by event and outcome', async () => {
    const { ask } = await newCaller()
    const path = await webhookAt(ask, openReceiver().url)
    const eventId = await publish(ask)
    const [attempt] = await itemsOf(ask, `${path}/attempts?outcome=delivered`)
    expect(attempt).toEqual({
      id: UUID,
      eventId,
      eventType: 'a',
      attempt: 1,
      at: TIME,
      outcome: 'delivered',
      statusCode: 204,
      durationMs: expect.any(Number),
      error: null,
      responseExcerpt: null,
      responseHeaders: {},
      diagnosis: null,
      nextAttemptAt: null,
      batchId: null,
    })
    const mine = `${path}/attempts?eventId=`
    expect(await itemsOf(ask, `${mine}${eventId.toUpperCase()}`)).toEqual([attempt])
    expect((await ask('GET', `${mine}x`)).status).toBe(400)
    const failed = await ask('GET', `${path}/attempts?outcome=failed`)
    expect(failed.body).toEqual({ items: [], nextCursor: null })
  })
})

describe('GET /v1/webhooks/{id}/health', () => {
  it('is that of a webhook that was not used', async () => {
    const { ask } = await newCaller()
    const path = await webhookAt(ask, 'https://example.com/hook', { enabled: false })
    expect((await ask('GET', `${path}/health`)).body).toEqual({
      status: 'disabled',
      consecutiveFailures: 0,
      failingSince: null,
      suspendsAt: null,
      lastSuccessAt: null,
      diagnosis: null,
      lane: 'fast',
      hold: null,
      pause: null,
      rate: null,
      order: null,
      batch: null,
      pull: null,
      totals: { delivered: 0, failed: 0, diverted: 0, unsendable: 0 },
      latencyMs: { p50: null, p95: null },
    })
  })

  it('tells why the latest attempt failed, as its attempts do, until one succeeds', async () => {
    const { ask } = await newCaller()
    let answer = () => new Response(null, { status: 301, headers: { location: '/hook/' } })
    const receiver = openReceiver(() => answer())
    const path = await webhookAt(ask, receiver.url, divertAtOnce)
    await publish(ask)
    const useUrl = new URL('/hook/', receiver.url).href
    const [attempt] = await itemsOf(ask, `${path}/attempts`)
    expect(attempt?.diagnosis).toMatchObject({ cause: expect.stringMatching(/^redirect/) })
    const diagnosisOf = async () =>
      ((await ask('GET', `${path}/health`)).body as Record<string, unknown>).diagnosis
    expect(await diagnosisOf()).toEqual(attempt?.diagnosis)
    expect(JSON.stringify(attempt)).toContain(useUrl)
    answer = () => new Response(null, { status: 204 })
    await publish(ask)
    await vi.waitFor(async () => expect(await diagnosisOf()).toBeNull(), WAIT)
  })
})

describe('diverted events', () => {
  it('are listed, read, sent again and deleted', async () => {
    const { ask } = await newCaller()
    let status = 500
    const receiver = openReceiver(() => new Response(null, { status }))
    const path = await webhookAt(ask, receiver.url, divertAtOnce)
    const eventId = await publish(ask, '{ "n": 1.0 }')
    const [diverted] = await itemsOf(ask, `${path}/diverted`)
    expect(diverted).toMatchObject({
      eventId,
      eventType: 'a',
      trigger: '500',
      message: expect.any(String),
      divertedAt: TIME,
      event: { id: eventId, type: 'a', data: { n: 1 } },
    })
    const one = await ask('GET', `${path}/diverted/${eventId}`)
    expect(one.body).toEqual(diverted)
    expect(one.text).toContain('"data":{ "n": 1.0 }')

    status = 204
    const resent = await ask('POST', `${path}/diverted/${eventId}/resend`)
    expect([resent.status, resent.body]).toEqual([202, { jobId: expect.any(String), queued: 1 }])
    expect((await ask('GET', '/v1/jobs')).body).toMatchObject({
      items: [{ kind: 'resend', state: 'done', done: 1, total: 1 }],
    })
    const requests = await receiver.received(2)
    expect(requests.map(({ headers }) => headers['webhook-id'])).toEqual([eventId, eventId])
  })

  it('are deleted', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver(() => new Response(null, { status: 500 }))
    const path = await webhookAt(ask, receiver.url, divertAtOnce)
    const eventId = await publish(ask)
    await itemsOf(ask, `${path}/diverted`)
    expect((await ask('DELETE', `${path}/diverted/${eventId}`)).status).toBe(204)
    for (const method of ['GET', 'DELETE']) {
      const answer = await ask(method, `${path}/diverted/${eventId}`)
      expect(refusal(answer)).toEqual(refused(404, 'not_found'))
    }
  })

  it('are sent again in bulk', async () => {
    const { ask } = await newCaller()
    let status = 503
    const receiver = openReceiver(() => new Response(null, { status }))
    const path = await webhookAt(ask, receiver.url, divertAtOnce)
    await publish(ask)
    await itemsOf(ask, `${path}/diverted`)
    status = 204
    const none = await ask('POST', `${path}/diverted/resend`, { eventTypes: ['b'] })
    const started = (queued: number | null) => ({ jobId: expect.any(String), queued })
    expect([none.status, none.body]).toEqual([202, started(0)])
    expect((await ask('POST', `${path}/diverted/resend`)).body).toEqual(started(1))
    await receiver.received(2)
  })

  it('are unknown until they are there', async () => {
    const { ask } = await newCaller()
    const path = await webhookAt(ask, 'https://example.com/hook')
    const answer = await ask('POST', `${path}/diverted/${NOBODY}/resend`)
    expect(refusal(answer)).toEqual(refused(404, 'not_found'))
  })
})

describe('POST /v1/webhooks/{id}/replay', () => {
  it('sends logged events again', async () => {
    const { ask } = await newCaller()
    const eventId = await publish(ask, '{ "n": 1.0 }')
    await itemsOf(ask, '/v1/events')
    const receiver = openReceiver()
    const path = await webhookAt(ask, receiver.url)
    const replay = { since: '2020-01-01T00:00:00Z' }
    const answer = await ask('POST', `${path}/replay`, replay)
    expect([answer.status, answer.body]).toEqual([202, { jobId: expect.any(String), queued: null }])
    const [request] = await receiver.received(1)
    expect(request?.headers['webhook-id']).toBe(eventId)
    expect(request?.body).toContain('"data":{ "n": 1.0 }')
  })
})

describe('POST /v1/webhooks/{id}/cancel', () => {
  it('ends what is pending, and tells how many', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver()
    const path = await webhookAt(ask, receiver.url, { paused: true })
    const eventIds = [await publish(ask), await publish(ask)]
    const waiting = async () => {
      const { pause } = (await ask('GET', `${path}/health`)).body as {
        pause: { waiting: number } | null
      }
      return pause?.waiting
    }
    await vi.waitFor(async () => expect(await waiting()).toBe(2), WAIT)
    const [first] = eventIds
    const one = await ask('POST', `${path}/cancel`, { eventIds: [first?.toUpperCase()] })
    expect([one.status, one.body]).toEqual([200, { cancelled: 1, more: false }])
    expect((await ask('GET', `/v1/events/${first}`)).body).toMatchObject({
      deliveries: [{ status: 'dropped', reason: 'The delivery was cancelled.' }],
    })
    expect((await ask('POST', `${path}/cancel`)).body).toEqual({ cancelled: 1, more: false })
    expect((await ask('POST', `${path}/cancel`)).body).toEqual({ cancelled: 0, more: false })
    expect(await waiting()).toBe(0)
    expect(receiver.requests).toEqual([])
  })
})
