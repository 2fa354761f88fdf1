// CloudEvents 1.0 in and out, read and written by the SDK of the CloudEvents project (docs/cloudevents.md).

import { CloudEvent, HTTP } from 'cloudevents'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { openReceiver, presentations, type ReceivedRequest, send } from '../fixtures/hookline.ts'
import { attemptOf, call, createWebhook, fares, openWorld, retryingAtOnce } from './world.ts'

type Mode = 'structured' | 'binary' | 'batched'

/** What a webhook says to get events in each mode. */
const FIELDS: Readonly<Record<Mode, object>> = {
  structured: { format: 'cloudevents' },
  binary: { format: 'cloudevents-binary' },
  batched: { format: 'cloudevents', batch: { maxEvents: 1 } },
}

/** How the SDK writes one. */
const WRITTEN: Readonly<
  Record<Mode, (event: CloudEvent<unknown>) => { headers: object; body: unknown }>
> = {
  structured: (event) => HTTP.structured(event),
  binary: (event) => HTTP.binary(event),
  batched: (event) => ({
    headers: { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' },
    body: JSON.stringify([event]),
  }),
}

/** As the SDK reads a request; it leaves out that headers are percent-encoded (section 3.1.3.3 of the HTTP protocol binding). */
function read({ headers, body }: ReceivedRequest): readonly Record<string, unknown>[] {
  const decoded = Object.entries(headers).map(([name, value]) => [
    name,
    name.startsWith('ce-') ? decodeURIComponent(value) : value,
  ])
  const events = [HTTP.toEvent({ headers: Object.fromEntries(decoded), body })].flat()
  return JSON.parse(JSON.stringify(events))
}

/** As the SDK writes a time. */
const inMs = (time: string) => new Date(time).toISOString()

async function openCloudEvents(fields: object) {
  const { key, tenant } = await openWorld()
  const receiver = openReceiver()
  const webhook = await createWebhook(key, receiver, { eventTypes: ['*'], ...fields })
  const publish = async (body: string, headers: object = {}) => {
    const answer = await send(
      { method: 'POST', path: '/v1/events', body },
      { 'content-type': 'application/json', ...headers, ...presentations.bearer(key) },
    )
    expect(answer.status, answer.text).toBe(202)
    const { events } = answer.body as { readonly events: readonly { readonly id: string }[] }
    return events.map(({ id }) => id)
  }
  const received = async (count = 1) => {
    await receiver.received(count)
    return receiver.requests.flatMap(read)
  }
  return { key, tenant, receiver, webhook, publish, received }
}

const CAME = {
  specversion: '1.0',
  id: 'A234-1234-1234',
  source: 'https://shop.example/orders?of=2026',
  type: 'com.example.order.paid',
  subject: 'order 7 – “paid” at 100 %',
  time: '2018-04-05T17:31:00.123456+02:00',
  dataschema: 'https://shop.example/schemas/order/1',
  datacontenttype: 'application/json',
  comexampleextension1: 'value',
  comexampleextension2: 'ü, é and ✓',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  data: { number: 7, lines: ['a', 'b'] },
} as const

describe.each(Object.keys(FIELDS) as Mode[])('an event sent in %s mode', (mode) => {
  it.each(Object.keys(WRITTEN) as Mode[])('is as it came in %s mode', async (came) => {
    const { publish, received } = await openCloudEvents(FIELDS[mode])
    const { headers, body } = WRITTEN[came](new CloudEvent<unknown>(CAME, false))
    await publish(String(body), headers)
    const [event] = await received()
    expect(event).toEqual({
      ...{ ...CAME, time: inMs(CAME.time) },
      datacontenttype: expect.stringMatching(/^application\/json/),
    })
  })

  it('is one though it did not come as one', async () => {
    const { tenant, publish, received } = await openCloudEvents(FIELDS[mode])
    const [id] = await publish('{"type":"order.paid","time":"2026-11-28T10:00:00Z","data":{"n":1}}')
    const [event] = await received()
    expect(event).toEqual({
      ...{ specversion: '1.0', id, source: `urn:hookline:tenant:${tenant.id}` },
      ...{ type: 'order.paid', time: '2026-11-28T10:00:00.000Z' },
      ...{ datacontenttype: 'application/json', data: { n: 1 } },
    })
  })

  it('has its data as it was published, and a signature', async () => {
    const { receiver, webhook, publish, received } = await openCloudEvents(FIELDS[mode])
    const data = '{ "b": 1.10, "a": 12345678901234567890 }'
    await publish(`{"type":"order.paid","data":${data}}`)
    await received()
    const [request] = receiver.requests
    expect(request?.body).toContain(data)
    new Webhook(webhook.secret).verify(request?.body ?? '', request?.headers ?? {})
  })

  it('has in place of its data what a body makes of it', async () => {
    const { publish, received } = await openCloudEvents({
      ...FIELDS[mode],
      body: '{ "no": data.n }',
    })
    await publish('{"type":"order.paid","data":{"n":1}}')
    const [event] = await received()
    expect(event).toMatchObject({ type: 'order.paid', data: { no: 1 } })
  })
})

describe('attributes', () => {
  it('keep their types in structured mode, and are text in headers', async () => {
    const typed = { ...CAME, count: 5, urgent: true }
    const body = JSON.stringify(typed)
    const headers = { 'content-type': 'application/cloudevents+json' }
    const structured = await openCloudEvents(FIELDS.structured)
    await structured.publish(body, headers)
    await structured.received()
    expect(JSON.parse(structured.receiver.requests[0]?.body ?? '')).toEqual(typed)
    const binary = await openCloudEvents(FIELDS.binary)
    await binary.publish(body, headers)
    await binary.received()
    expect(binary.receiver.requests[0]?.headers).toMatchObject({
      ...{ 'ce-count': '5', 'ce-urgent': 'true', 'ce-time': CAME.time },
      'ce-subject': 'order%207%20%E2%80%93%20%E2%80%9Cpaid%E2%80%9D%20at%20100%20%25',
      'content-type': 'application/json',
    })
  })

  it('of a text that a body makes say so', async () => {
    const structured = await openCloudEvents({ ...FIELDS.structured, body: '"paid: " & data.n' })
    await structured.publish('{"type":"order.paid","data":{"n":1}}')
    expect(await structured.received()).toMatchObject([
      { datacontenttype: 'text/plain; charset=utf-8', data: 'paid: 1' },
    ])
    const binary = await openCloudEvents({ ...FIELDS.binary, body: '"paid: " & data.n' })
    await binary.publish('{"type":"order.paid","data":{"n":1}}')
    await binary.received()
    const [request] = binary.receiver.requests
    expect(request?.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(request?.body).toBe('paid: 1')
  })

  it('are shown with the event', async () => {
    const { key, publish } = await openCloudEvents(FIELDS.structured)
    const headers = { 'content-type': 'application/cloudevents+json' }
    const [id] = await publish(JSON.stringify(CAME), headers)
    const { specversion: _, type: __, data: ___, ...attributes } = CAME
    expect(await call(key, 200, 'GET', `/events/${id}`)).toMatchObject({ cloudEvent: attributes })
  })
})

describe('a media type that says something else than JSON', () => {
  it.each([
    ['of a form', 'application/x-www-form-urlencoded'],
    ['of a text', 'text/plain;charset=UTF-8'],
    ['with a line break', 'application/json\n'],
  ])('is none: %s', async (_, datacontenttype) => {
    const { receiver, publish, received } = await openCloudEvents(FIELDS.binary)
    const headers = { 'content-type': 'application/cloudevents+json' }
    await publish(JSON.stringify({ ...CAME, id: datacontenttype, datacontenttype }), headers)
    await received()
    expect(receiver.requests[0]?.headers['content-type']).toBe('application/json')
  })
})

describe('what is shown of a request in binary mode', () => {
  it('has its attributes, and so has what its receiver said of them', async () => {
    const { key, tenant } = await openWorld()
    const receiver = openReceiver(
      () => new Response('no order.paid of A234-1234-1234', { status: 422 }),
    )
    const webhook = await createWebhook(key, receiver, {
      ...{ eventTypes: ['*'], ...FIELDS.binary, failureHandling: { retry: null } },
      headers: { 'X-Token': 'a secret of its owner' },
    })
    const trace = { traceparent: CAME.traceparent }
    const event = { ...CAME, type: 'order.paid', ...trace }
    const answer = await send(
      { method: 'POST', path: `/v1/tenants/${tenant.id}/events`, body: JSON.stringify(event) },
      { 'content-type': 'application/cloudevents+json', ...presentations.bearer(key) },
    )
    const { events } = answer.body as { readonly events: readonly { readonly id: string }[] }
    const id = events[0]?.id ?? ''
    const attemptId = await attemptOf(key, id, webhook.id)
    const path = `/webhooks/${webhook.id}/attempts/${attemptId}`
    const shown = await call<unknown>(key, 200, 'GET', `${path}/request?eventId=${id}`)
    const text = JSON.stringify(shown)
    expect(text).toContain(CAME.id)
    expect(text).toContain(CAME.traceparent)
    expect(text).not.toContain('a secret of its owner')
    const attempts = `/webhooks/${webhook.id}/attempts?eventId=${id}`
    const { items } = await call<{ items: unknown[] }>(key, 200, 'GET', attempts)
    expect(items).toMatchObject([{ responseExcerpt: 'no order.paid of A234-1234-1234' }])
  })
})

describe('the format of a webhook', () => {
  it('is that which it had when the event was accepted', async () => {
    const fields = { ...FIELDS.structured, ...retryingAtOnce(1) }
    const { key, webhook, receiver, publish } = await openCloudEvents(fields)
    const [id = ''] = await publish('{"type":"order.paid","data":{"n":1}}')
    await fares(key, id, webhook, 'delivered')
    const path = `/webhooks/${webhook.id}`
    const changed = await call(key, 200, 'PATCH', path, { format: 'cloudevents-binary' })
    expect(changed).toMatchObject({ format: 'cloudevents-binary' })
    await call(key, 202, 'POST', `/events/${id}/resend`, { webhookId: webhook.id })
    await receiver.received(2)
    const [first, again] = receiver.requests
    expect(again?.body).toBe(first?.body)
    expect(again?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8')
    await call(key, 200, 'PATCH', path, { format: null })
    await publish('{"type":"order.paid","data":{"n":2}}')
    await receiver.received(3)
    expect(JSON.parse(receiver.requests[2]?.body ?? '')).toMatchObject({ data: { n: 2 } })
    expect(receiver.requests[2]?.headers['content-type']).toBe('application/json')
  })

  it.each([
    ['another one', { format: 'avro' }, 'format'],
    ['binary for several', { format: 'cloudevents-binary', batch: { maxEvents: 2 } }, 'batch'],
  ])('is refused: %s', async (_, fields, path) => {
    const { key } = await openWorld()
    const input = { url: openReceiver().url, eventTypes: ['*'], ...fields }
    expect(await call(key, 400, 'POST', '/webhooks', input)).toMatchObject({ errors: [{ path }] })
  })

  it('is none of a surface that says itself what is sent', async () => {
    const { key, tenant } = await openWorld()
    const headers = { ...presentations.bearer(key), 'content-type': 'application/json' }
    const body = JSON.stringify({ url: openReceiver().url })
    const path = `/api/v1/app/${tenant.id}/endpoint`
    const made = await send({ method: 'POST', path, body }, headers)
    expect(made.status, made.text).toBe(201)
    const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', '/webhooks')
    const refused = await call(key, 400, 'PATCH', `/webhooks/${items[0]?.id}`, FIELDS.structured)
    expect(refused).toMatchObject({ errors: [{ path: 'format' }] })
  })
})

// github.com/cloudevents/conformance, features/http-protocol-binding.feature: its requests, and the attributes that they have.
describe('the conformance behaviours of the HTTP protocol binding', () => {
  const attributes = {
    id: '1234-1234-1234',
    specversion: '1.0',
    type: 'com.example.someevent',
    source: '/mycontext/subcontext',
    time: '2018-04-05T03:56:24Z',
  }
  const data = { message: 'Hello World!' }
  const inHeaders = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]),
  )
  const json = 'application/json'

  it.each([
    ['Binary', json, inHeaders, data, json],
    ['Binary', `${json}; charset=utf-8`, inHeaders, data, `${json}; charset=utf-8`],
    ...['application/cloudevents+json', 'application/cloudevents+json; charset=utf-8'].map(
      (type) =>
        ['Structured', type, {}, { ...attributes, datacontenttype: json, data }, json] as const,
    ),
  ] as const)('%s content mode (%s)', async (_, contentType, headers, body, datacontenttype) => {
    for (const mode of Object.keys(FIELDS) as Mode[]) {
      const { publish, received } = await openCloudEvents(FIELDS[mode])
      await publish(JSON.stringify(body), { ...headers, 'content-type': contentType })
      const [event] = await received()
      const time = inMs(attributes.time)
      expect(event).toEqual({ ...attributes, time, datacontenttype, data })
    }
  })
})
