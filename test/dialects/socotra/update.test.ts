// Updating webhooks: "removals happen first, followed by additions", and what a null says.

import { describe, expect, it } from 'vitest'
import { openReceiver } from '../../fixtures/hookline.ts'
import { openClient, type WebhookBody } from './client.ts'
import { updatesAtOnce } from './updates-at-once.ts'

/** A webhook made with `fields` and updated with `changes`, as a later reading shows it. */
async function updated(fields: object, endpoint: object, changes: object): Promise<WebhookBody> {
  const { create, update, read } = await openClient()
  const webhook = await create(fields, endpoint)
  const answered = await update(webhook, changes)
  expect(await read(webhook)).toEqual(answered)
  return answered
}

describe('an update', () => {
  it.each([[{}], [{ name: null, enabled: null, endpoint: null, failureHandling: null }]])(
    'that says nothing changes nothing: %j',
    async (changes) => {
      const { create, update } = await openClient()
      const webhook = await create({}, { hmacEnabled: true, secret: 's', tag: 'blue' })
      expect(await update(webhook, changes)).toEqual(webhook)
      const nothing = { ...changes, addEventTypes: null, endpoint: { secret: null, tag: null } }
      expect(await update(webhook, nothing)).toEqual(webhook)
    },
  )

  it('changes name, switch and URL', async () => {
    const url = 'https://receiver.example/other'
    const changes = { name: 'Other', enabled: false, endpoint: { url } }
    expect(await updated({}, {}, changes)).toMatchObject(changes)
  })

  it.each([
    [['a', 'b'], { addEventTypes: ['c'] }, ['a', 'b', 'c']],
    [['a', 'b'], { removeEventTypes: ['a'] }, ['b']],
    [['a', 'b'], { removeEventTypes: ['a'], addEventTypes: ['a'] }, ['b', 'a']],
    [['a'], { removeEventTypes: ['a'], addEventTypes: ['a'] }, ['a']],
    [['a'], { removeEventTypes: ['a'], addEventTypes: ['b'] }, ['b']],
    [['a', 'b'], { addEventTypes: ['b', 'c', 'c'] }, ['a', 'b', 'c']],
    [['a'], { removeEventTypes: ['unknown', '*'] }, ['a']],
    [['a'], { removeEventTypes: [], addEventTypes: [] }, ['a']],
  ])('of the event types %j with %j leaves %j', async (eventTypes, changes, expected) => {
    expect((await updated({ eventTypes }, {}, changes)).eventTypes).toEqual(expected)
  })

  it.each([
    [{ addHeaders: { 'X-B': ['3', '4'] } }, { 'X-A': ['1', '2'], 'X-B': ['3', '4'] }],
    [{ addHeaders: { 'x-a': ['3'] } }, { 'X-A': ['1', '2', '3'] }],
    [{ addHeaders: { 'X-A': ['2', '3'] } }, { 'X-A': ['1', '2', '3'] }],
    [{ removeHeaders: ['x-A'] }, {}],
    [{ removeHeaders: ['X-A'], addHeaders: { 'X-A': ['2'] } }, { 'X-A': ['2'] }],
    [{ removeHeaders: ['x-a'], addHeaders: { 'X-a': ['9'] } }, { 'X-a': ['9'] }],
    [{ removeHeaders: ['X-Unknown', ''] }, { 'X-A': ['1', '2'] }],
    [{ addHeaders: {}, removeHeaders: [] }, { 'X-A': ['1', '2'] }],
  ])('of the headers with %j leaves %j', async (endpoint, headers) => {
    const webhook = await updated({}, { headers: { 'X-A': ['1', '2'] } }, { endpoint })
    expect(webhook.endpoint.headers).toEqual(headers)
  })

  it.each([
    [{ addTriggers: ['404'] }, ['4xx', '5xx', 'timeout', '404']],
    [{ removeTriggers: ['4xx', 'timeout'] }, ['5xx']],
    [{ removeTriggers: ['4xx'], addTriggers: ['4xx', '404'] }, ['5xx', 'timeout', '4xx', '404']],
    [{ removeTriggers: ['4xx', '5xx', 'timeout'] }, []],
    [{ removeTriggers: ['404'] }, ['4xx', '5xx', 'timeout']],
  ])('of the triggers with %j leaves %j', async (failureHandling, triggers) => {
    const webhook = await updated({}, {}, { failureHandling })
    expect(webhook.failureHandling).toMatchObject({ triggers })
  })

  const retryStrategy = { attempts: 5, interval: 60, type: 'exponential' }

  it.each([
    [{ retryStrategy: { attempts: 2 } }, { attempts: 2, interval: 60, type: 'exponential' }],
    [{ retryStrategy: null }, retryStrategy],
    [{ removeRetryStrategy: true }, null],
    [{ removeRetryStrategy: false }, retryStrategy],
    [
      { removeRetryStrategy: true, retryStrategy: { attempts: 2 } },
      { attempts: 2, interval: 10, type: 'linear' },
    ],
  ])('of the retry strategy with %j leaves %j', async (failureHandling, expected) => {
    const webhook = await updated({ failureHandling: { retryStrategy } }, {}, { failureHandling })
    expect(webhook.failureHandling).toMatchObject({ retryStrategy: expected })
  })

  it('resets failure handling to the default before it changes it', async () => {
    const failureHandling = { triggers: ['404'], divert: true, suspend: true, retryStrategy }
    const given = {
      failureHandling: { ...failureHandling, alertEndpoint: { url: 'https://a.example/' } },
    }
    const none = { alertEndpoint: null, retryStrategy: null, suspend: false }
    const changes = { removeFailureHandling: true, failureHandling: { addTriggers: ['503'] } }
    expect((await updated(given, {}, changes)).failureHandling).toEqual({
      ...none,
      divert: false,
      triggers: ['4xx', '5xx', 'timeout', '503'],
    })
    expect((await updated(given, {}, { removeFailureHandling: true })).failureHandling).toEqual({
      ...none,
      divert: false,
      triggers: ['4xx', '5xx', 'timeout'],
    })
  })

  it('switches diverting and suspending', async () => {
    const both = { divert: true, suspend: true }
    expect((await updated({}, {}, { failureHandling: both })).failureHandling).toMatchObject(both)
    const neither = { divert: false, suspend: false }
    const webhook = await updated({ failureHandling: both }, {}, { failureHandling: neither })
    expect(webhook.failureHandling).toMatchObject(neither)
  })
})

describe('an update of the secret', () => {
  it.each([
    [{ secret: 'new' }, { hmacEnabled: true, secret: 'new', tag: 'blue' }],
    [{ hmacEnabled: false }, { hmacEnabled: false, secret: 'old', tag: 'blue' }],
    [{ tag: '' }, { hmacEnabled: true, secret: 'old', tag: null }],
    [
      { hmacEnabled: false, tag: '', secret: '' },
      { hmacEnabled: false, secret: null, tag: null },
    ],
    [
      { hmacEnabled: null, secret: null, tag: null },
      { hmacEnabled: true, secret: 'old', tag: 'blue' },
    ],
  ])('with %j leaves %j', async (endpoint, expected) => {
    const signed = { hmacEnabled: true, secret: 'old', tag: 'blue' }
    expect((await updated({}, signed, { endpoint })).endpoint).toMatchObject(expected)
  })

  it('signs again with the secret that was kept', async () => {
    const { create, update } = await openClient()
    const webhook = await create({}, { hmacEnabled: true, secret: 'old' })
    await update(webhook, { endpoint: { hmacEnabled: false } })
    const { endpoint } = await update(webhook, { endpoint: { hmacEnabled: true } })
    expect(endpoint).toMatchObject({ hmacEnabled: true, secret: 'old' })
  })

  it('forgets the secret that was kept once /v1 sets another, also when that one is cleared', async () => {
    const { create, read, raw } = await openClient()
    const webhook = await create({}, { hmacEnabled: false, secret: 'kept' })
    expect((await read(webhook)).endpoint).toMatchObject({ hmacEnabled: false, secret: 'kept' })
    const { items } = JSON.parse((await raw({ method: 'GET', path: '/v1/webhooks' })).text)
    expect(items[0]).toMatchObject({ signing: null })
    const path = `/v1/webhooks/${items[0].id}`
    const change = (secret: string | null) =>
      raw({ method: 'PATCH', path, body: JSON.stringify({ secret }) })
    expect(await change('another')).toMatchObject({ status: 200, body: { signing: 'hmac' } })
    expect((await read(webhook)).endpoint).toMatchObject({ hmacEnabled: true, secret: 'another' })
    expect(await change(null)).toMatchObject({ status: 200, body: { signing: null } })
    expect((await read(webhook)).endpoint).toMatchObject({ hmacEnabled: false, secret: null })
  })

  it('shows the secret that /v1 set last, and keeps those that still sign', async () => {
    const { create, read, update, raw } = await openClient()
    const webhook = await create({}, { hmacEnabled: true, secret: 'old' })
    const { items } = (await raw({ method: 'GET', path: '/v1/webhooks' })).body as {
      items: [{ id: string }]
    }
    const rotation = {
      method: 'POST',
      path: `/v1/webhooks/${items[0].id}/rotate-secret`,
      body: '{"secret":"rotated"}',
    }
    expect(await raw(rotation)).toMatchObject({ status: 200 })
    expect((await read(webhook)).endpoint).toMatchObject({ hmacEnabled: true, secret: 'rotated' })
    const receiver = openReceiver()
    await update(webhook, { endpoint: { url: receiver.url } })
    await raw({ method: 'POST', path: '/v1/events', body: '{"type":"policy.issue","data":{}}' })
    const [request] = await receiver.received(1)
    expect(request?.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/)
  })
})

describe('an alert endpoint', () => {
  const alertEndpoint = {
    url: 'https://alerts.example/',
    hmacEnabled: true,
    secret: 's',
    tag: 'red',
    headers: { 'X-A': ['1'] },
  }
  const shown = { ...alertEndpoint, secureSsl: true }

  it.each([
    [{ url: 'https://other.example/' }, { ...shown, url: 'https://other.example/' }],
    [{ addHeaders: { 'X-A': ['2'] } }, { ...shown, headers: { 'X-A': ['1', '2'] } }],
    [{ removeHeaders: ['x-a'] }, { ...shown, headers: {} }],
    [
      { hmacEnabled: false, tag: '' },
      { ...shown, hmacEnabled: false, tag: null },
    ],
    [null, shown],
  ])('is changed by %j', async (change, expected) => {
    const failureHandling = { alertEndpoint: change }
    const webhook = await updated({ failureHandling: { alertEndpoint } }, {}, { failureHandling })
    expect(webhook.failureHandling).toMatchObject({ alertEndpoint: expected })
  })

  it('is removed', async () => {
    const given = { failureHandling: { alertEndpoint } }
    const webhook = await updated(given, {}, { failureHandling: { removeAlertEndpoint: true } })
    expect(webhook.failureHandling).toMatchObject({ alertEndpoint: null })
  })

  it('is removed before another one is added', async () => {
    const replaced = { removeAlertEndpoint: true, alertEndpoint: { url: 'https://new.example/' } }
    const given = { failureHandling: { alertEndpoint } }
    const webhook = await updated(given, {}, { failureHandling: replaced })
    expect(webhook.failureHandling).toMatchObject({
      alertEndpoint: { url: 'https://new.example/', hmacEnabled: false, secret: null, headers: {} },
    })
  })

  it('may be written as just its URL, and is then shown so', async () => {
    const { create, update } = await openClient()
    const url = 'https://alerts.example/'
    const webhook = await create({ failureHandling: { alertEndpoint: url } })
    expect(webhook.failureHandling).toMatchObject({ alertEndpoint: url })
    const other = { failureHandling: { alertEndpoint: 'https://other.example/' } }
    expect((await update(webhook, other)).failureHandling).toMatchObject(other.failureHandling)
    const asObject = { failureHandling: { alertEndpoint: { addHeaders: { 'X-A': ['1'] } } } }
    expect((await update(webhook, asObject)).failureHandling).toMatchObject({
      alertEndpoint: { url: 'https://other.example/', headers: { 'X-A': ['1'] } },
    })
  })

  it('shows the URL that /v1 gave it', async () => {
    const { create, read, raw } = await openClient()
    const webhook = await create()
    const { items } = (await raw({ method: 'GET', path: '/v1/webhooks' })).body as {
      items: [{ id: string }]
    }
    const body = '{"failureHandling":{"alertUrl":"https://alerts.example/"}}'
    await raw({ method: 'PATCH', path: `/v1/webhooks/${items[0].id}`, body })
    expect((await read(webhook)).failureHandling).toMatchObject({
      alertEndpoint: { url: 'https://alerts.example/', hmacEnabled: false, secureSsl: true },
    })
  })

  it('keeps its secret and headers from where /v1 sends alerts', async () => {
    const { raw, create, read } = await openClient()
    const webhook = await create({ failureHandling: { alertEndpoint } })
    const { items } = (await raw({ method: 'GET', path: '/v1/webhooks' })).body as {
      items: [{ id: string }]
    }
    const path = `/v1/webhooks/${items[0].id}`
    const alertTo = async (url: string | null) => {
      const body = JSON.stringify({ failureHandling: { alertUrl: url } })
      expect(await raw({ method: 'PATCH', path, body })).toMatchObject({ status: 200 })
      return (await read(webhook)).failureHandling
    }
    const url = 'https://elsewhere.example/'
    const bare = { url, hmacEnabled: false, secret: null, tag: null, headers: {} }
    expect(await alertTo(url)).toMatchObject({ alertEndpoint: bare })
    expect(await alertTo(null)).toMatchObject({ alertEndpoint: null })
    expect(await alertTo(url)).toMatchObject({ alertEndpoint: bare })
  })
})

describe('an update is refused', () => {
  it.each<[string, object]>([
    ['removeEventTypes', { removeEventTypes: ['policy.issue'] }],
    ['addEventTypes', { addEventTypes: Array.from({ length: 200 }, (_, n) => `t${n}`) }],
    ['addEventTypes[0]', { addEventTypes: ['*'] }],
    ['name', { name: '' }],
    ['name', { name: '\ud800' }],
    ['enabled', { enabled: 'no' }],
    ['removeFailureHandling', { removeFailureHandling: 'yes' }],
    ['endpoint.url', { endpoint: { url: '' } }],
    ['endpoint.url', { endpoint: { url: 'http://receiver.example/' } }],
    ['endpoint.secret', { endpoint: { hmacEnabled: true } }],
    ['endpoint.secret', { endpoint: { tag: 'blue' } }],
    ['endpoint.addHeaders.Host', { endpoint: { addHeaders: { Host: ['a'] } } }],
    ['endpoint.addHeaders.X-A', { endpoint: { addHeaders: { 'X-A': '1' } } }],
    [
      'endpoint.addHeaders',
      { endpoint: { addHeaders: { a: Array.from({ length: 51 }, (_, n) => `${n}`) } } },
    ],
    ['endpoint.removeHeaders', { endpoint: { removeHeaders: 'X-A' } }],
    ['failureHandling.addTriggers[0]', { failureHandling: { addTriggers: ['3xx'] } }],
    ['failureHandling.alertEndpoint.url', { failureHandling: { alertEndpoint: { tag: '' } } }],
    [
      'failureHandling.alertEndpoint.url',
      { failureHandling: { alertEndpoint: 'ftp://a.example/' } },
    ],
  ])('at %s (%#), and changes nothing', async (path, changes) => {
    const { create, read, request } = await openClient()
    const webhook = await create()
    const answer = await request('PATCH', `/webhooks/${webhook.locator}`, {
      ...changes,
      name: 'Other',
      ...changes,
    })
    const errors = [{ path, message: expect.any(String) }]
    expect(answer, answer.text).toMatchObject({ status: 400, body: { errors } })
    expect(await read(webhook)).toEqual(webhook)
  })

  it.each<[string, object]>([
    ['eventTypes', { eventTypes: ['policy.renew'] }],
    ['eventTypes', { eventTypes: null }],
    ['useAutomationPlugin', { useAutomationPlugin: true }],
    ['headers', { headers: {} }],
    ['addHeaders', { addHeaders: { 'X-A': ['1'] } }],
    ['addTriggers', { addTriggers: ['404'] }],
    ['suspended', { suspended: false }],
    ['Name', { Name: 'Other' }],
    ['endpoint.headers', { endpoint: { headers: { 'X-A': ['1'] } } }],
    ['endpoint.header', { endpoint: { header: 'X-A' } }],
    ['endpoint.asUrl', { endpoint: { asUrl: true } }],
    ['failureHandling.triggers', { failureHandling: { triggers: ['404'] } }],
    ['failureHandling.removeFailureHandling', { failureHandling: { removeFailureHandling: true } }],
    ['failureHandling.alertUrl', { failureHandling: { alertUrl: 'https://a.example/' } }],
    [
      'failureHandling.retryStrategy.delay',
      { failureHandling: { retryStrategy: { attempts: 2, delay: 5 } } },
    ],
    [
      'failureHandling.alertEndpoint.headers',
      { failureHandling: { alertEndpoint: { url: 'https://a.example/', headers: {} } } },
    ],
  ])('at %s, which an update does not have (%#), and changes nothing', async (path, changes) => {
    const { create, read, request } = await openClient()
    const webhook = await create()
    const answer = await request('PATCH', `/webhooks/${webhook.locator}`, {
      enabled: false,
      ...changes,
    })
    const errors = [{ path, message: expect.any(String) }]
    expect(answer, answer.text).toMatchObject({ status: 400, body: { errors } })
    expect(await read(webhook)).toEqual(webhook)
  })

  it('with the words for what was meant', async () => {
    const { create, request } = await openClient()
    const { locator } = await create()
    const said = async (changes: object) =>
      (await request('PATCH', `/webhooks/${locator}`, changes)).body
    expect(await said({ eventTypes: ['policy.renew'] })).toMatchObject({
      message:
        'eventTypes: Not allowed in an update. Use addEventTypes and removeEventTypes instead.',
    })
    expect(await said({ endpoint: { headers: {} } })).toMatchObject({
      message:
        'endpoint.headers: Not allowed in an update. Use addHeaders and removeHeaders instead.',
    })
    expect(await said({ failureHandling: { triggers: [] } })).toMatchObject({
      message:
        'failureHandling.triggers: Not allowed in an update. Use addTriggers and removeTriggers instead.',
    })
    expect(await said({ webhookName: 'Other' })).toMatchObject({
      message: 'webhookName: Unknown field.',
    })
  })

  it('when it switches TLS on for a URL without it', async () => {
    const { create, request } = await openClient()
    const { locator } = await create({}, { url: 'http://receiver.example/', secureSsl: false })
    const answer = await request('PATCH', `/webhooks/${locator}`, { endpoint: { secureSsl: true } })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'endpoint.url' }] } })
  })

  it('when it takes the secret away that a signature needs', async () => {
    const { create, request } = await openClient()
    const { locator } = await create({}, { hmacEnabled: true, secret: 's' })
    const answer = await request('PATCH', `/webhooks/${locator}`, { endpoint: { secret: '' } })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'endpoint.secret' }] } })
  })
})

updatesAtOnce(20)
