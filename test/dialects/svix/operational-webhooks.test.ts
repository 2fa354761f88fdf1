// Operational webhooks, as both versions of the SDK ask for them, and what they are told.

import { type Svix, Webhook } from 'svix'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { OPERATIONS_TENANT } from '../../../src/engine/model/index.ts'
import {
  createKey,
  createOperatorKey,
  createTenant,
  openReceiver,
  type Receiver,
  send,
  sendAs,
} from '../../fixtures/hookline.ts'
import { openClient, openFirstClient } from './clients.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
const WAIT = { timeout: 10_000, interval: 50 }

let svix: Svix
let token: string
beforeAll(async () => {
  token = (await createOperatorKey()).token
  svix = await openClient(token)
})

const operational = () => svix.operationalWebhook.endpoint

/** What a receiver was told about an endpoint, verified. */
const toldOf = ({ requests }: Receiver, endpointId: string) =>
  requests
    .map(({ body, headers }) => {
      new Webhook(SECRET).verify(body, headers)
      return JSON.parse(body) as { data: { endpointId: string } }
    })
    .filter(({ data }) => data.endpointId === endpointId)

describe('operational webhooks', () => {
  it('are made, read, replaced and deleted', async () => {
    const url = openReceiver().url
    const made = await operational().create({ url, uid: 'crud', eventTypes: ['endpoint.disabled'] })
    expect(made).toMatchObject({ url, uid: 'crud', disabled: false, description: '' })
    expect(await operational().get('crud')).toEqual(made)
    const upserted = await operational().upsert(made.id, { url, uid: 'crud', description: 'x' })
    expect(upserted).toMatchObject({ id: made.id, description: 'x' })
    expect((await operational().list()).data.map(({ id }) => id)).toContain(made.id)
    await operational().rotateSecret(made.id, { key: OTHER })
    expect(await operational().getSecret(made.id)).toEqual({ key: OTHER })
    await operational().setHeaders(made.id, { headers: { 'x-a': '1' } })
    expect(await operational().getHeaders(made.id)).toEqual({
      headers: { 'x-a': '1' },
      sensitive: [],
    })
    await operational().delete(made.id)
    await expect(operational().get(made.id)).rejects.toMatchObject({ code: 404 })
  })

  it('are made and changed by version 1 as well', async () => {
    const first = await openFirstClient(token)
    const url = openReceiver().url
    const { operationalWebhookEndpoint } = first
    const made = await operationalWebhookEndpoint.create({ url, filterTypes: ['endpoint.created'] })
    expect(made).toMatchObject({ url, filterTypes: ['endpoint.created'] })
    const updated = await operationalWebhookEndpoint.update(made.id, { url, disabled: true })
    expect(updated).toMatchObject({ id: made.id, disabled: true })
    await operationalWebhookEndpoint.delete(made.id)
  })

  it('are refused for types that there are not, and to the key of a tenant', async () => {
    const input = { url: openReceiver().url, eventTypes: ['endpoint.exploded'] }
    await expect(operational().create(input)).rejects.toMatchObject({ code: 422 })
    const { token: own } = await createKey(await createTenant())
    const asTenant = await openClient(own)
    await expect(asTenant.operationalWebhook.endpoint.list()).rejects.toMatchObject({ code: 403 })
  })

  it('are in /v1, and no application', async () => {
    const made = await operational().create({ url: openReceiver().url })
    const headers = { authorization: `Bearer ${token}` }
    const path = `/v1/tenants/${OPERATIONS_TENANT.id}/webhooks?limit=100`
    expect((await send({ method: 'GET', path }, headers)).text).toContain(made.url)
    const { data } = await svix.application.list({ limit: 250 })
    expect(data.map(({ name }) => name)).not.toContain(OPERATIONS_TENANT.name)
    await operational().delete(made.id)
  })
})

describe('an operational webhook is told', () => {
  it('of endpoints that are made, changed and deleted, on either surface', async () => {
    const receiver = openReceiver()
    const told = await operational().create({ url: receiver.url, secret: SECRET })
    const uid = `told-${crypto.randomUUID()}`
    const app = await svix.application.create({ name: 'Acme', uid })
    const { id } = await svix.endpoint.create(app.id, { url: openReceiver().url, uid: 'one' })
    await svix.endpoint.patch(app.id, id, { description: 'x' })
    await svix.endpoint.delete(app.id, id)
    const data = { appId: app.id, appUid: uid, endpointId: id, endpointUid: 'one' }
    await vi.waitFor(() => {
      const types = ['endpoint.created', 'endpoint.updated', 'endpoint.deleted']
      const all = toldOf(receiver, id)
      expect(all).toHaveLength(3)
      expect(all).toEqual(expect.arrayContaining(types.map((type) => ({ type, data }))))
    }, WAIT)
    await operational().delete(told.id)
  })

  it('of messages that were given up, and endpoints that were disabled and enabled', async () => {
    const receiver = openReceiver()
    const only = ['message.attempt.exhausted', 'endpoint.disabled', 'endpoint.enabled']
    const input = { url: receiver.url, secret: SECRET, eventTypes: only }
    const operationalOne = await operational().create(input)
    const tenant = await createTenant()
    const app = await svix.application.get(tenant.id)
    const failing = openReceiver(() => new Response(null, { status: 503 }))
    const endpoint = await svix.endpoint.create(app.id, { url: failing.url })
    const ask = sendAs(await createKey(tenant))
    const listed = (await ask({ method: 'GET', path: '/v1/webhooks' })).body
    const [webhook] = (listed as { items: { id: string }[] }).items
    const suspend = { afterSeconds: 0, afterFailures: 1 }
    const body = JSON.stringify({ failureHandling: { retry: null, suspend } })
    const path = `/v1/webhooks/${webhook?.id}`
    expect(await ask({ method: 'PATCH', path, body })).toMatchObject({ status: 200 })
    const message = await svix.message.create(app.id, { eventType: 'a.b', payload: {} })
    const about = { appId: app.id, appUid: null, endpointId: endpoint.id, endpointUid: null }
    await vi.waitFor(() => expect(toldOf(receiver, endpoint.id)).toHaveLength(2), WAIT)
    await svix.endpoint.patch(app.id, endpoint.id, { disabled: false })
    await vi.waitFor(() => expect(toldOf(receiver, endpoint.id)).toHaveLength(3), WAIT)
    const { data: attempts } = await svix.messageAttempt.listByMsg(app.id, message.id)
    const [attempt] = attempts
    expect(toldOf(receiver, endpoint.id)).toEqual(
      expect.arrayContaining([
        {
          type: 'message.attempt.exhausted',
          data: {
            ...about,
            msgId: message.id,
            lastAttempt: {
              id: attempt?.id,
              responseStatusCode: 503,
              timestamp: attempt?.timestamp.toISOString(),
            },
          },
        },
        {
          type: 'endpoint.disabled',
          data: { ...about, failSince: expect.any(String), trigger: 'automatic' },
        },
        { type: 'endpoint.enabled', data: about },
      ]),
    )
    await operational().delete(operationalOne.id)
  })

  it('of nothing that befalls operational webhooks, and of no other surface’s', async () => {
    const receiver = openReceiver()
    const told = await operational().create({ url: receiver.url, secret: SECRET })
    const tenant = await createTenant()
    const ask = sendAs(await createKey(tenant))
    const body = JSON.stringify({ url: openReceiver().url, eventTypes: ['*'] })
    expect(await ask({ method: 'POST', path: '/v1/webhooks', body })).toMatchObject({ status: 201 })
    const last = await svix.endpoint.create(tenant.id, { url: openReceiver().url })
    await vi.waitFor(() => expect(toldOf(receiver, last.id)).toHaveLength(1), WAIT)
    expect(receiver.requests).toHaveLength(1)
    await operational().delete(told.id)
  })
})
