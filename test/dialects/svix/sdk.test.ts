// Version 2 of the official SDK against the running Worker: each call that docs/contracts/svix.md lists.

import {
  type ApiException,
  AppPortalCapability,
  MessageStatus,
  Ordering,
  StatusCodeClass,
  type Svix,
  Webhook,
} from 'svix'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  createOperatorKey,
  openReceiver,
  type ReceivedRequest,
  send,
} from '../../fixtures/hookline.ts'
import { openClient } from './clients.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WAIT = { timeout: 10_000, interval: 50 }

let svix: Svix
let token: string
beforeAll(async () => {
  token = (await createOperatorKey()).token
  svix = await openClient(token)
  for (const name of ['invoice.paid', 'user.created']) {
    await svix.eventType.upsert(name, { description: name })
  }
})

const newApp = (uid = `app-${crypto.randomUUID()}`) =>
  svix.application.create({ name: 'Acme', uid })
const newEndpoint = (appId: string, url = openReceiver().url, more = {}) =>
  svix.endpoint.create(appId, { url, secret: SECRET, ...more })

/** What the SDK threw. */
async function refusalOf(
  call: Promise<unknown>,
): Promise<Pick<ApiException<unknown>, 'code' | 'body'>> {
  try {
    await call
  } catch (error) {
    const { code, body } = error as ApiException<unknown>
    return { code, body }
  }
  throw new Error('The call was not refused.')
}

async function all<T>(
  list: (
    iterator: string | undefined,
  ) => Promise<{ data: T[]; iterator: string | null; done: boolean }>,
): Promise<T[]> {
  const items: T[] = []
  for (let iterator: string | undefined; ; ) {
    const page = await list(iterator)
    items.push(...page.data)
    if (page.done) return items
    iterator = page.iterator ?? undefined
  }
}

describe('applications', () => {
  it('are made, read by id and by uid, changed and deleted', async () => {
    const app = await svix.application.create({ name: 'One', uid: 'sdk-one', metadata: { a: 'b' } })
    expect(app).toMatchObject({ name: 'One', uid: 'sdk-one', metadata: { a: 'b' } })
    expect(app.id).toMatch(/^app_[0-9A-Za-z]{27}$/)
    expect(await svix.application.get('sdk-one')).toEqual(app)
    expect(await svix.application.get(app.id)).toEqual(app)
    const patched = await svix.application.patch(app.id, { name: 'Two' })
    expect(patched).toMatchObject({ name: 'Two', uid: 'sdk-one', metadata: { a: 'b' } })
    const replaced = await svix.application.upsert('sdk-one', { name: 'Three', uid: 'sdk-one' })
    expect(replaced).toMatchObject({ id: app.id, name: 'Three', metadata: {} })
    await svix.application.delete(app.id)
    await vi.waitFor(async () => {
      expect((await refusalOf(svix.application.get(app.id))).code).toBe(404)
    }, WAIT)
  })

  it('are made once by getOrCreate, and by upsert where there is none', async () => {
    const uid = `uid-${crypto.randomUUID()}`
    const made = await Promise.all(
      [1, 2, 3].map(() => svix.application.getOrCreate({ name: 'Acme', uid })),
    )
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    const other = await svix.application.upsert(`${uid}-2`, { name: 'Other' })
    expect(other).toMatchObject({ name: 'Other', uid: `${uid}-2` })
  })

  it('are refused twice under one uid, and without a name', async () => {
    const { uid } = await newApp()
    expect(await refusalOf(svix.application.create({ name: 'x', uid: uid ?? '' }))).toEqual({
      code: 409,
      body: { code: 'conflict', detail: expect.any(String) },
    })
    expect(await refusalOf(svix.application.create({ name: '' }))).toEqual({
      code: 422,
      body: {
        detail: [{ loc: ['body', 'name'], msg: expect.any(String), type: 'value_error' }],
      },
    })
  })

  it('are listed in both orders, forwards and backwards', async () => {
    const made = [await newApp(), await newApp(), await newApp()].map(({ id }) => id)
    const listed = await all((iterator) =>
      svix.application.list({ limit: 2, ...(iterator && { iterator }) }),
    )
    expect(listed.map(({ id }) => id).filter((id) => made.includes(id))).toEqual(made)
    const newest = await svix.application.list({ limit: 2, order: Ordering.Descending })
    expect(newest.data.map(({ id }) => id)).toEqual([made[2], made[1]])
    const next = await svix.application.list({
      limit: 1,
      order: Ordering.Descending,
      iterator: newest.iterator ?? '',
    })
    expect(next.data.map(({ id }) => id)).toEqual([made[0]])
    const back = await svix.application.list({
      limit: 1,
      order: Ordering.Descending,
      iterator: next.prevIterator ?? '',
    })
    expect(back).toMatchObject({ data: [{ id: made[1] }], done: false })
  })

  it('are tenants of /v1, and the reverse', async () => {
    const app = await newApp()
    const headers = { authorization: `Bearer ${token}` }
    const answer = await send({ method: 'GET', path: `/v1/tenants/${app.uid}` }, headers)
    expect(answer.body).toMatchObject({ name: 'Acme', uid: app.uid })
    const { id } = answer.body as { id: string }
    expect(await svix.application.get(id)).toEqual(app)
  })

  it('refuse what is not implemented', async () => {
    const refused = await refusalOf(svix.application.create({ name: 'x', throttleRate: 5 }))
    expect(refused.code).toBe(501)
  })
})

describe('endpoints', () => {
  it('have a throttle rate, which is the rate of their webhook', async () => {
    const app = await newApp()
    const { id, throttleRate } = await newEndpoint(app.id, undefined, { throttleRate: 5 })
    expect(throttleRate).toBe(5)
    const patched = await svix.endpoint.patch(app.id, id, { throttleRate: 7 })
    expect(patched.throttleRate).toBe(7)
    const cleared = await svix.endpoint.patch(app.id, id, { throttleRate: null })
    expect(cleared.throttleRate ?? null).toBeNull()
    const refused = await refusalOf(svix.endpoint.patch(app.id, id, { throttleRate: 0 }))
    expect(refused.code).toBe(422)
  })

  it('are made, read by id and by uid, changed and deleted', async () => {
    const app = await newApp()
    const endpoint = await newEndpoint(app.id, undefined, {
      uid: 'ep-1',
      description: 'The first',
      eventTypes: ['invoice.paid'],
      channels: ['eu'],
      metadata: { team: 'x' },
    })
    expect(endpoint).toMatchObject({
      uid: 'ep-1',
      description: 'The first',
      disabled: false,
      eventTypes: ['invoice.paid'],
      channels: ['eu'],
      metadata: { team: 'x' },
    })
    expect(endpoint.id).toMatch(/^ep_[0-9A-Za-z]{27}$/)
    expect(await svix.endpoint.get(app.uid ?? '', 'ep-1')).toEqual(endpoint)
    const patched = await svix.endpoint.patch(app.id, endpoint.id, {
      disabled: true,
      channels: null,
    })
    expect(patched).toMatchObject({ disabled: true, description: 'The first' })
    expect(patched.channels).toBeUndefined()
    const replaced = await svix.endpoint.upsert(app.id, 'ep-1', { url: endpoint.url, uid: 'ep-1' })
    expect(replaced).toMatchObject({ id: endpoint.id, description: '', disabled: false })
    expect(replaced.eventTypes).toBeUndefined()
    const made = await svix.endpoint.upsert(app.id, 'ep-2', { url: endpoint.url })
    expect(made).toMatchObject({ uid: 'ep-2' })
    await svix.endpoint.delete(app.id, endpoint.id)
    expect(await refusalOf(svix.endpoint.get(app.id, 'ep-1'))).toEqual({
      code: 404,
      body: { code: 'not_found', detail: expect.any(String) },
    })
  })

  it('are listed in both orders, forwards and backwards', async () => {
    const app = await newApp()
    const made: string[] = []
    for (let n = 0; n < 5; n += 1) made.push((await newEndpoint(app.id)).id)
    const ids = await all((iterator) =>
      svix.endpoint.list(app.id, { limit: 2, ...(iterator && { iterator }) }),
    )
    expect(ids.map(({ id }) => id)).toEqual(made)
    const down = await svix.endpoint.list(app.id, { limit: 4, order: Ordering.Descending })
    expect(down.data.map(({ id }) => id)).toEqual(made.toReversed().slice(0, 4))
    expect(down.done).toBe(false)
    const last = await svix.endpoint.list(app.id, {
      limit: 4,
      order: Ordering.Descending,
      iterator: down.iterator ?? '',
    })
    expect(last).toMatchObject({ data: [{ id: made[0] }], done: true })
    const back = await svix.endpoint.list(app.id, {
      limit: 2,
      order: Ordering.Descending,
      iterator: last.prevIterator ?? '',
    })
    expect(back.data.map(({ id }) => id)).toEqual([made[2], made[1]])
    expect((await refusalOf(svix.endpoint.list(app.id, { limit: 251 }))).code).toBe(422)
  })

  it('show their secret, which rotates', async () => {
    const app = await newApp()
    const { id } = await newEndpoint(app.id)
    expect(await svix.endpoint.getSecret(app.id, id)).toEqual({ key: SECRET })
    await svix.endpoint.rotateSecret(app.id, id, {})
    const rotated = await svix.endpoint.getSecret(app.id, id)
    expect(rotated.key).toMatch(/^whsec_/)
    expect(rotated.key).not.toBe(SECRET)
  })

  it('have headers, of which some are not shown', async () => {
    const app = await newApp()
    const { id } = await newEndpoint(app.id)
    await svix.endpoint.setHeaders(app.id, id, { headers: { 'X-Team': 'a', Authorization: 'b' } })
    expect(await svix.endpoint.getHeaders(app.id, id)).toEqual({
      headers: { 'X-Team': 'a' },
      sensitive: ['Authorization'],
    })
    await svix.endpoint.patchHeaders(app.id, id, {
      headers: { 'x-team': 'c' },
      deleteHeaders: ['authorization'],
    })
    expect(await svix.endpoint.getHeaders(app.id, id)).toEqual({
      headers: { 'x-team': 'c' },
      sensitive: [],
    })
    const refused = await refusalOf(
      svix.endpoint.setHeaders(app.id, id, { headers: { Host: 'x' } }),
    )
    expect(refused.code).toBe(422)
  })

  it('name only event types that there are', async () => {
    const app = await newApp()
    expect(await refusalOf(newEndpoint(app.id, undefined, { eventTypes: ['no.such'] }))).toEqual({
      code: 422,
      body: {
        detail: [{ loc: ['body', 'eventTypes'], msg: expect.any(String), type: 'value_error' }],
      },
    })
  })
})

describe('messages', () => {
  it('reach endpoints byte for byte, signed as the SDK verifies', async () => {
    const app = await newApp()
    const receiver = openReceiver()
    await newEndpoint(app.id, receiver.url, { headers: { 'x-team': 'a' } })
    const message = await svix.message.create(app.id, {
      eventType: 'invoice.paid',
      payload: { number: 42, text: 'ü' },
    })
    expect(message.id).toMatch(/^msg_[0-9A-Za-z]{27}$/)
    const [request] = await receiver.received(1)
    expect(request?.body).toBe('{"number":42,"text":"ü"}')
    expect(request?.headers).toMatchObject({
      'svix-id': message.id,
      'webhook-id': message.id,
      'x-team': 'a',
    })
    const { body = '', headers = {} } = request ?? {}
    new Webhook(SECRET).verify(body, { ...headers })
    const unbranded = Object.fromEntries(
      Object.entries(headers).filter(([name]) => name.startsWith('webhook-')),
    )
    new Webhook(SECRET).verify(body, unbranded)
    expect(() => new Webhook(SECRET).verify(`${body} `, { ...headers })).toThrow()
  })

  it('are found by id, by eventId, and with what was said of them', async () => {
    const app = await newApp()
    const sent = {
      eventType: 'invoice.paid',
      payload: { n: 1 },
      eventId: 'my-1',
      channels: ['eu'],
      tags: ['a', 'b'],
    }
    const created = await svix.message.create(app.id, sent, { withContent: true })
    expect(created).toMatchObject(sent)
    expect(await svix.message.get(app.id, created.id, { withContent: true })).toEqual(created)
    expect(await svix.message.get(app.id, 'my-1', { withContent: true })).toEqual(created)
    const bare = await svix.message.get(app.id, 'my-1', { withContent: false })
    expect(bare.payload).toEqual({})
    expect((await refusalOf(svix.message.get(app.id, 'other'))).code).toBe(404)
  })

  it('are refused twice under one eventId, and once answered twice under one idempotency key', async () => {
    const app = await newApp()
    const message = { eventType: 'invoice.paid', payload: {}, eventId: 'once' }
    const first = await svix.message.create(app.id, message, { idempotencyKey: 'k' })
    expect(await svix.message.create(app.id, message, { idempotencyKey: 'k' })).toEqual(first)
    expect((await refusalOf(svix.message.create(app.id, message))).code).toBe(409)
  })

  it('go to endpoints by type and by channel', async () => {
    const app = await newApp()
    const [paid, eu, everything] = [openReceiver(), openReceiver(), openReceiver()]
    await newEndpoint(app.id, paid.url, { eventTypes: ['invoice.paid'] })
    await newEndpoint(app.id, eu.url, { channels: ['eu', 'uk'] })
    await newEndpoint(app.id, everything.url)
    const send = (eventType: string, channels?: string[]) =>
      svix.message.create(app.id, { eventType, payload: {}, ...(channels && { channels }) })
    const one = await send('invoice.paid', ['us'])
    const two = await send('user.created', ['uk', 'x'])
    const three = await send('user.created')
    await everything.received(3)
    await paid.received(1)
    await eu.received(1)
    const ids = ({ requests }: typeof paid) => requests.map(({ headers }) => headers['svix-id'])
    expect(ids(paid)).toEqual([one.id])
    expect(ids(eu)).toEqual([two.id])
    expect(ids(everything).toSorted()).toEqual([one.id, two.id, three.id].toSorted())
  })

  it('are asked about before', async () => {
    const app = await newApp()
    const precheck = async (eventType: string, channels?: string[]) =>
      (await svix.message.precheck(app.id, { eventType, ...(channels && { channels }) })).active
    expect(await precheck('invoice.paid')).toBe(false)
    const endpoint = await newEndpoint(app.id, openReceiver().url, {
      eventTypes: ['invoice.paid'],
      channels: ['eu'],
    })
    expect(await precheck('invoice.paid', ['eu', 'us'])).toBe(true)
    expect(await precheck('invoice.paid')).toBe(false)
    expect(await precheck('user.created', ['eu'])).toBe(false)
    await svix.endpoint.patch(app.id, endpoint.id, { disabled: true })
    expect(await precheck('invoice.paid', ['eu'])).toBe(false)
  })

  it('make their application in the same call', async () => {
    const uid = `new-${crypto.randomUUID()}`
    const message = { eventType: 'invoice.paid', payload: {} }
    expect((await refusalOf(svix.message.create(uid, message))).code).toBe(404)
    await svix.message.create(uid, { ...message, application: { name: 'New', uid } })
    expect(await svix.application.get(uid)).toMatchObject({ name: 'New', uid })
  })

  it('are listed by what was asked for, forwards and backwards', async () => {
    const app = await newApp()
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) {
      const eventType = n % 2 === 0 ? 'invoice.paid' : 'user.created'
      const { id } = await svix.message.create(app.id, {
        eventType,
        payload: { n },
        tags: [`t${n}`],
        channels: [`c${n}`],
      })
      ids.unshift(id)
    }
    const listed = await all((iterator) =>
      svix.message.list(app.id, { limit: 2, ...(iterator && { iterator }) }),
    )
    expect(listed.map(({ id }) => id)).toEqual(ids)
    const first = await svix.message.list(app.id, { limit: 3 })
    const second = await svix.message.list(app.id, { limit: 3, iterator: first.iterator ?? '' })
    expect(second.data.map(({ id }) => id)).toEqual(ids.slice(3))
    const back = await svix.message.list(app.id, { limit: 2, iterator: second.prevIterator ?? '' })
    expect(back).toMatchObject({ data: [{ id: ids[1] }, { id: ids[2] }], done: false })
    const start = await svix.message.list(app.id, { limit: 2, iterator: back.prevIterator ?? '' })
    expect(start).toMatchObject({ data: [{ id: ids[0] }], done: true })
    const onward = await svix.message.list(app.id, { limit: 9, iterator: start.iterator ?? '' })
    expect(onward.data.map(({ id }) => id)).toEqual(ids.slice(1))
    const of = async (asked: Parameters<typeof svix.message.list>[1]) =>
      (await svix.message.list(app.id, asked)).data.map(({ id }) => id)
    expect(await of({ eventTypes: ['user.created'] })).toEqual([ids[1], ids[3]])
    expect(await of({ tag: 't4' })).toEqual([ids[0]])
    expect(await of({ channel: 'c0' })).toEqual([ids[4]])
    expect(await of({ before: new Date(0) })).toEqual([])
    expect(await of({ after: new Date(0), limit: 1 })).toEqual([ids[0]])
  })

  it('wait for their time, if they have one, and are refused if it is too far ahead', async () => {
    const app = await newApp()
    const receiver = openReceiver()
    await newEndpoint(app.id, receiver.url)
    const message = { eventType: 'invoice.paid', payload: { n: 1 } }
    const deliverAt = new Date(Date.now() + 1_500)
    const made = await svix.message.create(app.id, { ...message, deliverAt })
    expect(made).toMatchObject({ deliverAt })
    expect(made.timestamp.getTime()).toBeLessThan(deliverAt.getTime())
    const found = await svix.message.get(app.id, made.id, { withContent: true })
    expect(found).toMatchObject({ id: made.id, deliverAt, payload: { n: 1 } })
    const [request] = await receiver.received(1)
    expect(request?.headers['webhook-id']).toBe(made.id)
    expect(Date.now()).toBeGreaterThanOrEqual(deliverAt.getTime())
    expect((await svix.message.list(app.id)).data).toMatchObject([{ id: made.id, deliverAt }])
    const past = await svix.message.create(app.id, { ...message, deliverAt: new Date(0) })
    expect(past.deliverAt ?? null).toBeNull()
    const tooFar = { ...message, deliverAt: new Date(Date.now() + 31 * 86_400_000) }
    const refusal = await refusalOf(svix.message.create(app.id, tooFar))
    expect([refusal.code, JSON.stringify(refusal.body)]).toEqual([
      422,
      expect.stringContaining('deliverAt'),
    ])
  })
})

describe('what is kept of a message', () => {
  const plain = { eventType: 'invoice.paid', payload: { secret: 1 } }

  it('is its id, type and time once its content is expunged', async () => {
    const app = await newApp()
    const receiver = openReceiver(({ body }) => new Response(body, { status: 500 }))
    const endpoint = await newEndpoint(app.id, receiver.url)
    const sent = { ...plain, eventId: 'once', tags: ['a'], channels: ['c'] }
    const { id } = await svix.message.create(app.id, sent)
    const statuses = async () => {
      const [there] = (await svix.messageAttempt.listAttemptedDestinations(app.id, id)).data
      const [told] = (await svix.messageAttempt.listAttemptedMessages(app.id, endpoint.id)).data
      return [there?.status, told?.status]
    }
    const answers = async () => {
      const { data } = await svix.messageAttempt.listByMsg(app.id, id, { withContent: true })
      return data.map(({ response }) => response)
    }
    await vi.waitFor(async () => expect(await answers()).toContain('{"secret":1}'), WAIT)
    expect(await svix.message.expungeContent(app.id, 'once')).toBeUndefined()
    const left = await svix.message.get(app.id, id, { withContent: true })
    expect(left).toMatchObject({ id, eventType: 'invoice.paid', payload: { expired: true } })
    expect([left.eventId, left.tags, left.channels]).toEqual([undefined, undefined, undefined])
    await vi.waitFor(async () => {
      expect(new Set(await answers())).toEqual(new Set(['']))
      // Only the second call asks for all there are.
      expect(await statuses()).toEqual([MessageStatus.Fail, MessageStatus.Canceled])
    }, WAIT)
    const again = await refusalOf(svix.messageAttempt.resend(app.id, id, endpoint.id))
    expect(again.code).toBe(409)
    await svix.message.expungeContent(app.id, id)
    expect((await refusalOf(svix.message.expungeContent(app.id, 'none'))).code).toBe(404)
  })

  it('is as before, but for a response that is expunged', async () => {
    const app = await newApp()
    const receiver = openReceiver(() => new Response('private', { status: 500 }))
    const endpoint = await newEndpoint(app.id, receiver.url)
    const { id } = await svix.message.create(app.id, plain)
    const attempts = async () =>
      (await svix.messageAttempt.listByMsg(app.id, id, { withContent: true })).data
    await vi.waitFor(async () => expect(await attempts()).toHaveLength(1), WAIT)
    await svix.messageAttempt.resend(app.id, id, endpoint.id)
    await vi.waitFor(async () => expect(await attempts()).toHaveLength(2), WAIT)
    const [newest] = await attempts()
    await svix.messageAttempt.expungeContent(app.id, id, newest?.id ?? '')
    expect((await attempts()).map(({ response }) => response)).toEqual(['', 'private'])
    const kept = await svix.message.get(app.id, id, { withContent: true })
    expect(kept.payload).toEqual({ secret: 1 })
    const none = await refusalOf(svix.messageAttempt.expungeContent(app.id, id, app.id))
    expect(none.code).toBe(404)
  })

  it('is gone when the time has passed that was said', async () => {
    const app = await newApp()
    const [usual, days, hours, hour] = [
      await svix.message.create(app.id, plain),
      await svix.message.create(app.id, { ...plain, payloadRetentionPeriod: 5 }),
      await svix.message.create(app.id, { ...plain, payloadRetentionHours: 48 }),
      await svix.message.create(app.id, { ...plain, payloadRetentionHours: 1 }),
    ]
    const left = async () => (await svix.message.list(app.id)).data.map(({ id }) => id)
    expect(await left()).toEqual([hour.id, hours.id, days.id, usual.id])
    const start = Date.now()
    try {
      vi.useFakeTimers({ toFake: ['Date'], now: start + HOUR_MS - 60_000 })
      expect(await left()).toEqual([hour.id, hours.id, days.id, usual.id])
      vi.setSystemTime(start + HOUR_MS + 60_000)
      expect(await left()).toEqual([hours.id, days.id, usual.id])
      vi.setSystemTime(start + 3 * DAY_MS)
      expect(await left()).toEqual([days.id, usual.id])
      vi.setSystemTime(start + 6 * DAY_MS)
      expect(await left()).toEqual([usual.id])
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([
    { payloadRetentionPeriod: 91 },
    { payloadRetentionPeriod: 5, payloadRetentionHours: 120 },
    { payloadRetentionHours: 0 },
  ])('is said clearly: not %j', async (asked) => {
    const app = await newApp()
    expect((await refusalOf(svix.message.create(app.id, { ...plain, ...asked }))).code).toBe(422)
  })
})

describe('attempts', () => {
  it('are listed by endpoint and by message, and resent', async () => {
    const app = await newApp()
    let status = 204
    const receiver = openReceiver(() => new Response(status === 204 ? null : 'no', { status }))
    const endpoint = await newEndpoint(app.id, receiver.url)
    const message = await svix.message.create(app.id, {
      eventType: 'invoice.paid',
      payload: { n: 1 },
      tags: ['x'],
      channels: ['c'],
    })
    await receiver.received(1)
    await vi.waitFor(async () => {
      const { data } = await svix.messageAttempt.listByMsg(app.id, message.id)
      expect(data).toHaveLength(1)
    }, WAIT)
    const { data } = await svix.messageAttempt.listByEndpoint(app.id, endpoint.id, {
      withMsg: true,
    })
    expect(data).toMatchObject([
      {
        msgId: message.id,
        endpointId: endpoint.id,
        url: receiver.url,
        responseStatusCode: 204,
        status: MessageStatus.Success,
        statusText: 'success',
        triggerType: 0,
        msg: { id: message.id },
      },
    ])
    const [attempt] = data
    expect(attempt?.id).toMatch(/^atmpt_[0-9A-Za-z]{27}$/)
    const read = await svix.messageAttempt.get(app.id, message.id, attempt?.id ?? '')
    expect(read).toMatchObject({ id: attempt?.id, msgId: message.id })

    status = 500
    await svix.messageAttempt.resend(app.id, message.id, endpoint.id)
    await receiver.received(2)
    await vi.waitFor(async () => {
      const listed = await svix.messageAttempt.listByMsg(app.id, message.id)
      expect(listed.data.map((one) => [one.statusText, one.triggerType])).toEqual([
        ['fail', 1],
        ['success', 0],
      ])
    }, WAIT)
    const of = async (asked: Parameters<typeof svix.messageAttempt.listByEndpoint>[2]) =>
      (await svix.messageAttempt.listByEndpoint(app.id, endpoint.id, asked)).data.map(
        ({ responseStatusCode }) => responseStatusCode,
      )
    expect(await of({})).toEqual([500, 204])
    expect(await of({ status: MessageStatus.Fail })).toEqual([500])
    expect(await of({ status: MessageStatus.Success })).toEqual([204])
    expect(await of({ statusCodeClass: 500 })).toEqual([500])
    expect(await of({ eventTypes: ['user.created'] })).toEqual([])
    expect(await of({ tag: 'x', channel: 'c' })).toEqual([500, 204])
    expect(await of({ tag: 'y' })).toEqual([])
    expect(await of({ before: new Date(0) })).toEqual([])

    const first = await svix.messageAttempt.listByEndpoint(app.id, endpoint.id, { limit: 1 })
    const second = await svix.messageAttempt.listByEndpoint(app.id, endpoint.id, {
      limit: 1,
      iterator: first.iterator ?? '',
    })
    expect(second.data).toMatchObject([{ responseStatusCode: 204 }])
    const back = await svix.messageAttempt.listByEndpoint(app.id, endpoint.id, {
      limit: 1,
      iterator: second.prevIterator ?? '',
    })
    expect(back).toMatchObject({ data: [{ responseStatusCode: 500 }], done: true })
    const page = await svix.messageAttempt.listByMsg(app.id, message.id, { limit: 1 })
    const next = await svix.messageAttempt.listByMsg(app.id, message.id, {
      limit: 1,
      iterator: page.iterator ?? '',
      endpointId: endpoint.id,
    })
    expect(next).toMatchObject({ data: [{ responseStatusCode: 204 }], done: true })

    const stats = await svix.endpoint.getStats(app.id, endpoint.id)
    expect(stats).toEqual({ success: 1, pending: 0, sending: 0, fail: 0, canceled: 0 })
    const long = { since: new Date('2026-01-01'), until: new Date('2026-06-01') }
    expect((await refusalOf(svix.endpoint.getStats(app.id, endpoint.id, long))).code).toBe(400)
  })

  it('tell how messages stand at endpoints', async () => {
    const app = await newApp()
    const receiver = openReceiver(() => new Response(null, { status: 500 }))
    const endpoint = await newEndpoint(app.id, receiver.url)
    const message = await svix.message.create(app.id, { eventType: 'invoice.paid', payload: {} })
    await receiver.received(1)
    await vi.waitFor(async () => {
      const { data } = await svix.messageAttempt.listAttemptedDestinations(app.id, message.id)
      expect(data).toMatchObject([
        { id: endpoint.id, statusText: 'pending', nextAttempt: expect.any(Date) },
      ])
    }, WAIT)
    const messages = await svix.messageAttempt.listAttemptedMessages(app.id, endpoint.id)
    expect(messages).toMatchObject({
      data: [{ id: message.id, statusText: 'pending' }],
      done: true,
    })
    const done = await svix.messageAttempt.listAttemptedMessages(app.id, endpoint.id, {
      status: MessageStatus.Success,
    })
    expect(done.data).toEqual([])
  })
})

describe('recovery', () => {
  it('starts background tasks, and shows them', async () => {
    const app = await newApp()
    const receiver = openReceiver()
    const endpoint = await newEndpoint(app.id, receiver.url, { disabled: true })
    const message = await svix.message.create(app.id, { eventType: 'invoice.paid', payload: {} })
    await svix.endpoint.patch(app.id, endpoint.id, { disabled: false })
    const since = new Date(Date.now() - 60_000)
    const recovery = await svix.endpoint.recover(app.id, endpoint.id, { since })
    expect(recovery).toMatchObject({ task: 'endpoint.recover', status: 'running' })
    const replay = await svix.endpoint.replayMissing(app.id, endpoint.id, { since })
    expect(replay).toMatchObject({ task: 'endpoint.replay', status: 'running' })
    const [request] = await receiver.received(1)
    expect(request?.headers['svix-id']).toBe(message.id)
    await vi.waitFor(async () => {
      expect(await svix.backgroundTask.get(replay.id)).toMatchObject({ status: 'finished' })
    }, WAIT)
    const bulk = await svix.endpoint.bulkReplay(app.id, endpoint.id, { since })
    expect(bulk.task).toBe('endpoint.replay')
    await receiver.received(2)
  })

  it('sends those again that a bulk replay chooses', async () => {
    const app = await newApp()
    const receiver = openReceiver()
    const endpoint = await newEndpoint(app.id, receiver.url)
    const send = (more: object) =>
      svix.message.create(app.id, { eventType: 'invoice.paid', payload: {}, ...more })
    const sent = [await send({ tags: ['t', 'u'] }), await send({ channels: ['c'] })]
    const idsOf = (requests: readonly ReceivedRequest[]) =>
      requests.map(({ headers }) => headers['svix-id']).toSorted()
    await receiver.received(2)
    const standing = async (id: string) => {
      const { data } = await svix.messageAttempt.listAttemptedDestinations(app.id, id)
      return data[0]?.status
    }
    for (const { id } of sent) {
      await vi.waitFor(async () => expect(await standing(id)).toBe(MessageStatus.Success), WAIT)
    }
    const since = new Date(Date.now() - 60_000)
    let seen = receiver.requests.length
    const isResent = async (only: object, expected: readonly string[]) => {
      const { id } = await svix.endpoint.bulkReplay(app.id, endpoint.id, { since, ...only })
      await vi.waitFor(async () => {
        expect(await svix.backgroundTask.get(id)).toMatchObject({ status: 'finished' })
        expect(idsOf(receiver.requests.slice(seen))).toEqual(expected)
      }, WAIT)
      seen = receiver.requests.length
    }
    const [tagged = { id: '' }, inChannel = { id: '' }] = sent
    await isResent({ status: MessageStatus.Fail }, [])
    await isResent({ channel: 'none' }, [])
    await isResent({ statusCodeClass: StatusCodeClass.CodeNone }, [])
    await isResent({ statusCodeClass: StatusCodeClass.Code2xx, tag: 't' }, [tagged.id])
    await isResent({ channel: 'c' }, [inChannel.id])
    await isResent({ tag: 'u' }, [tagged.id])
    await isResent({ status: MessageStatus.Success, tag: 't' }, [tagged.id])
  })

  it('sends an example', async () => {
    const app = await newApp()
    const receiver = openReceiver()
    const endpoint = await newEndpoint(app.id, receiver.url)
    const sent = await svix.endpoint.sendExample(app.id, endpoint.id, { eventType: 'invoice.paid' })
    const [request] = await receiver.received(1)
    expect(request?.headers['svix-id']).toBe(sent.id)
    expect(JSON.parse(request?.body ?? '')).toEqual(sent.payload)
  })
})

describe('event types', () => {
  it('are made, changed, archived and deleted', async () => {
    const name = `sdk.${crypto.randomUUID().slice(0, 8)}`
    const schemas = { 1: { type: 'object', properties: { n: { type: 'integer' } } } }
    const made = await svix.eventType.create({ name, description: 'One', schemas, groupName: 'g' })
    expect(made).toMatchObject({
      name,
      description: 'One',
      schemas,
      groupName: 'g',
      archived: false,
    })
    expect((await refusalOf(svix.eventType.create({ name, description: 'x' }))).code).toBe(409)
    expect(await svix.eventType.get(name)).toEqual(made)
    const patched = await svix.eventType.patch(name, { deprecated: true, featureFlags: ['beta'] })
    expect(patched).toMatchObject({ deprecated: true, featureFlags: ['beta'], schemas })
    const replaced = await svix.eventType.upsert(name, { description: 'Two' })
    expect(replaced).toMatchObject({ description: 'Two', deprecated: false })
    expect(replaced.schemas).toBeUndefined()
    const names = async (asked = {}) =>
      (
        await all((iterator) =>
          svix.eventType.list({ limit: 250, ...asked, ...(iterator && { iterator }) }),
        )
      ).map((type) => type.name)
    expect(await names()).toContain(name)
    await svix.eventType.delete(name)
    expect(await names()).not.toContain(name)
    expect(await names({ includeArchived: true })).toContain(name)
    await svix.eventType.delete(name, { expunge: true })
    expect((await refusalOf(svix.eventType.get(name))).code).toBe(404)
  })
})

describe('schemas of event types', () => {
  it('may be of draft 7, where that means the same, and come back as they were sent', async () => {
    const $schema = 'http://json-schema.org/draft-07/schema#'
    const line = { type: 'object', required: ['n'] }
    const schema = {
      $schema,
      definitions: { line },
      properties: { a: { $ref: '#/definitions/line' } },
    }
    const name = `draft.${crypto.randomUUID()}`
    await svix.eventType.create({ name, description: name, schemas: { '1': schema } })
    expect((await svix.eventType.get(name)).schemas).toEqual({ '1': schema })
    const tuples = { $schema, items: [{ type: 'string' }] }
    const refused = svix.eventType.upsert(name, { description: name, schemas: { '1': tuples } })
    expect((await refusalOf(refused)).code).toBe(422)
  })
})

describe('access of customers', () => {
  it('is a key of the application, which ends', async () => {
    const app = await newApp()
    const endpoint = await newEndpoint(app.id)
    const access = await svix.authentication.appPortalAccess(app.id)
    const portal = await openClient(access.token)
    expect((await portal.endpoint.list(app.id)).data).toMatchObject([{ id: endpoint.id }])
    expect((await refusalOf(portal.application.create({ name: 'x' }))).code).toBe(403)
    const other = await newApp()
    expect((await refusalOf(portal.endpoint.list(other.id))).code).toBe(404)
    await portal.authentication.logout()
    await vi.waitFor(async () => {
      expect((await refusalOf(portal.endpoint.list(app.id))).code).toBe(401)
    }, WAIT)
  })

  it('may be for reading only, and ends for all', async () => {
    const app = await newApp()
    const access = await svix.authentication.appPortalAccess(app.id, {
      capabilities: [AppPortalCapability.ViewBase],
    })
    const portal = await openClient(access.token)
    await portal.endpoint.list(app.id)
    expect(await refusalOf(portal.endpoint.create(app.id, { url: 'https://a.example/' }))).toEqual({
      code: 403,
      body: { code: 'insufficient access', detail: expect.any(String) },
    })
    await svix.authentication.expireAll(app.id, {})
    await vi.waitFor(async () => {
      expect((await refusalOf(portal.endpoint.list(app.id))).code).toBe(401)
    }, WAIT)
  })

  it('ends for some sessions, and at a time', async () => {
    const app = await newApp()
    const endsAt = async () => {
      const headers = { authorization: `Bearer ${token}` }
      const path = `/v1/tenants/${app.uid}/keys`
      const { body } = await send({ method: 'GET', path }, headers)
      const { items } = body as { items: { name: string; expiresAt: string }[] }
      return Object.fromEntries(items.map(({ name, expiresAt }) => [name, Date.parse(expiresAt)]))
    }
    for (const sessionId of ['a', 'b', 'c']) {
      await svix.authentication.appPortalAccess(app.id, { sessionId, expiry: 7_200 })
    }
    const before = await endsAt()
    await svix.authentication.expireAll(app.id, { expiry: 60, sessionIds: ['a'] })
    await svix.authentication.expireAll(app.id, { sessionIds: ['b'] })
    await svix.authentication.expireAll(app.id, { expiry: 36_000, sessionIds: ['c'] })
    const { 'app-portal:a': ofA, 'app-portal:c': ofC, ...others } = await endsAt()
    expect(others).toEqual({})
    expect(ofC).toBe(before['app-portal:c'])
    expect(Math.abs((ofA ?? 0) - Date.now() - 60_000)).toBeLessThan(30_000)
  })
})

describe('the surface', () => {
  it('answers a repeated POST with what the first was answered, secrets included', async () => {
    const app = await newApp()
    const call = () =>
      svix.endpoint.create(
        app.id,
        { url: 'https://receiver.example/' },
        { idempotencyKey: `key-${app.id}` },
      )
    const answers = await Promise.all([call(), call(), call()])
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect((await svix.endpoint.list(app.id)).data).toHaveLength(1)
    const access = () =>
      svix.authentication.appPortalAccess(app.id, {}, { idempotencyKey: `portal-${app.id}` })
    expect(await access()).toEqual(await access())
    const other = svix.endpoint.create(
      app.id,
      { url: 'https://other.example/' },
      { idempotencyKey: `key-${app.id}` },
    )
    expect((await refusalOf(other)).code).toBe(409)
  })

  it('says that it works', async () => {
    await svix.health.get()
  })

  it.each([
    ['streams', () => svix.streaming.stream.list()],
    ['integrations', () => svix.integration.list('app')],
  ])('refuses %s, which are not implemented', async (_, call) => {
    expect((await refusalOf(call())).code).toBe(501)
  })

  it('refuses a wrong token', async () => {
    const refused = await refusalOf((await openClient('nobody.nothing')).application.list())
    expect(refused).toEqual({
      code: 401,
      body: { code: 'authentication_failed', detail: expect.any(String) },
    })
  })
})
