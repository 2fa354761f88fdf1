// Version 1 of the official SDK against the running Worker: what it asks for otherwise than version 2.

import { type Svix, Webhook } from 'svix-v1'
import { beforeAll, expect, it, vi } from 'vitest'
import { openReceiver } from '../../fixtures/hookline.ts'
import { openFirstClient } from './clients.ts'

const WAIT = { timeout: 10_000, interval: 50 }
let svix: Svix
beforeAll(async () => {
  svix = await openFirstClient()
  for (const name of ['invoice.paid', 'user.created']) {
    await svix.eventType.update(name, { description: name })
  }
})

const newApp = () =>
  svix.application.getOrCreate({ name: 'Acme', uid: `app-${crypto.randomUUID()}` })

it('changes applications and event types with PUT', async () => {
  const app = await newApp()
  const updated = await svix.application.update(app.id, { name: 'Two', uid: app.uid ?? null })
  expect(updated).toMatchObject({ id: app.id, name: 'Two', uid: app.uid })
  expect(await svix.application.get(app.uid ?? '')).toEqual(updated)
  expect((await svix.application.list({ limit: 1 })).data).toHaveLength(1)
  const type = await svix.eventType.get('invoice.paid')
  expect(type).toMatchObject({ name: 'invoice.paid', archived: false })
  await svix.application.delete(app.id)
})

it('names the types of an endpoint filterTypes', async () => {
  const app = await newApp()
  const url = openReceiver().url
  const endpoint = await svix.endpoint.create(app.id, { url, filterTypes: ['invoice.paid'] })
  expect(endpoint).toMatchObject({ url, filterTypes: ['invoice.paid'], version: 1 })
  const updated = await svix.endpoint.update(app.id, endpoint.id, {
    url,
    filterTypes: ['user.created'],
    description: 'x',
  })
  expect(updated).toMatchObject({ id: endpoint.id, filterTypes: ['user.created'] })
  await svix.endpoint.updateHeaders(app.id, endpoint.id, { headers: { 'x-a': '1' } })
  await svix.endpoint.patchHeaders(app.id, endpoint.id, { headers: { 'x-b': '2' } })
  expect(await svix.endpoint.getHeaders(app.id, endpoint.id)).toEqual({
    headers: { 'x-a': '1', 'x-b': '2' },
    sensitive: [],
  })
  const { key } = await svix.endpoint.getSecret(app.id, endpoint.id)
  await svix.endpoint.rotateSecret(app.id, endpoint.id, {})
  expect((await svix.endpoint.getSecret(app.id, endpoint.id)).key).not.toBe(key)
  await svix.endpoint.delete(app.id, endpoint.id)
  await expect(svix.endpoint.get(app.id, endpoint.id)).rejects.toMatchObject({ code: 404 })
})

it('sends messages that its library verifies, and lists and resends them', async () => {
  const app = await newApp()
  const receiver = openReceiver()
  const endpoint = await svix.endpoint.create(app.id, { url: receiver.url })
  const message = await svix.message.create(app.id, {
    eventType: 'invoice.paid',
    payload: { n: 1 },
    eventId: 'e-1',
  })
  const [request] = await receiver.received(1)
  const { key } = await svix.endpoint.getSecret(app.id, endpoint.id)
  const verified = new Webhook(key).verify(request?.body ?? '', { ...request?.headers })
  expect(verified).toEqual({ n: 1 })
  expect(await svix.message.get(app.id, 'e-1')).toMatchObject({ id: message.id, payload: { n: 1 } })
  expect((await svix.message.list(app.id)).data).toMatchObject([{ id: message.id }])
  await svix.messageAttempt.resend(app.id, message.id, endpoint.id)
  await receiver.received(2)
  await vi.waitFor(async () => {
    const { data } = await svix.messageAttempt.listByEndpoint(app.id, endpoint.id)
    expect(data).toHaveLength(2)
  }, WAIT)
  expect((await svix.messageAttempt.listByMsg(app.id, message.id)).data).toHaveLength(2)
  const messages = await svix.messageAttempt.listAttemptedMessages(app.id, endpoint.id)
  expect(messages.data).toMatchObject([{ id: message.id, status: 0 }])
  const destinations = await svix.messageAttempt.listAttemptedDestinations(app.id, message.id)
  expect(destinations.data).toMatchObject([{ id: endpoint.id, status: 0 }])
  const since = new Date(Date.now() - 60_000)
  expect((await svix.endpoint.recover(app.id, endpoint.id, { since })).status).toBe('running')
  expect((await svix.endpoint.getStats(app.id, endpoint.id)).success).toBe(1)
})

it('makes a key for a customer’s page', async () => {
  const app = await newApp()
  const { token } = await svix.authentication.appPortalAccess(app.id, {})
  const portal = await openFirstClient(token)
  expect((await portal.endpoint.list(app.id)).data).toEqual([])
  await portal.authentication.logout()
})
