// Creating webhooks: what is left out, what is refused and where it stands.

import { describe, expect, it } from 'vitest'
import { openClient } from './client.ts'

const webhook = {
  name: 'Note',
  enabled: true,
  endpoint: { url: 'https://receiver.example/note' },
  eventTypes: ['policy.issue'],
}
const LONG_URL = `https://receiver.example/${'a'.repeat(2_048)}`

describe('a new webhook', () => {
  it('has the documented defaults', async () => {
    const { request } = await openClient()
    const answer = await request('POST', '/webhooks', webhook)
    const { locator } = answer.body as { locator: string }
    expect(answer.text).toBe(
      `{"locator":"${locator}","name":"Note","enabled":true,"endpoint":{"hmacEnabled":false,"secret":null,` +
        '"secureSsl":true,"tag":null,"url":"https://receiver.example/note","headers":{}},' +
        '"failureHandling":{"alertEndpoint":null,"divert":false,"retryStrategy":null,"suspend":false,' +
        '"triggers":["4xx","5xx","timeout"]},"suspended":false,"suspendedAt":null,"eventTypes":["policy.issue"]}',
    )
  })

  it('takes null for nothing said', async () => {
    const { create } = await openClient()
    const nulls = { hmacEnabled: null, secret: null, secureSsl: null, tag: null, headers: null }
    const made = await create({ failureHandling: null, useAutomationPlugin: null }, nulls)
    expect(made.endpoint).toMatchObject({ hmacEnabled: false, secureSsl: true, headers: {} })
    expect(made.failureHandling).toMatchObject({ divert: false, alertEndpoint: null })
  })

  it('takes an empty secret or tag for none', async () => {
    const { create } = await openClient()
    const { endpoint } = await create({}, { secret: '', tag: '' })
    expect(endpoint).toMatchObject({ secret: null, tag: null })
  })

  it('keeps a secret that signs nothing', async () => {
    const { create } = await openClient()
    const { endpoint } = await create({}, { secret: 'quiet' })
    expect(endpoint).toMatchObject({ hmacEnabled: false, secret: 'quiet' })
  })

  it('names an event once, however often it was named', async () => {
    const { create } = await openClient()
    const made = await create({ eventTypes: ['b', 'a', 'b'] })
    expect(made.eventTypes).toEqual(['b', 'a'])
  })

  it('has each value of a header, under the name that came first', async () => {
    const { create } = await openClient()
    const { endpoint } = await create(
      {},
      { headers: { 'X-A': ['1', '2'], 'x-a': ['3'], 'X-B': [] } },
    )
    expect(endpoint.headers).toEqual({ 'X-A': ['1', '2', '3'] })
  })

  it('has what it says about failures, and the default for the rest', async () => {
    const { create } = await openClient()
    const made = await create({ failureHandling: { triggers: ['503', 'timeout'], divert: true } })
    expect(made.failureHandling).toEqual({
      alertEndpoint: null,
      divert: true,
      retryStrategy: null,
      suspend: false,
      triggers: ['503', 'timeout'],
    })
  })

  it('has a trigger once, however often it was named', async () => {
    const { create } = await openClient()
    const made = await create({ failureHandling: { triggers: ['503', '4xx', '503'] } })
    expect(made.failureHandling).toMatchObject({ triggers: ['503', '4xx'] })
  })

  it.each([
    [{}, { attempts: 3, interval: 10, type: 'linear' }],
    [{ attempts: 10 }, { attempts: 10, interval: 10, type: 'linear' }],
    [
      { type: 'exponential', interval: 60 },
      { attempts: 3, interval: 60, type: 'exponential' },
    ],
    [null, null],
  ])('asked to retry %j retries %j', async (retryStrategy, expected) => {
    const { create } = await openClient()
    const made = await create({ failureHandling: { retryStrategy } })
    expect(made.failureHandling).toMatchObject({ retryStrategy: expected })
  })

  it('may point at a private host without TLS, where private hosts are allowed at all', async () => {
    const { create } = await openClient()
    const { endpoint } = await create({}, { url: 'http://localhost:3000/note' })
    expect(endpoint).toMatchObject({ url: 'http://localhost:3000/note', secureSsl: true })
  })

  it('may do without TLS when it says so', async () => {
    const { create } = await openClient()
    const endpoint = { url: 'http://receiver.example/note', secureSsl: false }
    expect((await create({}, endpoint)).endpoint).toMatchObject(endpoint)
  })

  it('takes 50 header lines of 16,000 characters in all', async () => {
    const { create } = await openClient()
    const headers = {
      ['x'.repeat(64)]: Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(256)),
    }
    const { endpoint } = await create({}, { headers })
    expect(Object.values(endpoint.headers)[0]).toHaveLength(50)
  })

  it('with a field named __proto__ is none the worse for it', async () => {
    const { request } = await openClient()
    const body = '{"__proto__":{"name":"Polluted"},"constructor":{"prototype":{"name":"x"}}}'
    expect(await request('POST', '/webhooks', body)).toMatchObject({ status: 400 })
    expect(Object.hasOwn(Object.prototype, 'name')).toBe(false)
  })
})

describe('a request for a webhook', () => {
  const endpoint = (fields: object) => ({ endpoint: { ...webhook.endpoint, ...fields } })
  const failing = (failureHandling: unknown) => ({ failureHandling })
  const large = (character: string) => character.repeat(4_000)

  it.each<[string, object]>([
    ['name', { name: undefined }],
    ['name', { name: null }],
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(201) }],
    ['name', { name: '\ud800' }],
    ['enabled', { enabled: undefined }],
    ['enabled', { enabled: 'true' }],
    ['eventTypes', { eventTypes: undefined }],
    ['eventTypes', { eventTypes: [] }],
    ['eventTypes', { eventTypes: 'policy.issue' }],
    ['eventTypes[0]', { eventTypes: ['*'] }],
    ['eventTypes[1]', { eventTypes: ['policy.issue', 'policy.*'] }],
    ['eventTypes[0]', { eventTypes: [''] }],
    ['eventTypes[0]', { eventTypes: [{ __proto__: null }] }],
    ['eventTypes', { eventTypes: Array.from({ length: 201 }, (_, n) => `t${n}`) }],
    ['useAutomationPlugin', { useAutomationPlugin: 1 }],
    ['endpoint', { endpoint: undefined }],
    ['endpoint', { endpoint: 'https://receiver.example/note' }],
    ['endpoint', { endpoint: [] }],
    ['endpoint.url', endpoint({ url: undefined })],
    ['endpoint.url', endpoint({ url: '' })],
    ['endpoint.url', endpoint({ url: 17 })],
    ['endpoint.url', endpoint({ url: 'not a url' })],
    ['endpoint.url', endpoint({ url: 'ftp://receiver.example/' })],
    ['endpoint.url', endpoint({ url: LONG_URL })],
    ['endpoint.url', endpoint({ url: 'http://receiver.example/note' })],
    ['endpoint.url', endpoint({ url: 'HTTP://receiver.example/note', secureSsl: null })],
    ['endpoint.hmacEnabled', endpoint({ hmacEnabled: 'yes' })],
    ['endpoint.secureSsl', endpoint({ secureSsl: 1 })],
    ['endpoint.secret', endpoint({ hmacEnabled: true })],
    ['endpoint.secret', endpoint({ hmacEnabled: true, secret: '' })],
    ['endpoint.secret', endpoint({ tag: 'blue' })],
    ['endpoint.secret', endpoint({ secret: 5 })],
    ['endpoint.secret', endpoint({ secret: 'x'.repeat(513) })],
    ['endpoint.secret', endpoint({ secret: 'whsec_tooshort' })],
    ['endpoint.secret', endpoint({ secret: '\ud800' })],
    ['endpoint.tag', endpoint({ secret: 's', tag: 'two\r\nlines' })],
    ['endpoint.tag', endpoint({ secret: 's', tag: 'blåu' })],
    ['endpoint.tag', endpoint({ secret: 's', tag: 'x'.repeat(4_097) })],
    ['endpoint.headers', endpoint({ headers: [] })],
    ['endpoint.headers.X-A', endpoint({ headers: { 'X-A': 'one' } })],
    ['endpoint.headers.X-A[1]', endpoint({ headers: { 'X-A': ['one', null] } })],
    ['endpoint.headers.X-A', endpoint({ headers: { 'X-A': ['one\r\nX-B: two'] } })],
    ['endpoint.headers.X-A', endpoint({ headers: { 'X-A': ['\u0000'] } })],
    ['endpoint.headers.X A', endpoint({ headers: { 'X A': ['one'] } })],
    ['endpoint.headers.Host', endpoint({ headers: { Host: ['elsewhere.example'] } })],
    ['endpoint.headers.Webhook-Id', endpoint({ headers: { 'Webhook-Id': ['1'] } })],
    ['endpoint.headers.Socotra-Signature', endpoint({ headers: { 'Socotra-Signature': ['f'] } })],
    [
      'endpoint.headers.socotra-signature-tag',
      endpoint({ headers: { 'socotra-signature-tag': ['f'] } }),
    ],
    [
      'endpoint.headers',
      endpoint({ headers: { 'X-A': Array.from({ length: 51 }, (_, n) => `${n}`) } }),
    ],
    ['endpoint.headers', endpoint({ headers: { 'X-A': ['a', 'b', 'c', 'd'].map(large) } })],
    [
      'failureHandling.alertEndpoint.headers',
      failing({
        alertEndpoint: {
          url: 'https://a.example/',
          headers: { 'X-A': ['a', 'b', 'c', 'd'].map(large) },
        },
      }),
    ],
    ['failureHandling', failing('none')],
    ['failureHandling.divert', failing({ divert: 'yes' })],
    ['failureHandling.suspend', failing({ suspend: {} })],
    ['failureHandling.triggers', failing({ triggers: '5xx' })],
    ['failureHandling.triggers[0]', failing({ triggers: ['3xx'] })],
    ['failureHandling.triggers[0]', failing({ triggers: ['200'] })],
    ['failureHandling.triggers[1]', failing({ triggers: ['500', 500] })],
    ['failureHandling.triggers[0]', failing({ triggers: ['5000'] })],
    ['failureHandling.retryStrategy', failing({ retryStrategy: 'linear' })],
    ['failureHandling.retryStrategy.attempts', failing({ retryStrategy: { attempts: 0 } })],
    ['failureHandling.retryStrategy.attempts', failing({ retryStrategy: { attempts: 11 } })],
    ['failureHandling.retryStrategy.attempts', failing({ retryStrategy: { attempts: 1.5 } })],
    ['failureHandling.retryStrategy.interval', failing({ retryStrategy: { interval: -1 } })],
    ['failureHandling.retryStrategy.interval', failing({ retryStrategy: { interval: 86_401 } })],
    ['failureHandling.retryStrategy.type', failing({ retryStrategy: { type: 'random' } })],
    ['failureHandling.alertEndpoint', failing({ alertEndpoint: 5 })],
    ['failureHandling.alertEndpoint.url', failing({ alertEndpoint: {} })],
    ['failureHandling.alertEndpoint.url', failing({ alertEndpoint: 'not a url' })],
    ['failureHandling.alertEndpoint.url', failing({ alertEndpoint: 'http://receiver.example/' })],
    ['failureHandling.alertEndpoint.url', failing({ alertEndpoint: { url: 'ftp://a.example/' } })],
    [
      'failureHandling.alertEndpoint.secret',
      failing({ alertEndpoint: { url: 'https://a.example/', hmacEnabled: true } }),
    ],
    [
      'failureHandling.alertEndpoint.headers.Host',
      failing({ alertEndpoint: { url: 'https://a.example/', headers: { Host: ['a'] } } }),
    ],
  ])('is refused at %s (%#)', async (path, fields) => {
    const { request } = await openClient()
    const answer = await request('POST', '/webhooks', { ...webhook, ...fields })
    const errors = [{ path, message: expect.any(String) }]
    expect(answer, answer.text).toMatchObject({
      status: 400,
      body: { message: expect.any(String), errors },
    })
  })

  it.each<[string, string, object]>([
    ['addEventTypes', 'eventTypes', { addEventTypes: ['policy.renew'] }],
    ['removeEventTypes', 'eventTypes', { removeEventTypes: [] }],
    ['removeFailureHandling', 'failureHandling', { removeFailureHandling: false }],
    ['endpoint.addHeaders', 'headers', endpoint({ addHeaders: { 'X-A': ['1'] } })],
    ['endpoint.removeHeaders', 'headers', endpoint({ removeHeaders: [] })],
    ['failureHandling.addTriggers', 'triggers', failing({ addTriggers: ['404'] })],
    ['failureHandling.removeTriggers', 'triggers', failing({ removeTriggers: null })],
    [
      'failureHandling.removeAlertEndpoint',
      'alertEndpoint',
      failing({ removeAlertEndpoint: true }),
    ],
    [
      'failureHandling.removeRetryStrategy',
      'retryStrategy',
      failing({ removeRetryStrategy: true }),
    ],
    [
      'failureHandling.alertEndpoint.addHeaders',
      'headers',
      failing({ alertEndpoint: { url: 'https://a.example/', addHeaders: {} } }),
    ],
  ])('is refused at %s, which only an update has: it has %s', async (path, instead, fields) => {
    const { request } = await openClient()
    const answer = await request('POST', '/webhooks', { ...webhook, ...fields })
    const message = `Allowed only in an update. Use ${instead} instead.`
    expect(answer, answer.text).toMatchObject({
      status: 400,
      body: { errors: [{ path, message }] },
    })
  })

  it('may name what the vendor’s page has nowhere, which is ignored', async () => {
    const { create } = await openClient()
    expect(await create({ note: 'x', locator: '1' }, { region: 'eu' })).toMatchObject({
      name: 'Note',
    })
  })

  it('with a header named __proto__ is refused', async () => {
    const { request } = await openClient()
    const body = JSON.stringify(webhook).replace('note"', 'note","headers":{"__proto__":["1"]}')
    const answer = await request('POST', '/webhooks', body)
    expect(answer, answer.text).toMatchObject({ status: 400 })
  })

  it('does not repeat a secret or a header’s value in its refusal', async () => {
    const { request } = await openClient()
    const secret = 'whsec_do-not-tell'
    const headers = { 'X-A': ['do-not-tell\n'] }
    for (const fields of [endpoint({ secret }), endpoint({ headers })]) {
      const answer = await request('POST', '/webhooks', { ...webhook, ...fields })
      expect(answer.status).toBe(400)
      expect(answer.text).not.toContain('do-not-tell')
    }
  })
})
