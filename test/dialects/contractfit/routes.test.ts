// What is Contract.fit's own: targets without a scheme, headers that are masked, inboxes and projects, types.

import { describe, expect, it, vi } from 'vitest'
import { PERMISSIONS } from '../../../src/engine/model/index.ts'
import { createKey, createTenant, openReceiver, publish, sendAs } from '../../fixtures/hookline.ts'

const integration = {
  type: 'webhook',
  events: ['document_predict'],
  target: 'https://receiver.example/hook',
}

async function open(overrides: object = {}) {
  const key = await createKey(await createTenant())
  const request = (method: string, path: string, body?: unknown) =>
    sendAs(key)({ method, path, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const created = await request('POST', '/integrations', { ...integration, ...overrides })
  expect(created.status, created.text).toBe(200)
  const { id } = created.body as { id: string }
  return { key, id, created, request, path: `/integrations/${id}` }
}

describe('an integration', () => {
  it('shows its fields in one order, absent ones as null', async () => {
    const { id, created } = await open()
    expect(created.text).toBe(
      `{"id":"${id}","type":"webhook","events":["document_predict"],` +
        '"target":"https://receiver.example/hook","headers":{},"inbox":null,"project":null}',
    )
  })

  it('has a target that is a bare host, meant for http', async () => {
    const { id, created, request } = await open({ target: '203.0.113.9:8080/hook' })
    expect(created.body).toMatchObject({ target: 'http://203.0.113.9:8080/hook' })
    const native = await request('GET', `/v1/webhooks/${id}`)
    expect(native.body).toMatchObject({ url: 'http://203.0.113.9:8080/hook' })
  })

  it('names an event once, however often it was named', async () => {
    const events = ['document_text', 'document_fail', 'document_text']
    const { created } = await open({ events })
    expect(created.body).toMatchObject({ events: ['document_text', 'document_fail'] })
  })

  it('can have every event of the vendor’s', async () => {
    const events = [
      'document_text',
      'document_split',
      'document_predict',
      'document_evaluate',
      'document_delete',
      'document_fail',
      'document_reject',
    ]
    const { created } = await open({ events })
    expect(created.body).toMatchObject({ events })
  })

  it('shows no value of a header to a key that may not read webhooks', async () => {
    const tenant = await createTenant()
    const permissions = PERMISSIONS.filter((permission) => permission !== 'webhooks:read')
    const send = sendAs(await createKey(tenant, { permissions }))
    const headers = { 'X-Auth': 'do-not-tell', 'X-Stage': 'do-not-tell' }
    const body = JSON.stringify({ ...integration, headers })
    const created = await send({ method: 'POST', path: '/integrations', body })
    const { id } = created.body as { id: string }
    const path = `/integrations/${id}`
    const changed = await send({ method: 'PATCH', path, body: '{"inbox":"a"}' })
    for (const answer of [created, changed]) {
      expect(answer.body).toMatchObject({ headers: { 'X-Auth': '••••', 'X-Stage': '••••' } })
    }
    const read = await sendAs(await createKey(tenant))({ method: 'GET', path })
    expect(read.body).toMatchObject({ headers })
  })

  it('takes the name header for headers, as the vendor’s text has it', async () => {
    const { path, created, request } = await open({ header: { 'X-Stage': 'test' } })
    expect(created.body).toMatchObject({ headers: { 'X-Stage': 'test' } })
    const updated = await request('PATCH', path, { header: { 'X-Stage': 'live' } })
    expect(updated.body).toMatchObject({ headers: { 'X-Stage': 'live' } })
  })

  it('ignores fields that the vendor does not name', async () => {
    const { path, request } = await open({ id: 'mine', enabled: false, '': 1 })
    const answer = await request('PATCH', path, { id: 'other', suspended: true })
    expect(answer).toMatchObject({ status: 200, body: integration })
  })

  it('can be sent back as it was read', async () => {
    const { path, request, created } = await open({
      headers: { Authorization: 'Bearer one', 'X-Stage': 'test' },
      inbox: 'i-1',
    })
    const answer = await request('PATCH', path, created.body)
    expect(answer).toMatchObject({ status: 200, body: created.body })
  })

  it.each([
    ['type', 'of another kind', 'sftp'],
    ['type', 'null', null],
    ['events', 'empty', []],
    ['events', 'a text', 'document_predict'],
    ['events', 'of an unknown event', ['document_print']],
    ['events', 'of a wildcard', ['document_predict', '*']],
    ['events', 'null', null],
    ['target', 'a number', 17],
    ['target', 'empty', ''],
    ['target', 'null', null],
    ['target', 'a path', '/hook'],
    ['target', 'without a host', 'http:///hook'],
    ['target', 'two hosts', '//receiver.example'],
    ['target', 'with a password', 'user:password@receiver.example'],
    ['target', 'of another scheme', 'file://receiver.example/etc/passwd'],
    ['target', 'a script', 'javascript:alert(1)'],
    ['target', 'half a scheme', 'https:/receiver.example'],
    ['target', 'with a line break', 'receiver.example\r\nHost: other.example'],
    ['target', 'no IPv6 address', 'fe80::1::2'],
    ['target', 'half a surrogate pair', 'https://receiver.example/\ud800'],
    ['headers', 'a text', 'Authorization: Bearer x'],
    ['headers', 'a list', [['X-A', '1']]],
    ['headers', 'with a number', { 'X-A': 1 }],
    ['headers', 'with several values', { 'X-A': ['1', '2'] }],
    ['headers', 'with a line break', { 'X-A': '1\r\nX-B: 2' }],
    ['headers', 'with a name that is none', { 'X A': '1' }],
    ['headers', 'with a header of the sender’s', { 'Content-Length': '1' }],
    ['headers', 'with a signature of ours', { 'Webhook-Signature': 'v1,x' }],
    ['headers', 'with one name twice', { 'X-A': '1', 'x-a': '2' }],
    ['headers', 'with a mask of nothing', { 'X-Token': '••••' }],
    ['headers', 'beyond 50', Object.fromEntries([...Array(51).keys()].map((n) => [`X-${n}`, '']))],
    [
      'headers',
      'beyond 16,000 characters',
      Object.fromEntries(['X-A', 'X-B', 'X-C', 'X-D'].map((name) => [name, 'v'.repeat(4_000)])),
    ],
    ['inbox', 'a number', 17],
    ['inbox', 'empty', ''],
    ['inbox', 'of 513 characters', 'x'.repeat(513)],
    ['inbox', 'a list', ['i-1', 'i-2']],
    ['project', 'an object', { id: 'p-1' }],
  ])('whose %s is %s is refused on both calls, naming the field', async (field, _, value) => {
    const { path, request } = await open()
    const expected = {
      message: expect.any(String),
      errors: { [field]: [expect.any(String)] },
    }
    const created = await request('POST', '/integrations', { ...integration, [field]: value })
    expect(created).toMatchObject({ status: 400, body: expected })
    const updated = await request('PATCH', path, { [field]: value })
    expect(updated).toMatchObject({ status: 400, body: expected })
  })

  it.each([['type'], ['events'], ['target']])('without %s is refused', async (field) => {
    const { request } = await open()
    const answer = await request('POST', '/integrations', { ...integration, [field]: undefined })
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: { [field]: [expect.any(String)] } },
    })
  })

  it('of a type that the vendor has elsewhere is refused with the list of them', async () => {
    const { request } = await open()
    const answer = await request('POST', '/integrations', { ...integration, type: 'email' })
    expect(answer.body).toMatchObject({
      errors: {
        type: [
          'Must be "webhook". Other types (dropbox, office365, email, imap, sftp, smtp, service_bus) exist only at Contract.fit itself.',
        ],
      },
    })
  })

  it('with both headers and header is refused', async () => {
    const { path, request } = await open()
    const answer = await request('PATCH', path, { headers: {}, header: {} })
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: { header: [expect.any(String)] } },
    })
  })

  it.each([
    ['events', Array(200_000).fill(1)],
    ['headers', Object.fromEntries([...Array(40_000).keys()].map((n) => [`X-${n}`, n]))],
  ])('with very many %s is refused as too large', async (field, value) => {
    const { request } = await open()
    const answer = await request('POST', '/integrations', { ...integration, [field]: value })
    expect(answer).toMatchObject({ status: 413, body: { message: expect.any(String) } })
    expect(answer.text.length).toBeLessThan(1_000)
  })

  it('takes no field from __proto__', async () => {
    const { key } = await open()
    const body = `{"__proto__":${JSON.stringify(integration)}}`
    const answer = await sendAs(key)({ method: 'POST', path: '/integrations', body })
    expect(answer.status).toBe(400)
    const headers = `{"type":"webhook","events":["document_fail"],"target":"a.example","headers":{"__proto__":"x"}}`
    const other = await sendAs(key)({ method: 'POST', path: '/integrations', body: headers })
    expect(other).toMatchObject({
      status: 400,
      body: { errors: { headers: [expect.any(String)] } },
    })
  })
})

describe('the list', () => {
  it.each([
    ['', 1],
    ['?type=webhook', 1],
    ['?type=sftp', 0],
    ['?type=', 0],
    ['?page=2', 1],
  ])('with the query "%s" has %i of one webhook', async (query, count) => {
    const { request } = await open()
    const answer = await request('GET', `/integrations${query}`)
    expect(answer.status).toBe(200)
    expect(answer.body).toHaveLength(count)
  })

  it('refuses a type given twice, naming it', async () => {
    const { request } = await open()
    const answer = await request('GET', '/integrations?type=sftp&type=webhook')
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: { type: ['This parameter may be given only once.'] } },
    })
  })
})

describe('headers', () => {
  it.each(['Authorization', 'X-Api-Key'])('named %s are shown as a mask', async (name) => {
    const { created } = await open({ headers: { [name]: 'hidden', 'X-Stage': 'test' } })
    expect(created.body).toMatchObject({ headers: { [name]: '••••', 'X-Stage': 'test' } })
  })

  const headers = { Authorization: 'Bearer one', 'X-Stage': 'test' }

  it('are sent verbatim and read back with secrets masked', async () => {
    const receiver = openReceiver()
    const { key, created } = await open({ target: receiver.url, headers })
    expect(created.body).toMatchObject({ headers: { Authorization: '••••', 'X-Stage': 'test' } })
    await publish(key, { type: 'document_predict', data: '{}' })
    const [request] = await receiver.received(1)
    expect(request?.headers).toMatchObject({ authorization: 'Bearer one', 'x-stage': 'test' })
  })

  it('keep the stored value of a mask, and are otherwise replaced', async () => {
    const receiver = openReceiver()
    const { key, path, request } = await open({ target: receiver.url, headers })
    const changed = { authorization: '••••', 'X-Token': 'new' }
    const answer = await request('PATCH', path, { headers: changed })
    expect(answer.body).toMatchObject({ headers: { authorization: '••••', 'X-Token': '••••' } })
    await publish(key, { type: 'document_predict', data: '{}' })
    const [notification] = await receiver.received(1)
    expect(notification?.headers).toMatchObject({ authorization: 'Bearer one', 'x-token': 'new' })
    expect(notification?.headers).not.toHaveProperty('x-stage')
  })

  it('stay when an update does not name them', async () => {
    const { path, request } = await open({ headers })
    const answer = await request('PATCH', path, { events: ['document_fail'] })
    expect(answer.body).toMatchObject({ headers: { Authorization: '••••', 'X-Stage': 'test' } })
  })

  it.each([[{}], [null]])('are removed by %j', async (none) => {
    const { path, request } = await open({ headers })
    const answer = await request('PATCH', path, { headers: none })
    expect(answer.body).toMatchObject({ headers: {} })
  })

  it('never show in an error', async () => {
    const { request } = await open()
    const refused = { ...integration, headers: { Authorization: 'Bearer s3cr3t\n' } }
    const answer = await request('POST', '/integrations', refused)
    expect(answer.status).toBe(400)
    expect(answer.text).not.toContain('s3cr3t')
  })
})

describe('inbox and project', () => {
  it('limit an integration to the events that carry them', async () => {
    const [all, inbox, both] = [openReceiver(), openReceiver(), openReceiver()]
    const { key, request } = await open({ target: all.url })
    await request('POST', '/integrations', { ...integration, target: inbox.url, inbox: 'i-1' })
    await request('POST', '/integrations', {
      ...integration,
      target: both.url,
      inbox: 'i-1',
      project: 'p-1',
    })
    const scopes = [
      {},
      { inbox: 'i-2', project: 'p-1' },
      { inbox: 'i-1' },
      { inbox: 'i-1', project: 'p-1' },
    ]
    for (const scope of scopes) {
      await publish(key, { type: 'document_predict', data: '{}', scope })
    }
    await all.received(4)
    await inbox.received(2)
    await both.received(1)
    const start = '{"event":"document_predict","organization":"Acme","data":{}'
    const bodies = (requests: readonly { body: string }[]) =>
      requests.map(({ body }) => body).sort()
    expect(bodies(all.requests)).toEqual([
      `${start},"inbox":"i-1","project":"p-1"}`,
      `${start},"inbox":"i-1"}`,
      `${start},"inbox":"i-2","project":"p-1"}`,
      `${start}}`,
    ])
    expect(bodies(inbox.requests)).toEqual([
      `${start},"inbox":"i-1","project":"p-1"}`,
      `${start},"inbox":"i-1"}`,
    ])
    expect(bodies(both.requests)).toEqual([`${start},"inbox":"i-1","project":"p-1"}`])
  })

  it('are shown, changed and lifted', async () => {
    const { path, created, request } = await open({ inbox: 'i-1', project: 'p-1' })
    expect(created.body).toMatchObject({ inbox: 'i-1', project: 'p-1' })
    const changed = await request('PATCH', path, { inbox: 'i-2' })
    expect(changed.body).toMatchObject({ inbox: 'i-2', project: 'p-1' })
    const lifted = await request('PATCH', path, { inbox: null, project: null })
    expect(lifted.body).toMatchObject({ inbox: null, project: null })
  })
})

describe('a receiver that does not answer 2xx', () => {
  interface Attempts {
    readonly items: readonly {
      readonly at: string
      readonly durationMs: number
      readonly nextAttemptAt: string
    }[]
  }

  it.each([302, 404, 410, 500])('and answers %i is tried again after 2 s', async (status) => {
    const receiver = openReceiver(() => new Response(null, { status }))
    const { key, id, request } = await open({ target: receiver.url })
    await publish(key, { type: 'document_predict', data: '{}' })
    const delayMs = await vi.waitFor(async () => {
      const { body } = await request('GET', `/v1/webhooks/${id}/attempts`)
      const first = (body as Attempts).items.at(-1)
      if (first === undefined) throw new Error('There is no attempt yet.')
      return Date.parse(first.nextAttemptAt) - Date.parse(first.at) - first.durationMs
    })
    expect(delayMs).toBeGreaterThanOrEqual(2_000)
    expect(delayMs).toBeLessThanOrEqual(2_200)
  })
})
