// What is Infermedica's own: which fields an update needs, when a token is shown, which events exist.

import { describe, expect, it } from 'vitest'
import { createKey, createTenant, openReceiver, publish, sendAs } from '../../fixtures/hookline.ts'

const BASE = '/api/v2/config/webhook'
const configuration = {
  url: 'https://mywebsite.com/webhook_receiver',
  authorization_token: 'first-token',
  subscribed_events: ['survey_created'],
}

async function open(overrides: Partial<typeof configuration> = {}) {
  const key = await createKey(await createTenant())
  const request = (method: string, path: string, body?: unknown) =>
    sendAs(key)({ method, path, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const created = await request('POST', BASE, { ...configuration, ...overrides })
  expect(created.status, created.text).toBe(201)
  const { id } = created.body as { id: string }
  return { key, id, request, path: `${BASE}/${id}` }
}

describe('an update', () => {
  it('changes nothing when it names nothing', async () => {
    const { id, path, request } = await open()
    const answer = await request('PATCH', path, {})
    expect(answer.text).toBe(
      `{"id":"${id}","url":"https://mywebsite.com/webhook_receiver","subscribed_events":["survey_created"]}`,
    )
  })

  it('replaces the subscribed events', async () => {
    const { path, request } = await open()
    await request('PATCH', path, { subscribed_events: ['survey_finished'] })
    const { body } = await request('GET', path)
    expect(body).toMatchObject({ subscribed_events: ['survey_finished'] })
  })

  it('shows the token when it names the token beside other fields', async () => {
    const { path, request } = await open()
    const answer = await request('PATCH', path, {
      authorization_token: 'second-token',
      url: 'https://mywebsite.com/other',
    })
    expect(answer.body).toMatchObject({
      url: 'https://mywebsite.com/other',
      authorization_token: 'second-token',
    })
  })

  it('makes the next notification carry the new token', async () => {
    const receiver = openReceiver()
    const { key, path, request } = await open({ url: receiver.url })
    await request('PATCH', path, { authorization_token: 'second-token' })
    await publish(key, { type: 'survey_created', data: '{"survey_id":"1"}' })
    const [notification] = await receiver.received(1)
    expect(notification?.headers['x-webhook-infermedica-token']).toBe('second-token')
  })

  it('ignores fields that the vendor does not name', async () => {
    const { id, path, request } = await open()
    const answer = await request('PATCH', path, { id: 'other', enabled: false })
    expect(answer.body).toEqual({
      id,
      url: 'https://mywebsite.com/webhook_receiver',
      subscribed_events: ['survey_created'],
    })
  })
})

describe('a configuration', () => {
  it('names an event once, however often it was named', async () => {
    const { path, request } = await open({
      subscribed_events: ['survey_finished', 'survey_created', 'survey_finished'],
    })
    const { body } = await request('GET', path)
    expect(body).toMatchObject({ subscribed_events: ['survey_finished', 'survey_created'] })
  })

  it('is found under its id in capital letters', async () => {
    const { id, request } = await open()
    const answer = await request('GET', `${BASE}/${id.toUpperCase()}`)
    expect(answer.body).toMatchObject({ id })
  })

  it.each([
    ['url', 'null', null],
    ['url', 'a number', 17],
    ['url', 'empty', ''],
    ['authorization_token', 'empty', ''],
    ['authorization_token', 'a space', ' '],
    ['authorization_token', 'with a space before it', ' token'],
    ['authorization_token', 'with a space behind it', 'token '],
    ['authorization_token', 'with a tab', 'two\twords'],
    ['authorization_token', 'beyond ASCII', 'línea'],
    ['authorization_token', 'with a line break', 'two\nlines'],
    ['authorization_token', 'of 513 characters', 'x'.repeat(513)],
    ['subscribed_events', 'empty', []],
    ['subscribed_events', 'a text', 'survey_created'],
    ['subscribed_events', 'of an unknown event', ['survey_deleted']],
    ['subscribed_events', 'of a wildcard', ['survey_created', '*']],
  ])('whose %s is %s is refused on both calls, naming the field', async (field, _, value) => {
    const { path, request } = await open()
    const expected = {
      message: expect.any(String),
      errors: { [field]: [expect.any(String)] },
    }
    const created = await request('POST', BASE, { ...configuration, [field]: value })
    expect(created).toMatchObject({ status: 400, body: expected })
    const updated = await request('PATCH', path, { [field]: value })
    expect(updated).toMatchObject({ status: 400, body: expected })
  })

  it.each([['url'], ['authorization_token'], ['subscribed_events']])(
    'without %s is refused',
    async (field) => {
      const { request } = await open()
      const answer = await request('POST', BASE, { ...configuration, [field]: undefined })
      expect(answer).toMatchObject({
        status: 400,
        body: { errors: { [field]: [expect.any(String)] } },
      })
    },
  )

  it('takes a token of 512 visible characters', async () => {
    const authorization_token = '!~'.repeat(256)
    const { path, request } = await open()
    const answer = await request('PATCH', path, { authorization_token })
    expect(answer.body).toMatchObject({ authorization_token })
  })

  it('takes a token with spaces inside, and sends it as it is', async () => {
    const receiver = openReceiver()
    const authorization_token = 'Bearer  a b.c'
    const { key, path, request } = await open({ url: receiver.url, authorization_token })
    await publish(key, { type: 'survey_created', data: '{}' })
    const [first] = await receiver.received(1)
    expect(first?.headers['x-webhook-infermedica-token']).toBe('Bearer  a b.c')
    const answer = await request('PATCH', path, { authorization_token: 'Token c d' })
    expect(answer.body).toMatchObject({ authorization_token: 'Token c d' })
  })

  it('is not sent what it has not subscribed to', async () => {
    const [created, finished] = [openReceiver(), openReceiver()]
    const { key, request } = await open({ url: created.url })
    await request('POST', BASE, {
      ...configuration,
      url: finished.url,
      subscribed_events: ['survey_finished'],
    })
    await publish(key, { type: 'survey_finished', data: '{"survey_id":"1"}' })
    await publish(key, { type: 'survey_created', data: '{"survey_id":"2"}' })
    await created.received(1)
    await finished.received(1)
    expect(created.requests.map(({ body }) => body)).toEqual([
      '{"event_type":"survey_created","content":{"survey_id":"2"}}',
    ])
    expect(finished.requests.map(({ body }) => body)).toEqual([
      '{"event_type":"survey_finished","content":{"survey_id":"1"}}',
    ])
  })

  it('whose secret was set through /v1 is signed as well', async () => {
    const receiver = openReceiver()
    const { key, id, request } = await open({ url: receiver.url })
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const answer = await request('PATCH', `/v1/webhooks/${id}`, { secret })
    expect(answer.status, answer.text).toBe(200)
    await publish(key, { type: 'survey_created', data: '{}' })
    const [notification] = await receiver.received(1)
    expect(notification?.headers).toMatchObject({
      'webhook-signature': expect.stringMatching(/^v1,/),
      'x-webhook-infermedica-token': 'first-token',
    })
  })
})
