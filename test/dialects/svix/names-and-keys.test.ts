// What a stranger found on this surface: names that are taken over, keys that may do too much, input that was passed over.

import { AppPortalCapability, type Svix } from 'svix'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { OPERATIONS_TENANT } from '../../../src/engine/model/index.ts'
import { TENANT } from '../../../src/limits.ts'
import { createOperatorKey, openReceiver, send } from '../../fixtures/hookline.ts'
import { openClient } from './clients.ts'

let svix: Svix
let token: string
beforeAll(async () => {
  token = (await createOperatorKey()).token
  svix = await openClient(token)
})
const name = () => crypto.randomUUID().slice(0, 8)
const bearer = (one = token) => ({ authorization: `Bearer ${one}` })
const ask = (method: string, path: string, body?: unknown, headers = {}) =>
  send(
    { method, path: `/api/v1${path}`, ...(body !== undefined && { body: JSON.stringify(body) }) },
    { ...bearer(), ...headers },
  )
const WAIT = { timeout: 10_000, interval: 50 }
/** Uids that were given up rest no more, and nobody remembers whose they were. */
const endRests = () => vi.setSystemTime(Date.now() + TENANT.uidRestMs + 1_000)
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())

describe('what is another’s', () => {
  it('a repeated POST is not answered with what belongs to the former owner of the uid', async () => {
    const uid = `acme-${name()}`
    const old = await svix.application.create({ name: 'Old', uid })
    const young = await svix.application.create({ name: 'Young' })
    const headers = { 'idempotency-key': `portal-${uid}` }
    const first = await ask('POST', `/auth/app-portal-access/${uid}`, {}, headers)
    await svix.application.patch(old.id, { uid: null })
    endRests()
    await svix.application.patch(young.id, { uid })
    const repeated = await ask('POST', `/auth/app-portal-access/${uid}`, {}, headers)
    expect(first.status).toBe(200)
    expect(repeated).toMatchObject({ status: 409, body: { code: 'conflict' } })
    const other = await ask('POST', `/auth/app-portal-access/${uid}`, {})
    const { token: given } = other.body as { token: string }
    const seen = await send({ method: 'GET', path: `/v1/tenants/${uid}/webhooks` }, bearer(given))
    expect(seen.status).toBe(200)
  })

  it('an endpoint that is said to be made in a new application of a used uid is made there', async () => {
    const uid = `re-${name()}`
    const headers = { 'idempotency-key': `main-${uid}` }
    const old = await svix.application.create({ name: 'Old', uid })
    const url = openReceiver().url
    await ask('POST', `/app/${uid}/endpoint`, { url }, headers)
    await svix.application.delete(old.id)
    await vi.waitFor(async () => {
      await expect(svix.application.get(old.id)).rejects.toMatchObject({ code: 404 })
    }, WAIT)
    endRests()
    await svix.application.create({ name: 'New', uid })
    expect((await ask('POST', `/app/${uid}/endpoint`, { url }, headers)).status).toBe(201)
    expect((await svix.endpoint.list(uid)).data).toHaveLength(1)
  })

  it('a customer’s page cannot send messages in the product’s name', async () => {
    const app = await svix.application.create({ name: 'Acme' })
    const receiver = openReceiver()
    await svix.endpoint.create(app.id, { url: receiver.url })
    const capabilities = [AppPortalCapability.ViewBase, AppPortalCapability.CreateAttempts]
    const { token: page } = await svix.authentication.appPortalAccess(app.id, { capabilities })
    const forged = { eventType: 'invoice.paid', payload: { forged: true } }
    const sent = (await openClient(page)).message.create(app.id, forged)
    await expect(sent).rejects.toMatchObject({ code: 403 })
  })

  it('a page changes endpoints, or their secrets, as its capabilities say', async () => {
    const app = await svix.application.create({ name: 'Acme' })
    const { id } = await svix.endpoint.create(app.id, { url: openReceiver().url })
    const { ViewBase, ManageEndpoint, ManageEndpointSecret } = AppPortalCapability
    // Of the first version of the SDK.
    const patchSecret = async (page: string) => {
      const body = JSON.stringify({ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' })
      const path = `/api/v1/app/${app.id}/endpoint/${id}`
      const { status } = await send({ method: 'PATCH', path, body }, bearer(page))
      if (status !== 200) throw Object.assign(new Error('It was refused.'), { code: status })
    }
    const done = async (capability: AppPortalCapability) => {
      const capabilities = [ViewBase, capability]
      const { token: page } = await svix.authentication.appPortalAccess(app.id, { capabilities })
      const portal = await openClient(page)
      const calls = [
        portal.endpoint.patch(app.id, id, { description: 'Changed.' }),
        patchSecret(page),
        portal.endpoint.rotateSecret(app.id, id, {}),
      ]
      return Promise.all(
        calls.map((call) =>
          Promise.resolve(call).then(
            () => 0,
            ({ code }) => code,
          ),
        ),
      )
    }
    expect(await done(ManageEndpoint)).toEqual([0, 403, 403])
    expect(await done(ManageEndpointSecret)).toEqual([403, 403, 0])
  })

  it('a page that may only look is not shown the values of headers', async () => {
    const app = await svix.application.create({ name: 'Acme' })
    const url = openReceiver().url
    const { id } = await svix.endpoint.create(app.id, { url, headers: { 'x-api-key': 's3cr3t' } })
    const { token: page } = await svix.authentication.appPortalAccess(app.id, { readOnly: true })
    const native = await send({ method: 'GET', path: '/v1/webhooks' }, bearer(page))
    expect(native.text).toContain('"x-api-key":"••••"')
    const path = `/api/v1/app/${app.id}/endpoint/${id}/headers`
    const shown = await send({ method: 'GET', path }, bearer(page))
    expect(shown.text).not.toContain('s3cr3t')
  })
})

describe('an event type with a feature flag', () => {
  it('is shown to a page only under that flag', async () => {
    const [open, beta] = [`open.${name()}`, `beta.${name()}`]
    const examples = [{ secret: 'of the type' }]
    const flagged = { description: '', featureFlags: ['beta'], schemas: { 1: { examples } } }
    await svix.eventType.create({ name: open, description: '' })
    await svix.eventType.create({ name: beta, ...flagged })
    const app = await svix.application.create({ name: 'Acme' })
    const receiver = openReceiver()
    const { id } = await svix.endpoint.create(app.id, { url: receiver.url })
    const shown = async (featureFlags?: string[]) => {
      const { token: page } = await svix.authentication.appPortalAccess(app.id, {
        ...(featureFlags && { featureFlags }),
      })
      const portal = await openClient(page)
      const known = async (one: string) => {
        const native = await send({ method: 'GET', path: `/v1/event-types/${one}` }, bearer(page))
        const listed = await send(
          { method: 'GET', path: '/v1/event-types?limit=100' },
          bearer(page),
        )
        const exported = await send(
          { method: 'GET', path: '/v1/event-types/export/openapi' },
          bearer(page),
        )
        const got = await portal.eventType.get(one).catch(({ code }) => code)
        const { data } = await portal.eventType.list({ limit: 250 })
        const asked = { url: receiver.url, eventTypes: [one] }
        const made = await portal.endpoint.create(app.id, asked).catch(({ code }) => code)
        return [
          native.status,
          ...[listed, exported].map(({ text }) => text.includes(`"${one}"`)),
          typeof got === 'number' ? got : got.name === one,
          data.some((type) => type.name === one),
          typeof made === 'number' ? made : true,
        ]
      }
      return { open: await known(open), beta: await known(beta), page }
    }
    const yes = [200, true, true, true, true, true]
    const none = await shown()
    expect(none).toMatchObject({ open: yes, beta: [404, false, false, 404, false, 422] })
    const other = await shown(['alpha'])
    expect(other).toMatchObject({ open: yes, beta: [404, false, false, 404, false, 422] })
    const same = await shown(['alpha', 'beta'])
    expect(same).toMatchObject({ open: yes, beta: yes })
    // A test of it sends what is sent of a type of which nothing is known.
    const { items } = (await send({ method: 'GET', path: '/v1/webhooks' }, bearer(same.page)))
      .body as { items: { id: string }[] }
    const uuid = items[0]?.id ?? ''
    const tested = async (page: string) => {
      const before = receiver.requests.length
      const request = { method: 'POST', path: `/v1/webhooks/${uuid}/test` }
      await send({ ...request, body: JSON.stringify({ type: beta }) }, bearer(page))
      await receiver.received(before + 1)
      return receiver.requests.at(-1)?.body
    }
    expect(await tested(none.page)).not.toContain('of the type')
    expect(await tested(same.page)).toContain('of the type')
    const portal = await openClient(none.page)
    const { payload } = await portal.endpoint.sendExample(app.id, id, { eventType: beta })
    expect(JSON.stringify(payload)).not.toContain('of the type')
  })
})

describe('messages, types and applications', () => {
  it('an endpoint gets the messages of its type after a version of the schema was added, as at Svix', async () => {
    const type = `ver.${name()}`
    const one = { type: 'object', required: ['a'] }
    const two = { type: 'object', required: ['b'] }
    await svix.eventType.create({ name: type, description: '', schemas: { '1': one } })
    const app = await svix.application.create({ name: 'Acme' })
    const receiver = openReceiver()
    await svix.endpoint.create(app.id, { url: receiver.url, eventTypes: [type] })
    await svix.message.create(app.id, { eventType: type, payload: { a: 1 } })
    await receiver.received(1)
    await svix.eventType.upsert(type, { description: '', schemas: { '1': one, '2': two } })
    const { id } = await svix.message.create(app.id, { eventType: type, payload: { b: 1 } })
    await receiver.received(2)
    await vi.waitFor(async () => {
      expect((await svix.messageAttempt.listByMsg(app.id, id)).data).toHaveLength(1)
    }, WAIT)
  })

  it('precheck says whether a message would reach anybody, versions included', async () => {
    const type = `pre.${name()}`
    const one = { type: 'object', required: ['a'] }
    const two = { type: 'object', required: ['b'] }
    await svix.eventType.create({ name: type, description: '', schemas: { '5': one } })
    const app = await svix.application.create({ name: 'Acme' })
    await svix.endpoint.create(app.id, { url: openReceiver().url, eventTypes: [type] })
    await svix.eventType.upsert(type, { description: '', schemas: { '5': one, '6': two } })
    const { active } = await svix.message.precheck(app.id, { eventType: type })
    const { id } = await svix.message.create(app.id, { eventType: type, payload: { b: 1 } })
    expect(active).toBe(true)
    const { data } = await svix.messageAttempt.listAttemptedDestinations(app.id, id)
    expect(data).toHaveLength(1)
  })

  it('an endpoint gets messages whose payload is not what an unchecked schema says, as at Svix', async () => {
    const type = `unchecked.${name()}`
    const schemas = { '1': { type: 'object', required: ['a'] } }
    await svix.eventType.create({ name: type, description: '', schemas })
    const app = await svix.application.create({ name: 'Acme' })
    const receiver = openReceiver()
    await svix.endpoint.create(app.id, { url: receiver.url, eventTypes: [type] })
    await svix.message.create(app.id, { eventType: type, payload: { other: 1 } })
    await receiver.received(1)
  })

  it('an event type of 700 KB is created by the SDK as it is by PUT', async () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [`v${n}`, { description: 'x'.repeat(60_000) }]),
    )
    await svix.eventType.upsert('large.put', { description: '', schemas })
    const made = await svix.eventType.create({ name: 'large.post', description: '', schemas })
    expect(made.name).toBe('large.post')
  })

  it('every event type is listed, whatever its name begins with', async () => {
    const names = ['-a', '-b', '-c', 'd'].map((one) => `${one}.${name()}`)
    for (const one of names) await svix.eventType.create({ name: one, description: '' })
    const seen: string[] = []
    let iterator: string | null = null
    for (let pages = 0; pages < 20; pages += 1) {
      const page = await svix.eventType.list({ limit: 1, ...(iterator && { iterator }) })
      seen.push(...page.data.map((type) => type.name))
      iterator = page.iterator
      if (page.done) break
    }
    expect(seen).toEqual(expect.arrayContaining(names))
  })

  it.each(['a b', 'a/b', '\u0000', 'x'.repeat(3_000), '😀'])(
    'an endpoint is not made by PUT with the uid %j, which no body may have',
    async (uid) => {
      const app = await svix.application.create({ name: 'Acme' })
      const url = openReceiver().url
      await expect(svix.endpoint.create(app.id, { url, uid })).rejects.toMatchObject({ code: 422 })
      const put = await ask('PUT', `/app/${app.id}/endpoint/${encodeURIComponent(uid)}`, { url })
      expect([404, 422]).toContain(put.status)
    },
  )

  it('a filter of applications is applied or refused, not passed over', async () => {
    const empty = await svix.application.create({ name: 'No endpoints' })
    const listed = svix.application
      .list({ excludeAppsWithNoEndpoints: true, limit: 250 })
      .then(({ data }) => data.map(({ id }) => id).includes(empty.id))
      .catch((error: { code: number }) => error.code)
    expect([501, false]).toContain(await listed)
  })

  it('msg/search is 501', async () => {
    const app = await svix.application.create({ name: 'Acme' })
    expect(await ask('GET', `/app/${app.id}/msg/search`)).toMatchObject({ status: 501 })
  })

  it('a message that is refused leaves no application behind', async () => {
    const [path, uid] = [`path-${name()}`, `body-${name()}`]
    const input = { eventType: 'a.b', payload: {}, application: { name: 'Acme', uid } }
    await expect(svix.message.create(path, input)).rejects.toMatchObject({ code: 422 })
    await expect(svix.application.get(uid)).rejects.toMatchObject({ code: 404 })
  })
})

describe('repetitions and iterators', () => {
  it('a repeated POST is known whether its path has the id or the uid', async () => {
    const app = await svix.application.create({ name: 'Acme', uid: `two-${name()}` })
    const headers = { 'idempotency-key': name() }
    const url = openReceiver().url
    const first = await ask('POST', `/app/${app.id}/endpoint`, { url }, headers)
    const second = await ask('POST', `/app/${app.uid}/endpoint`, { url }, headers)
    expect(second.body).toEqual(first.body)
  })

  it('a raw payload that is no Unicode is refused, not changed', async () => {
    const app = await svix.application.create({ name: 'Acme' })
    const body = '{"eventType":"a.b","payload":{},"transformationsParams":{"rawPayload":"\\ud800"}}'
    const sent = await send({ method: 'POST', path: `/api/v1/app/${app.id}/msg`, body }, bearer())
    expect(sent.status).toBe(422)
  })

  it.each(['-ep_000000354Tkn6SsNTp5DkEtn8s1', '-foo'])(
    'the iterator %s, which is none of messages, is refused and not answered with an empty end',
    async (iterator) => {
      const app = await svix.application.create({ name: 'Acme' })
      await svix.message.create(app.id, { eventType: 'a.b', payload: {} })
      const path = `/app/${app.id}/msg?iterator=${encodeURIComponent(iterator)}`
      expect(await ask('GET', path)).toMatchObject({ status: 422 })
    },
  )

  it('operational webhooks can be made at once after their application was deleted', async () => {
    const { endpoint } = svix.operationalWebhook
    await endpoint.create({ url: openReceiver().url })
    await svix.application.delete(OPERATIONS_TENANT.id)
    await vi.waitFor(async () => {
      expect((await endpoint.list()).data).toEqual([])
    }, WAIT)
    const again = await endpoint.create({ url: openReceiver().url })
    expect(again.id).toMatch(/^ep_/)
  })
})

describe('a uid that is a UUID', () => {
  it('a message goes to the application whose uid the path has, and to no other', async () => {
    const lower = crypto.randomUUID()
    const upper = lower.toUpperCase()
    const one = await svix.application.create({ name: 'lower', uid: lower })
    const other = await svix.application.create({ name: 'upper', uid: upper })
    const receivers = { lower: openReceiver(), upper: openReceiver() }
    await svix.endpoint.create(one.id, { url: receivers.lower.url })
    await svix.endpoint.create(other.id, { url: receivers.upper.url })
    await svix.message.create(upper, { eventType: 'a.b', payload: { private: true } })
    await receivers.upper.received(1)
    const got = { lower: receivers.lower.requests.length, upper: receivers.upper.requests.length }
    expect(got).toEqual({ lower: 0, upper: 1 })
  })

  it('an application is found by a uid that is a UUID in upper case', async () => {
    const uid = crypto.randomUUID().toUpperCase()
    const { id } = await svix.application.create({ name: 'Acme', uid })
    expect(
      (
        await send(
          { method: 'GET', path: `/v1/tenants/${uid}` },
          { authorization: `Bearer ${token}` },
        )
      ).status,
    ).toBe(200)
    expect((await svix.application.get(uid)).id).toBe(id)
  })

  it('an endpoint is found by a uid that is a UUID', async () => {
    const app = await svix.application.create({ name: 'Acme' })
    const uid = crypto.randomUUID()
    const { id } = await svix.endpoint.create(app.id, { url: openReceiver().url, uid })
    expect((await svix.endpoint.get(app.id, uid)).id).toBe(id)
  })

  it('an endpoint is made by upsert with a uid that is a UUID', async () => {
    const app = await svix.application.create({ name: 'Acme' })
    const uid = crypto.randomUUID()
    const made = await svix.endpoint.upsert(app.id, uid, { url: openReceiver().url })
    expect(made.uid).toBe(uid)
  })

  it('a message is found by an eventId that is a UUID', async () => {
    const app = await svix.application.create({ name: 'Acme' })
    const eventId = crypto.randomUUID()
    const { id } = await svix.message.create(app.id, { eventType: 'a.b', payload: {}, eventId })
    expect((await svix.message.get(app.id, eventId)).id).toBe(id)
  })
})
