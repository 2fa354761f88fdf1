import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import {
  callNoOther,
  createKey,
  createTenant,
  openReceiver,
  presentations,
  send,
} from '../fixtures/hookline.ts'
import { publishWithoutEventLog } from '../fixtures/publishers.ts'
import { invalidAt, newCaller, refusal, refused } from './asked.ts'

type Accepted = { events: { id: string; type: string; duplicate: boolean }[] }

const UUID = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
)

/** Publishes with headers of its own. */
async function newPublisher() {
  const key = await createKey(await createTenant())
  return (body: string, headers: Record<string, string> = {}) =>
    send({ method: 'POST', path: '/v1/events', body }, { ...presentations.bearer(key), ...headers })
}

describe('POST /v1/events', () => {
  it('accepts one event', async () => {
    const { ask } = await newCaller(['events:write'])
    const answer = await ask('POST', '/v1/events', { type: 'a', data: {} })
    expect(answer.status).toBe(202)
    expect(answer.body).toEqual({ events: [{ id: UUID, type: 'a', duplicate: false }] })
  })

  it('accepts an array, in the order given', async () => {
    const { ask } = await newCaller()
    const types = ['c', 'a', 'b']
    const answer = await ask(
      'POST',
      '/v1/events',
      types.map((type) => ({ type, data: {} })),
    )
    const { events } = answer.body as Accepted
    expect(events.map(({ type }) => type)).toEqual(types)
    expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).toSorted())
  })

  it('reads a JSON body whatever its content type says', async () => {
    const publish = await newPublisher()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'constructor']) {
      const answer = await publish('{"type":"a","data":{}}', { 'content-type': type })
      expect(answer.status).toBe(202)
    }
  })

  it('publishes nothing of an array with one bad event', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver()
    await ask('POST', '/v1/webhooks', { url: receiver.url, eventTypes: ['*'] })
    const body = [{ type: 'good', data: {} }, { type: 'bad' }]
    expect(refusal(await ask('POST', '/v1/events', body))).toEqual(invalidAt('[1].data'))
    await ask('POST', '/v1/events', { type: 'last', data: {} })
    const requests = await receiver.received(1)
    expect(requests.map((request) => JSON.parse(request.body).type)).toEqual(['last'])
  })

  it('sends the payload on exactly as it was written', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver()
    await ask('POST', '/v1/webhooks', { url: receiver.url, eventTypes: ['order.*'] })
    const data = '{"z":1,"a":{ "10":12345678901234567890 , "9":1.10},"e":1e400,"u":"\\u00e9😀\\/"}'
    const time = '2026-11-22T11:00:00+01:00'
    await ask('POST', '/v1/events', `{"data": ${data} ,"type":"order.paid","time":"${time}"}`)
    const [request] = await receiver.received(1)
    expect(request?.body).toBe(
      `{"type":"order.paid","timestamp":"2026-11-22T10:00:00.000Z","data":${data}}`,
    )
  })

  it('accepts the same id with the same content once, and refuses it with other content', async () => {
    const { ask } = await newCaller()
    const event = { type: 'a', data: { x: 1 }, id: 'order-42-paid' }
    const first = (await ask('POST', '/v1/events', event)).body as Accepted
    const second = (await ask('POST', '/v1/events', event)).body as Accepted
    expect(second).toEqual({ events: [{ ...first.events[0], duplicate: true }] })
    const other = await ask('POST', '/v1/events', [{ ...event, data: { x: 2 } }, event])
    expect(refusal(other)).toMatchObject({ status: 409, code: 'conflict', paths: ['[0].id'] })
  })

  it('answers a repeated Idempotency-Key as before, and refuses it for another request', async () => {
    const publish = await newPublisher()
    const headers = { 'idempotency-key': 'request-1' }
    const body = '[{"type":"a","data":{}},{"type":"b","data":{}}]'
    const first = await publish(body, headers)
    const again = await publish(body, headers)
    expect([again.status, again.body]).toEqual([202, first.body])
    const other = await publish('{"type":"a","data":{}}', headers)
    expect(refusal(other)).toEqual(refused(422, 'idempotency_mismatch'))
  })

  it.each(['', 'x'.repeat(257), 'a b', 'é'])('refuses the Idempotency-Key %j', async (key) => {
    const publish = await newPublisher()
    const answer = await publish('{"type":"a","data":{}}', { 'idempotency-key': key })
    expect(refusal(answer)).toEqual(invalidAt('Idempotency-Key'))
  })

  it('answers 503 with Retry-After when nothing can be stored', async () => {
    const { ask } = await newCaller()
    const sending = vi
      .spyOn(env.ACCEPTED, 'sendBatch')
      .mockRejectedValue(new Error('queue is down'))
    const sendingOne = vi.spyOn(env.ACCEPTED, 'send').mockRejectedValue(new Error('queue is down'))
    publishWithoutEventLog({ isAccepted: false })
    const answer = await ask('POST', '/v1/events', { type: 'a', data: {} })
    callNoOther()
    sending.mockRestore()
    sendingOne.mockRestore()
    expect(refusal(answer)).toEqual(refused(503, 'unavailable'))
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(answer.text).not.toContain('queue is down')
  })
})

describe('CloudEvents', () => {
  const event = {
    specversion: '1.0',
    id: 'A234-1234-1234',
    source: '/orders',
    type: 'order.paid',
    subject: '42',
    time: '2026-11-22T10:00:00Z',
    region: 'eu',
    priority: 7,
    data: { total: 5 },
  }

  it.each(['application/cloudevents+json', 'Application/CloudEvents+JSON; charset=UTF-8'])(
    'are accepted as %s',
    async (type) => {
      const publish = await newPublisher()
      const answer = await publish(JSON.stringify(event), { 'content-type': type })
      expect(answer.status).toBe(202)
      expect(answer.body).toMatchObject({ events: [{ type: 'order.paid', duplicate: false }] })
    },
  )

  it('are known by source and id', async () => {
    const publish = await newPublisher()
    const headers = { 'content-type': 'application/cloudevents-batch+json' }
    const batch = [event, { ...event, source: '/refunds' }]
    const first = (await publish(JSON.stringify(batch), headers)).body as Accepted
    expect(first.events.map(({ duplicate }) => duplicate)).toEqual([false, false])
    const again = (await publish(JSON.stringify(batch), headers)).body as Accepted
    expect(again.events.map(({ id, duplicate }) => [id, duplicate])).toEqual(
      first.events.map(({ id }) => [id, true]),
    )
  })

  it('select webhooks by subject and extension attributes, and keep their payload', async () => {
    const key = await createKey(await createTenant())
    const receiver = openReceiver()
    const webhook = {
      url: receiver.url,
      eventTypes: ['*'],
      scope: { subject: '42', priority: '7' },
    }
    await send(
      { method: 'POST', path: '/v1/webhooks', body: JSON.stringify(webhook) },
      presentations.bearer(key),
    )
    const body = JSON.stringify(event).replace('{"total":5}', '{ "total": 5.00 }')
    await send(
      { method: 'POST', path: '/v1/events', body },
      { ...presentations.bearer(key), 'content-type': 'application/cloudevents+json' },
    )
    const [request] = await receiver.received(1)
    expect(request?.body).toBe(
      '{"type":"order.paid","timestamp":"2026-11-22T10:00:00.000Z","data":{ "total": 5.00 }}',
    )
  })

  it.each([
    ['application/cloudevents+json', [event], ''],
    ['application/cloudevents-batch+json', event, ''],
    ['application/cloudevents-batch+json', [event, { ...event, data: 5 }], '[1].data'],
  ])('as %s refuse %j', async (type, body, path) => {
    const publish = await newPublisher()
    const answer = await publish(JSON.stringify(body), { 'content-type': type })
    expect(refusal(answer)).toEqual(invalidAt(path))
  })
})
