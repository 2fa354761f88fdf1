// CloudEvents in binary mode, as the SDK sends them and as others do (HTTP protocol binding 1.0.2, section 3.1).

import { CloudEvent, HTTP } from 'cloudevents'
import { describe, expect, it } from 'vitest'
import {
  createKey,
  createTenant,
  openReceiver,
  presentations,
  send,
  type TestKey,
} from '../fixtures/hookline.ts'
import { invalidAt, refusal, refused } from './asked.ts'

type Accepted = { events: { id: string; type: string; duplicate: boolean }[] }
type Fields = Readonly<Record<string, string>>

const headers = {
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': 'A234',
  'ce-source': '/orders',
  'ce-type': 'order.paid',
}

async function open(path = '/v1/events') {
  const key = await createKey(await createTenant())
  const publish = (fields: Fields, body: string, at = path) =>
    send({ method: 'POST', path: at, body }, { ...presentations.bearer(key), ...fields })
  return { key, publish }
}

async function subscribe(key: TestKey, fields: object = {}) {
  const receiver = openReceiver()
  const body = JSON.stringify({ url: receiver.url, eventTypes: ['*'], ...fields })
  const answer = await send(
    { method: 'POST', path: '/v1/webhooks', body },
    presentations.bearer(key),
  )
  expect(answer.status, answer.text).toBe(201)
  return receiver
}

describe.each(['/v1/events', '/v1/events/cloudevents'])(
  'a CloudEvent in binary mode at %s',
  (path) => {
    it('is published as the SDK sends it', async () => {
      const { key, publish } = await open(path)
      const receiver = await subscribe(key, { scope: { subject: '42', region: 'eu' } })
      const event = new CloudEvent({
        id: 'A234-1234',
        source: '/orders',
        type: 'order.paid',
        subject: '42',
        time: '2026-11-22T11:00:00+01:00',
        region: 'eu',
        data: { total: 5 },
      })
      const message = HTTP.binary(event)
      const answer = await publish(message.headers as Fields, String(message.body))
      expect(answer.status, answer.text).toBe(202)
      expect(answer.body).toMatchObject({ events: [{ type: 'order.paid', duplicate: false }] })
      const [request] = await receiver.received(1)
      expect(request?.body).toBe(
        '{"type":"order.paid","timestamp":"2026-11-22T10:00:00.000Z","data":{"total":5}}',
      )
    })

    it('has the type of its header, though its data looks like an event', async () => {
      const { key, publish } = await open(path)
      const receiver = await subscribe(key)
      const data =
        '{"type":"inner.type","data":{"n":1},"id":"inner","specversion":"1.0","source":"/x"}'
      const answer = await publish({ ...headers, 'ce-time': '2026-11-22T10:00:00Z' }, data)
      expect(answer.body).toMatchObject({ events: [{ type: 'order.paid' }] })
      const [request] = await receiver.received(1)
      expect(request?.body).toBe(
        `{"type":"order.paid","timestamp":"2026-11-22T10:00:00.000Z","data":${data}}`,
      )
    })

    it('keeps its data byte for byte', async () => {
      const { key, publish } = await open(path)
      const receiver = await subscribe(key)
      const data = '{ "2": 12345678901234567890, "1": 1.10, "u":"\\u00e9😀\\/" , "1": 1e400 }'
      await publish({ ...headers, 'ce-time': '2026-11-22T10:00:00Z' }, ` \n${data}\n`)
      const [request] = await receiver.received(1)
      expect(request?.body.endsWith(`"data":${data}}`)).toBe(true)
    })

    it.each([
      'application/json',
      'application/json; charset=utf-8',
      'application/vnd.order+json',
      'text/plain',
      '',
    ])('is read as JSON when its content type is %j', async (type) => {
      const { publish } = await open(path)
      const { 'content-type': _, ...attributes } = headers
      const fields = type === '' ? attributes : { ...attributes, 'content-type': type }
      const answer = await publish(fields, '{"type":"inner","data":{}}')
      expect(answer.body, answer.text).toMatchObject({ events: [{ type: 'order.paid' }] })
    })

    it('has attributes that are percent-encoded, or quoted as senders of earlier versions did', async () => {
      const { key, publish } = await open(path)
      const scope = { subject: 'Euro € 😀 "100%"', region: 'a "b" c', share: '50% of it' }
      const receiver = await subscribe(key, { scope })
      const fields = {
        'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80%20%22100%25%22',
        'ce-region': '"a \\"b\\" c"',
        'ce-share': '50% of it',
      }
      const answer = await publish({ ...headers, ...fields }, '{}')
      expect(answer.status, answer.text).toBe(202)
      await receiver.received(1)
    })

    it('is known by source and id, in whichever mode it comes', async () => {
      const { publish } = await open(path)
      const first = (await publish(headers, '{"total":5}')).body as Accepted
      expect(first.events[0]?.duplicate).toBe(false)
      const event = {
        specversion: '1.0',
        id: 'A234',
        source: '/orders',
        type: 'order.paid',
        data: { total: 5 },
      }
      const structured = { 'content-type': 'application/cloudevents+json' }
      const again = (await publish(structured, JSON.stringify(event))).body as Accepted
      expect(again.events).toEqual([{ ...first.events[0], duplicate: true }])
      const other = await publish({ ...headers, 'ce-source': '/refunds' }, '{"total":5}')
      expect((other.body as Accepted).events[0]?.duplicate).toBe(false)
      expect(refusal(await publish(headers, '{"total":6}'))).toMatchObject({ status: 409 })
    })

    it('with other attributes is another request under the same Idempotency-Key', async () => {
      const { publish } = await open(path)
      const fields = { ...headers, 'idempotency-key': 'k' }
      const first = await publish(fields, '{}')
      expect(first.status).toBe(202)
      expect((await publish(fields, '{}')).body).toEqual(first.body)
      for (const change of [{ 'ce-type': 'order.sent' }, { 'ce-region': 'eu' }] as Fields[]) {
        const answer = await publish({ ...fields, ...change }, '{}')
        expect(refusal(answer)).toEqual(refused(422, 'idempotency_mismatch'))
      }
    })

    it.each([
      [{ 'ce-specversion': null }, 'ce-specversion'],
      [{ 'ce-id': null }, 'ce-id'],
      [{ 'ce-source': null }, 'ce-source'],
      [{ 'ce-type': null }, 'ce-type'],
      [{ 'ce-specversion': '0.3' }, 'ce-specversion'],
      [{ 'ce-id': '' }, 'ce-id'],
      [{ 'ce-source': 'not a uri' }, 'ce-source'],
      [{ 'ce-source': 'not%20a%20uri' }, 'ce-source'],
      [{ 'ce-type': 'has space' }, 'ce-type'],
      [{ 'ce-type': 'webhook.suspended' }, 'ce-type'],
      [{ 'ce-time': 'yesterday' }, 'ce-time'],
      [{ 'ce-subject': '' }, 'ce-subject'],
      [{ 'ce-subject': '%ff%fe' }, 'ce-subject'],
      [{ 'ce-dataschema': 'not a uri' }, 'ce-dataschema'],
      [{ 'ce-region': 'x'.repeat(513) }, 'ce-region'],
      [{ 'ce-my-region': 'eu' }, 'ce-my-region'],
      [{ 'ce-data': 'x' }, 'ce-data'],
      [{ 'ce-data_base64': 'e30=' }, 'ce-data_base64'],
      [{ 'ce-__proto__': 'x' }, 'ce-__proto__'],
    ])('is refused with %j, naming the header', async (change, header) => {
      const { publish } = await open(path)
      const changed = Object.entries({ ...headers, ...change }).filter(
        ([, value]) => value !== null,
      )
      const answer = await publish(Object.fromEntries(changed) as Fields, '{}')
      expect(refusal(answer)).toEqual(invalidAt(header))
    })

    it('is refused with every header that it lacks', async () => {
      const { publish } = await open(path)
      const answer = await publish({ 'ce-id': 'A234' }, '{}')
      expect(refusal(answer)).toEqual(invalidAt('ce-specversion', 'ce-source', 'ce-type'))
      expect(answer.body).toMatchObject({
        detail: expect.stringContaining('A CloudEvent in binary mode requires this header.'),
      })
    })

    it.each(['[]', '5', 'null', '"text"'])('is refused when its data is %s', async (body) => {
      const { publish } = await open(path)
      expect(refusal(await publish(headers, body))).toEqual(invalidAt(''))
    })

    it.each(['', '{', '{"a":1,}', '<order/>'])('is malformed when its data is %j', async (body) => {
      const { publish } = await open(path)
      expect(refusal(await publish(headers, body))).toEqual(refused(400, 'malformed'))
    })

    it('is too large beyond 100 KB', async () => {
      const { publish } = await open(path)
      const answer = await publish(headers, JSON.stringify({ x: 'x'.repeat(100_000) }))
      expect(refusal(answer)).toMatchObject({ status: 413, code: 'too_large' })
    })

    it('may have no more than 16 attributes beside those that are known', async () => {
      const { publish } = await open(path)
      const extensions = Array.from({ length: 17 }, (_, n) => [`ce-x${n}`, 'v'])
      const answer = await publish({ ...headers, ...Object.fromEntries(extensions) }, '{}')
      expect(refusal(answer)).toEqual(invalidAt(''))
    })
  },
)

describe('a request whose content type says that it is a CloudEvent', () => {
  it('is read as that, whatever its headers', async () => {
    const { publish } = await open()
    const event = { specversion: '1.0', id: '1', source: '/s', type: 'structured', data: {} }
    const fields = { ...headers, 'content-type': 'application/cloudevents+json' }
    expect((await publish(fields, JSON.stringify(event))).body).toMatchObject({
      events: [{ type: 'structured' }],
    })
  })
})

describe('the paths of CloudEvents', () => {
  const event = { specversion: '1.0', id: '1', source: '/s', type: 'a', data: {} }

  it('read structured events whatever their content type', async () => {
    const { publish } = await open('/v1/events/cloudevents')
    for (const type of ['application/cloudevents+json', 'application/json', 'text/plain']) {
      const answer = await publish({ 'content-type': type }, JSON.stringify(event))
      expect(answer.status, answer.text).toBe(202)
      const batch = await publish(
        { 'content-type': type.replace('events+', 'events-batch+') },
        JSON.stringify([event]),
        '/v1/events/cloudevents/batch',
      )
      expect(batch.status, batch.text).toBe(202)
    }
  })

  it('refuse our own events, saying what they lack', async () => {
    const { publish } = await open('/v1/events/cloudevents')
    const answer = await publish({ 'content-type': 'application/json' }, '{"type":"a","data":{}}')
    expect(refusal(answer)).toEqual(invalidAt('specversion', 'id', 'source'))
  })

  it('take one event or a batch, each its own', async () => {
    const { publish } = await open('/v1/events/cloudevents')
    expect(refusal(await publish({}, JSON.stringify([event])))).toEqual(invalidAt(''))
    const one = await publish({}, JSON.stringify(event), '/v1/events/cloudevents/batch')
    expect(refusal(one)).toEqual(invalidAt(''))
  })

  it('are no way to read an event', async () => {
    const key = await createKey(await createTenant())
    const answer = await send(
      { method: 'GET', path: '/v1/events/cloudevents' },
      presentations.bearer(key),
    )
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
  })
})
