// What is sent to an endpoint to see what it answers: a message, or an example of a type.

import type { Svix } from 'svix'
import { beforeAll, describe, expect, it } from 'vitest'
import { createOperatorKey, openReceiver, sendAs } from '../../fixtures/hookline.ts'
import { openClient } from './clients.ts'

let svix: Svix
let ask: ReturnType<typeof sendAs>
beforeAll(async () => {
  const operator = await createOperatorKey()
  ask = sendAs(operator)
  svix = await openClient(operator.token)
})

async function openEndpoint() {
  const app = await svix.application.create({ name: 'Acme' })
  const receiver = openReceiver(() => new Response('teapot', { status: 418 }))
  const endpoint = await svix.endpoint.create(app.id, { url: receiver.url, channels: ['c'] })
  return { app, endpoint, receiver, path: `/api/v1/app/${app.id}/endpoint/${endpoint.id}` }
}

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
