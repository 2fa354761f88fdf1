// What is EveryPoint's own: one webhook per instance, made by the first PATCH and cleared by null; its error codes.

import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import {
  createKey,
  createTenant,
  openReceiver,
  presentations,
  publish,
  send,
  sendAs,
  type TestTenant,
} from '../../fixtures/hookline.ts'

const NONE = '{"success":true,"data":{"webhook":{"url":null}}}'

async function open(tenant?: TestTenant, options: object = {}) {
  tenant ??= await createTenant()
  const key = await createKey(tenant, options)
  const request = sendAs(key)
  const read = (instance: string) =>
    request({ method: 'GET', path: `/v3/instances/${instance}/webhook` })
  const patch = (instance: string, body: unknown) =>
    request({
      method: 'PATCH',
      path: `/v3/instances/${instance}/webhook`,
      body: JSON.stringify(body),
    })
  const listed = async () => {
    const { body } = await request({ method: 'GET', path: '/v1/webhooks' })
    return (body as { items: { id: string; url: string }[] }).items
  }
  const publishJob = (instance: string, job: string) =>
    publish(key, { type: 'job', scope: { instance }, data: `{"uri":"/jobs/${job}"}` })
  return { tenant, key, request, read, patch, listed, publishJob }
}

const jobOf = (instance: string, job: string) =>
  `{"job":"https://api.everypoint.io/v3/instances/${instance}/jobs/${job}"}`

describe('an instance', () => {
  it.each([['default'], ['0'], ['-'], ['01940000-0000-7000-8000-000000000001'], ['a'.repeat(512)]])(
    'named %s has no URL before the first PATCH',
    async (name) => {
      const { read } = await open()
      const answer = await read(name)
      expect([answer.status, answer.text]).toEqual([200, NONE])
    },
  )

  it.each([['Default'], ['a_b'], ['a.b'], ['a%2Fb'], ['%F0%9F%AA%9D'], ['%00'], ['a'.repeat(513)]])(
    'cannot be named %s',
    async (name) => {
      const { request } = await open()
      for (const method of ['GET', 'PATCH', 'PUT']) {
        const path = `/v3/instances/${name}/webhook`
        const answer = await request({ method, path, ...(method !== 'GET' && { body: '{' }) })
        expect(answer).toMatchObject({ status: 404, body: { success: false, code: 1002 } })
      }
    },
  )

  it('has its own URL and gets its own notifications', async () => {
    const { patch, read, publishJob } = await open()
    const [development, production] = [openReceiver(), openReceiver()]
    await patch('development', { url: development.url })
    await patch('production', { url: production.url })
    expect((await read('development')).body).toMatchObject({
      data: { webhook: { url: development.url } },
    })
    await publishJob('development', '1')
    await publishJob('production', '2')
    await development.received(1)
    await production.received(1)
    expect(development.requests.map(({ body }) => body)).toEqual([jobOf('development', '1')])
    expect(production.requests.map(({ body }) => body)).toEqual([jobOf('production', '2')])
  })

  it('of another tenant is another one', async () => {
    const [mine, theirs] = [await open(), await open()]
    await mine.patch('default', { url: 'https://mine.example/' })
    expect((await theirs.read('default')).text).toBe(NONE)
    await theirs.patch('default', { url: null })
    expect((await mine.read('default')).body).toMatchObject({
      data: { webhook: { url: 'https://mine.example/' } },
    })
  })

  it('does not show webhooks made on another surface', async () => {
    const { request, read } = await open()
    const body = JSON.stringify({
      url: 'https://native.example/',
      eventTypes: ['job'],
      scope: { instance: 'default' },
    })
    expect((await request({ method: 'POST', path: '/v1/webhooks', body })).status).toBe(201)
    expect((await read('default')).text).toBe(NONE)
  })

  it('ends with one webhook when many first PATCHes arrive at once', async () => {
    const { patch, read, listed } = await open()
    const urls = Array.from({ length: 20 }, (_, index) => `https://many.example/${index}`)
    const answers = await Promise.all(urls.map((url) => patch('default', { url })))
    expect(answers.map(({ status }) => status)).toEqual(urls.map(() => 200))
    const webhooks = await listed()
    expect(webhooks).toHaveLength(1)
    expect((await read('default')).body).toMatchObject({
      data: { webhook: { url: webhooks[0]?.url } },
    })
  })

  it('answers 200 to PATCHes that set and clear at once', async () => {
    const { patch, listed } = await open()
    const urls = Array.from({ length: 20 }, (_, index) =>
      index % 2 ? null : 'https://many.example/',
    )
    const answers = await Promise.all(urls.map((url) => patch('default', { url })))
    expect(answers.map(({ status }) => status)).toEqual(urls.map(() => 200))
    expect((await listed()).length).toBeLessThanOrEqual(1)
  })
})

describe('an instance that has the webhook of another user', () => {
  const TAKEN = {
    status: 409,
    body: {
      success: false,
      code: 409,
      message: 'This webhook already exists, but this key has no access to it.',
    },
  }

  it.each([
    ['another user', { subject: 'ada' }, { subject: 'grace' }],
    ['no user', {}, { subject: 'grace' }],
  ])('of %s shows none, and lets none be set or removed', async (_, owning, other) => {
    const owner = await open(undefined, owning)
    const url = 'https://owner.example/'
    await owner.patch('default', { url })
    const { read, patch } = await open(owner.tenant, other)
    expect((await read('default')).text).toBe(NONE)
    expect(await patch('default', { url: 'https://taken.example/' })).toMatchObject(TAKEN)
    expect((await patch('default', { url: null })).text).toBe(NONE)
    expect((await owner.read('default')).body).toMatchObject({ data: { webhook: { url } } })
    await owner.patch('default', { url: null })
    expect(await patch('default', { url: 'https://taken.example/' })).toMatchObject({ status: 200 })
  })

  it('is refused after one look, and not tried over and over', async () => {
    const owner = await open(undefined, { subject: 'ada' })
    await owner.patch('default', { url: 'https://owner.example/' })
    const { patch } = await open(owner.tenant, { subject: 'grace' })
    const statements = vi.spyOn(env.DB, 'prepare')
    await patch('default', { url: 'https://taken.example/' })
    // Others may ask the database meanwhile, for something else.
    const tries = statements.mock.calls.filter(([sql]) => /^insert into "webhooks"/.test(sql))
    expect(tries).toHaveLength(1)
    statements.mockRestore()
  })
})

describe('a webhook', () => {
  it('stays the same webhook when its URL changes', async () => {
    const { patch, listed } = await open()
    await patch('default', { url: 'https://first.example/' })
    const [before] = await listed()
    await patch('default', { url: 'https://second.example/' })
    expect(await listed()).toMatchObject([{ id: before?.id, url: 'https://second.example/' }])
  })

  it('is notified of every change of a job', async () => {
    const { key, patch } = await open()
    const receiver = openReceiver()
    await patch('default', { url: receiver.url })
    for (const status of ['pending', 'processing', 'complete']) {
      const data = JSON.stringify({ uri: '/jobs/1', status })
      await publish(key, { type: 'job', scope: { instance: 'default' }, data })
    }
    await receiver.received(3)
    expect(receiver.requests.map(({ body }) => body)).toEqual(
      Array.from({ length: 3 }, () => jobOf('default', '1')),
    )
  })

  it('is not notified of an annotation that no trigger created', async () => {
    const { key, patch } = await open()
    const receiver = openReceiver()
    await patch('default', { url: receiver.url })
    const scope = { instance: 'default' }
    await publish(key, { type: 'annotation', scope, data: '{"uri":"/annotations/1"}' })
    const data = '{"uri":"/annotations/2","trigger":"/triggers/3"}'
    await publish(key, { type: 'annotation', scope, data })
    await receiver.received(1)
    expect(receiver.requests.map(({ body }) => body)).toEqual([
      '{"annotation":"https://api.everypoint.io/v3/instances/default/annotations/2"}',
    ])
  })

  it('is not among the deliveries of an event that means nothing to it', async () => {
    const { key, request, patch, listed } = await open()
    const receiver = openReceiver()
    await patch('default', { url: receiver.url })
    const [webhook] = await listed()
    const scope = { instance: 'default' }
    const silent = await publish(key, { type: 'annotation', scope, data: '{"uri":"/a/1"}' })
    const told = await publish(key, { type: 'job', scope, data: '{"uri":"/jobs/1"}' })
    await receiver.received(1)
    const deliveriesOf = async (id: string) => {
      const answer = await request({ method: 'GET', path: `/v1/events/${id}` })
      return (answer.body as { deliveries?: unknown }).deliveries
    }
    await vi.waitFor(async () => expect(await deliveriesOf(silent)).toEqual([]))
    await vi.waitFor(async () =>
      expect(await deliveriesOf(told)).toMatchObject([{ webhookId: webhook?.id }]),
    )
  })

  it('is gone once its URL is null, and gets nothing more', async () => {
    const { patch, read, listed, publishJob } = await open()
    const [before, after] = [openReceiver(), openReceiver()]
    await patch('default', { url: before.url })
    const cleared = await patch('default', { url: null })
    expect([cleared.status, cleared.text]).toEqual([200, NONE])
    expect((await read('default')).text).toBe(NONE)
    expect(await listed()).toEqual([])
    await publishJob('default', '1')
    await patch('default', { url: after.url })
    await publishJob('default', '2')
    await after.received(1)
    expect(before.requests).toEqual([])
  })

  it('that was never set can be cleared', async () => {
    const { patch } = await open()
    const answer = await patch('default', { url: null })
    expect([answer.status, answer.text]).toEqual([200, NONE])
  })

  it('keeps what /v1 gave it when its URL changes, and is signed with its secret', async () => {
    const { request, patch, listed, publishJob } = await open()
    const receiver = openReceiver()
    await patch('default', { url: 'https://first.example/' })
    const [webhook] = await listed()
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const body = JSON.stringify({ secret })
    await request({ method: 'PATCH', path: `/v1/webhooks/${webhook?.id}`, body })
    await patch('default', { url: receiver.url })
    await publishJob('default', '1')
    const [notification] = await receiver.received(1)
    expect(notification?.headers).toMatchObject({
      'webhook-signature': expect.stringMatching(/^v1,/),
    })
  })

  it.each([
    ['missing', {}],
    ['empty', { url: '' }],
    ['a number', { url: 17 }],
    ['an object', { url: { href: 'https://a.example/' } }],
    ['under another name', { URL: 'https://a.example/' }],
    ['inherited', JSON.parse('{"__proto__":{"url":"https://a.example/"}}')],
    ['of another scheme', { url: 'javascript:alert(1)' }],
  ])('whose URL is %s is refused and changes nothing', async (_, body) => {
    const { patch, read } = await open()
    await patch('default', { url: 'https://first.example/' })
    const answer = await patch('default', body)
    expect(answer).toMatchObject({ status: 400, body: { success: false, code: 1003 } })
    expect((await read('default')).body).toMatchObject({
      data: { webhook: { url: 'https://first.example/' } },
    })
  })

  it('takes a URL beside fields that the vendor does not name', async () => {
    const { patch } = await open()
    const answer = await patch('default', { url: 'https://a.example/', enabled: false })
    expect(answer.text).toBe('{"success":true,"data":{"webhook":{"url":"https://a.example/"}}}')
  })
})

describe('an error', () => {
  const path = '/v3/instances/default/webhook'

  it('has code 1000 without an Authorization header', async () => {
    const answer = await send({ method: 'GET', path })
    expect(answer).toMatchObject({ status: 401, body: { success: false, code: 1000 } })
    expect(Object.keys(answer.body as object)).toEqual(['success', 'code', 'message'])
  })

  it('has code 1001 with an incorrect one', async () => {
    const answer = await send(
      { method: 'GET', path },
      presentations.basic({ id: 'key', secret: 'secret', token: '' }),
    )
    expect(answer).toMatchObject({ status: 401, body: { success: false, code: 1001 } })
  })

  it('has code 1004 and Allow for an unsupported method', async () => {
    const { request } = await open()
    const answer = await request({ method: 'DELETE', path })
    expect(answer).toMatchObject({ status: 405, body: { success: false, code: 1004 } })
    expect(answer.headers.get('allow')).toBe('GET, HEAD, PATCH')
  })
})
