// Messages whose body is a text in any form, as `messageInRaw` of the SDK makes them.

import { messageInRaw, type Svix, Webhook } from 'svix'
import { beforeAll, describe, expect, it } from 'vitest'
import { createOperatorKey, openReceiver, send } from '../../fixtures/hookline.ts'
import { openClient } from './clients.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

let svix: Svix
let token: string
beforeAll(async () => {
  token = (await createOperatorKey()).token
  svix = await openClient(token)
})

const newApp = async () =>
  (await svix.application.create({ name: 'Acme', uid: `raw-${crypto.randomUUID()}` })).uid ?? ''

describe('a raw payload', () => {
  it.each([
    ['as it is', '<a>ü\u{1F600}</a>\r\n', 'application/xml'],
    ['with parameters of its type', 'a;b\n', 'text/csv; charset=utf-8'],
    ['of a type that is not told', '{ "n": 1.0 }', undefined],
    ['that is empty', '', 'text/plain'],
  ])('is sent %s, signed, and again on a resend', async (_, text, contentType) => {
    const app = await newApp()
    const receiver = openReceiver()
    const endpoint = await svix.endpoint.create(app, { url: receiver.url, secret: SECRET })
    const message = await svix.message.create(app, messageInRaw('raw.sent', text, contentType))
    expect(message).toMatchObject({ eventType: 'raw.sent', payload: {} })
    await receiver.received(1)
    await svix.messageAttempt.resend(app, message.id, endpoint.id)
    for (const { headers, body } of await receiver.received(2)) {
      expect(body).toBe(text)
      expect(headers['content-type']).toBe(contentType ?? 'application/json')
      expect(headers['svix-id']).toBe(message.id)
      const at = new Date(Number(headers['svix-timestamp']) * 1_000)
      expect(headers['svix-signature']).toBe(new Webhook(SECRET).sign(message.id, at, body))
    }
  })

  it('is shown in /v1, where other webhooks get the payload', async () => {
    const app = await newApp()
    const headers = { authorization: `Bearer ${token}` }
    const receiver = openReceiver()
    const url = receiver.url
    const webhooks = `/v1/tenants/${app}/webhooks`
    const body = JSON.stringify({ url, eventTypes: ['*'] })
    expect(await send({ method: 'POST', path: webhooks, body }, headers)).toMatchObject({
      status: 201,
    })
    await svix.message.create(app, messageInRaw('raw.sent', 'a,b', 'text/csv'))
    const [request] = await receiver.received(1)
    expect(request?.headers['content-type']).toBe('application/json')
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ type: 'raw.sent', data: {} })
    const listed = await send({ method: 'GET', path: `/v1/tenants/${app}/events` }, headers)
    expect(listed.body).toMatchObject({
      items: [{ data: {}, raw: { text: 'a,b', contentType: 'text/csv' } }],
    })
  })

  it.each([
    ['other headers', { rawPayload: 'x', headers: { 'x-other': '1' } }, 501],
    ['a type of no text', { headers: { 'content-type': 'text/plain' } }, 501],
    ['variables of a transformation', { rawPayload: 'x', variables: {} }, 501],
    ['what is no text', { rawPayload: 1 }, 422],
    ['a type that is none', { rawPayload: 'x', headers: { 'content-type': 'a\nb' } }, 422],
  ])('with %s is refused', async (_, transformationsParams, code) => {
    const app = await newApp()
    const message = { eventType: 'raw.sent', payload: {}, transformationsParams }
    await expect(svix.message.create(app, message)).rejects.toMatchObject({ code })
  })
})
