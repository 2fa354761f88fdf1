// What is sent to an endpoint to see what it answers: a message, or an example of a type.

import type { Svix } from 'svix'
import { beforeAll, describe, expect, it } from 'vitest'
import { fromSvixId } from '../../../src/dialects/svix/ids.ts'
import {
  createOperatorKey,
  openReceiver,
  send,
  sendAs,
  type TestKey,
} from '../../fixtures/hookline.ts'
import { openClient } from './clients.ts'

let svix: Svix
let ask: ReturnType<typeof sendAs>
let operator: TestKey
beforeAll(async () => {
  operator = await createOperatorKey()
  ask = sendAs(operator)
  svix = await openClient(operator.token)
})

async function openEndpoint() {
  const app = await svix.application.create({ name: 'Acme' })
  const receiver = openReceiver(() => new Response('teapot', { status: 418 }))
  const endpoint = await svix.endpoint.create(app.id, { url: receiver.url, channels: ['c'] })
  return { app, endpoint, receiver, path: `/api/v1/app/${app.id}/endpoint/${endpoint.id}` }
}

describe('an example', () => {
  const schema = (total: object) => ({
    type: 'object',
    properties: { id: { type: 'string', format: 'uuid' }, total },
    required: ['total'],
  })
  const version = { '1': schema({ type: 'integer' }), '2': schema({ type: 'string' }) }
  const UUID = '00000000-0000-4000-8000-000000000000'

  it('is made up from the newest schema of a type that has none', async () => {
    const { app, endpoint, receiver } = await openEndpoint()
    await svix.eventType.create({ name: 'example.made', description: 'x', schemas: version })
    const sent = await svix.endpoint.sendExample(app.id, endpoint.id, { eventType: 'example.made' })
    expect(sent).toMatchObject({ eventType: 'example.made', payload: { id: UUID, total: 'text' } })
    const [request] = await receiver.received(1)
    expect(JSON.parse(request?.body ?? '')).toEqual({ id: UUID, total: 'text' })
  })

  it('is of the version that the endpoint is pinned to', async () => {
    const { app, endpoint } = await openEndpoint()
    await svix.eventType.create({ name: 'example.pinned', description: 'x', schemas: version })
    const id = fromSvixId('ep', endpoint.id)
    const tenant = fromSvixId('app', app.id)
    const pin = {
      method: 'PATCH',
      path: `/v1/tenants/${tenant}/webhooks/${id}`,
      body: '{"version":"1"}',
    }
    expect(await ask(pin)).toMatchObject({ status: 200 })
    const sent = await svix.endpoint.sendExample(app.id, endpoint.id, {
      eventType: 'example.pinned',
    })
    expect(sent.payload).toEqual({ id: UUID, total: 1 })
  })

  it('is the one that is asked for of those that a schema or the catalogue has', async () => {
    const { app, endpoint } = await openEndpoint()
    const send = async (eventType: string, exampleIndex?: number) => {
      const asked = { eventType, ...(exampleIndex !== undefined && { exampleIndex }) }
      return (await svix.endpoint.sendExample(app.id, endpoint.id, asked)).payload
    }
    const examples = [{ n: 1 }, { n: 2 }]
    await ask({
      method: 'PUT',
      path: '/v1/event-types/example.saved',
      body: JSON.stringify({ examples }),
    })
    const schemas = { '1': { type: 'object', examples: [{ n: 3 }, { n: 4 }] } }
    await svix.eventType.create({ name: 'example.inside', description: 'x', schemas })
    expect(await send('example.saved')).toEqual({ n: 1 })
    expect(await send('example.saved', 1)).toEqual({ n: 2 })
    expect(await send('example.inside')).toEqual({ n: 3 })
    expect(await send('example.inside', 1)).toEqual({ n: 4 })
    await expect(send('example.saved', 2)).rejects.toMatchObject({ code: 422 })
  })

  it('of a type for which none can be made is refused in Svix’s shape', async () => {
    const { app, endpoint, receiver } = await openEndpoint()
    const none = { type: 'string', pattern: '^[0-9]{3}$' }
    for (const [name, schemas] of [
      ['example.none', { '1': none }],
      ['example.text', { '1': { type: 'string' } }],
    ] as const) {
      await svix.eventType.create({ name, description: 'x', schemas })
      const call = svix.endpoint.sendExample(app.id, endpoint.id, { eventType: name })
      await expect(call).rejects.toMatchObject({
        code: 422,
        body: { detail: [{ loc: ['body', 'eventType'] }] },
      })
    }
    expect(receiver.requests).toEqual([])
  })
})

describe('a test attempt', () => {
  it('is answered as an attempt, and found nowhere again', async () => {
    const { app, endpoint, receiver, path } = await openEndpoint()
    const body = '{"eventType":"a.b","payload":{"n": 1.10}}'
    const answer = await ask({ method: 'POST', path: `${path}/msg/test-attempt`, body })
    const [request] = await receiver.received(1)
    expect(request?.body).toBe('{"n": 1.10}')
    expect(answer).toMatchObject({
      status: 200,
      body: {
        ...{ endpointId: endpoint.id, msgId: request?.headers['svix-id'], status: 2 },
        ...{ responseStatusCode: 418, response: 'teapot', url: receiver.url },
      },
    })
    expect((await svix.message.list(app.id)).data).toEqual([])
    expect((await svix.messageAttempt.listByEndpoint(app.id, endpoint.id)).data).toEqual([])
  })

  it('is made once under one idempotency key', async () => {
    const { receiver, path } = await openEndpoint()
    const authorization = `Bearer ${operator.token}`
    const attempt = (n: number) =>
      send(
        {
          ...{ method: 'POST', path: `${path}/msg/test-attempt` },
          body: JSON.stringify({ eventType: 'a.b', payload: { n } }),
        },
        { authorization, 'idempotency-key': 'once' },
      )
    const first = await attempt(1)
    expect(await attempt(1)).toMatchObject({ status: 200, body: first.body })
    expect((await attempt(2)).status).toBe(409)
    expect(receiver.requests).toHaveLength(1)
  })

  it('of more than a type and a payload is refused, and of less', async () => {
    const { receiver, path } = await openEndpoint()
    const plain = { eventType: 'a.b', payload: {} }
    for (const [body, status] of [
      [{ ...plain, channels: ['c'] }, 501],
      [{ ...plain, eventId: 'one' }, 501],
      [{ eventType: 'a.b' }, 422],
    ] as const) {
      const call = { method: 'POST', path: `${path}/msg/test-attempt`, body: JSON.stringify(body) }
      expect(await ask(call)).toMatchObject({ status, body: { detail: expect.anything() } })
    }
    expect(receiver.requests).toEqual([])
  })
})
