// What is CrazyGoldFish's own: a webhook per user and template, the catalogue, pages, what an update may change, and
// whose documents are told of.

import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { PageQuery } from '../../../src/dialects/crazygoldfish/schema.ts'
import {
  administrate,
  createKey,
  createTenant,
  openReceiver,
  publish,
  sendAs,
  type TestTenant,
} from '../../fixtures/hookline.ts'
import { ANSWER_SHEET, BASE, configuration, existsOnce } from './once.ts'

const MODEL_ANSWER_SHEET = '01940000-0000-7000-8000-000000000002'
interface Shown {
  readonly id: string
  readonly status: string
}

async function open(tenant: TestTenant, subject?: string) {
  const key = await createKey(tenant, subject === undefined ? {} : { subject })
  const request = (method: string, path: string, body?: unknown) =>
    sendAs(key)({ method, path, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const create = async (overrides: object = {}) => {
    const answer = await request('POST', BASE, { ...configuration, ...overrides })
    expect(answer.status, answer.text).toBe(201)
    return answer.body as Shown
  }
  return { tenant, key, request, create }
}

const openTenant = async (subject = 'ada') => open(await createTenant(), subject)

let names = 0
async function createTemplate(): Promise<{ id: string; name: string }> {
  names += 1
  const name = `template_${String(names).padStart(3, '0')}`
  return administrate('/v1/templates', { name, displayName: `Template ${names}` })
}

describe('a webhook', () => {
  it('exists once per user and template', async () => {
    const { tenant, request, create } = await openTenant()
    await create()
    expect(
      await request('POST', BASE, { ...configuration, endpoint_url: 'https://b.example/' }),
    ).toMatchObject({
      status: 409,
      body: { detail: 'You already have a webhook for this API template.' },
    })
    await create({ api_template: MODEL_ANSWER_SHEET })
    await (await open(tenant, 'grace')).create()
    await (await open(tenant)).create()
    await (await openTenant('ada')).create()
  })

  existsOnce(20)

  it('can be made again once it is deleted', async () => {
    const { request, create } = await openTenant()
    const { id } = await create()
    const answer = await request('DELETE', `${BASE}${id}/`)
    expect([answer.status, answer.text]).toEqual([204, ''])
    await create()
  })

  it('takes the id of its template in capital letters', async () => {
    const { create } = await openTenant()
    const { id } = await createTemplate()
    expect(await create({ api_template: id.toUpperCase() })).toMatchObject({ api_template: id })
  })

  it('made without a user was made by the tenant', async () => {
    const tenant = await createTenant()
    const webhook = await (await open(tenant)).create()
    expect(webhook).toMatchObject({ created_by: tenant.id })
  })

  it.each([
    ['api_template', 'missing', undefined],
    ['api_template', 'of nothing', '0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b'],
    ['api_template', 'a name', 'assignment_answer_sheet_extraction'],
    ['api_template', 'null', null],
    ['api_template', 'a list', [ANSWER_SHEET]],
    ['endpoint_url', 'missing', undefined],
    ['endpoint_url', 'empty', ''],
    ['endpoint_url', 'a number', 17],
    ['endpoint_url', 'of another scheme', 'ftp://example.com/'],
    ['secret_hash', 'a number', 17],
    ['secret_hash', 'of 513 characters', 'x'.repeat(513)],
    ['secret_hash', 'no key after its prefix', 'whsec_?'],
  ])('whose %s is %s is refused, naming just that field', async (field, _, value) => {
    const { request } = await openTenant()
    const answer = await request('POST', BASE, { ...configuration, [field]: value })
    expect([answer.status, answer.body]).toEqual([400, { [field]: [expect.any(String)] }])
    if (field === 'secret_hash') expect(answer.text).not.toContain(String(value))
  })

  it('may not name its template as another template is named', async () => {
    const { request } = await openTenant()
    const name = 'f190a1b2-c3d4-7e5f-8a6b-00000000beef'
    await administrate('/v1/templates', { name })
    expect(await request('POST', BASE, { ...configuration, api_template: name })).toMatchObject({
      status: 400,
      body: { api_template: ['No such template.'] },
    })
  })

  it.each([[null], ['']])('whose secret is %j has none', async (secret_hash) => {
    const { key, create } = await openTenant()
    const receiver = openReceiver()
    await create({ endpoint_url: receiver.url, secret_hash })
    const scope = { template: ANSWER_SHEET, user: 'ada' }
    await publish(key, { type: 'document.processed', scope, data: '{}' })
    const [notification] = await receiver.received(1)
    const names = Object.keys(notification?.headers ?? {})
    expect(names.filter((name) => name.includes('signature'))).toEqual([])
  })

  it('takes a secret of 512 characters', async () => {
    const { create } = await openTenant()
    await create({ secret_hash: 'é'.repeat(512) })
  })

  it('is enabled until it is disabled through /v1', async () => {
    const { request, create } = await openTenant()
    const { id, status } = await create()
    expect(status).toBe('enabled')
    await request('PATCH', `/v1/webhooks/${id}`, { enabled: false })
    expect((await request('GET', `${BASE}${id}/`)).body).toMatchObject({ status: 'disabled' })
  })

  it('keeps its secret encrypted', async () => {
    const { create } = await openTenant()
    const { id } = await create({ secret_hash: 'a-secret-in-plain-sight' })
    const row = await env.DB.prepare('SELECT * FROM webhooks WHERE id = ?').bind(id).first()
    expect(row).not.toBeNull()
    expect(JSON.stringify(row)).not.toContain('plain-sight')
  })
})

describe('an update', () => {
  it.each([
    ['nothing', {}],
    ['the secret alone', { secret_hash: 'new' }],
    ['no secret', { secret_hash: null }],
    ['an empty secret', { secret_hash: '' }],
  ])('may name %s, and keeps what it does not name', async (_, changes) => {
    const { request, create } = await openTenant()
    const webhook = await create()
    const answer = await request('PATCH', `${BASE}${webhook.id}/`, changes)
    expect([answer.status, answer.body]).toEqual([200, webhook])
  })

  it.each([
    ['endpoint_url', null],
    ['endpoint_url', ''],
    ['secret_hash', 17],
    ['secret_hash', 'x'.repeat(513)],
  ])('is refused when its %s is %j', async (field, value) => {
    const { request, create } = await openTenant()
    const { id } = await create()
    const answer = await request('PATCH', `${BASE}${id}/`, { [field]: value })
    expect([answer.status, answer.body]).toEqual([400, { [field]: [expect.any(String)] }])
  })

  it('ignores whatever else it names', async () => {
    const { request, create } = await openTenant()
    const webhook = await create()
    const endpoint_url = 'https://migrated.example/'
    const answer = await request('PATCH', `${BASE}${webhook.id}/`, {
      endpoint_url,
      id: ANSWER_SHEET,
      api_template: MODEL_ANSWER_SHEET,
      status: 'disabled',
      created_by: 'grace',
      created_at: null,
      scope: { user: 'grace' },
    })
    expect([answer.status, answer.body]).toEqual([200, { ...webhook, endpoint_url }])
  })

  it('changes the secret, or leaves it', async () => {
    const { key, request, create } = await openTenant()
    const receiver = openReceiver()
    const { id } = await create({ endpoint_url: receiver.url, secret_hash: 'my-secret-key-123' })
    const sign = async () => {
      const sent = receiver.requests.length
      const scope = { template: ANSWER_SHEET, user: 'ada' }
      const data = '{ "score": 1.10, "2": 12345678901234567890, "1": "\\u00e9é" }'
      await publish(key, { type: 'document.processed', scope, data })
      return (await receiver.received(sent + 1)).at(-1)?.headers['x-webhook-signature']
    }
    const first = 'sha256=40e9f1ad277368eb2150ce44770d69089ed2204bcb7701c1a67c2b6c20e69218'
    expect(await sign()).toBe(first)
    await request('PATCH', `${BASE}${id}/`, { endpoint_url: receiver.url })
    expect(await sign()).toBe(first)
    await request('PATCH', `${BASE}${id}/`, { secret_hash: 'another' })
    expect(await sign()).toMatch(/^sha256=(?!40e9f1ad)/)
  })

  it.each([[null], ['']])('takes the secret away when it is %j', async (secret_hash) => {
    const { key, request, create } = await openTenant()
    const receiver = openReceiver()
    const { id } = await create({ endpoint_url: receiver.url, secret_hash: 'my-secret-key-123' })
    await request('PATCH', `${BASE}${id}/`, { secret_hash })
    const scope = { template: ANSWER_SHEET, user: 'ada' }
    await publish(key, { type: 'document.processed', scope, data: '{}' })
    const [notification] = await receiver.received(1)
    const names = Object.keys(notification?.headers ?? {})
    expect(names.filter((name) => name.includes('signature'))).toEqual([])
  })
})

describe('a list', () => {
  it('comes in pages that lead to each other', async () => {
    const { request, create } = await openTenant()
    const ids: string[] = []
    for (let index = 0; index < 5; index += 1) {
      const { id } = await create({ api_template: (await createTemplate()).id })
      ids.push(id)
    }
    const seen: string[] = []
    let path: string | null = `${BASE}?page_size=2`
    while (path !== null) {
      const answer = await request('GET', path)
      const { count, next, results } = answer.body as {
        count: number
        next: string | null
        results: Shown[]
      }
      expect(count).toBe(5)
      seen.push(...results.map(({ id }) => id))
      if (next !== null) expect(next).toMatch(/^https:\/\/hookline\.test\/webhooks\/v1\/webhook\//)
      path = next
    }
    expect(seen).toEqual(ids)
    expect((await request('GET', `${BASE}?page=2&page_size=2`)).body).toMatchObject({
      next: 'https://hookline.test/webhooks/v1/webhook/?page=3&page_size=2',
      previous: 'https://hookline.test/webhooks/v1/webhook/?page=1&page_size=2',
    })
  })

  it.each(['2', '999999999', '99999999999999999999'])(
    'has no page %s past its end',
    async (page) => {
      const { request, create } = await openTenant()
      await create()
      for (const path of [BASE, '/webhooks/v1/webhook-templates/']) {
        const answer = await request('GET', `${path}?page=${page}&page_size=100`)
        expect([answer.status, answer.body]).toEqual([404, { detail: 'No such page.' }])
      }
    },
  )

  it('of nothing has a first page, and no second one', async () => {
    const { request } = await openTenant()
    const empty = { count: 0, next: null, previous: null, results: [] }
    expect(await request('GET', `${BASE}?page=1`)).toMatchObject({ status: 200, body: empty })
    expect(await request('GET', `${BASE}?page=2`)).toMatchObject({ status: 404 })
  })

  it.each(['101', '250', '99999999999999999999'])(
    'asked for pages of %s has pages of 100',
    async (size) => {
      const { request } = await openTenant()
      for (const path of [BASE, '/webhooks/v1/webhook-templates/']) {
        expect(await request('GET', `${path}?page_size=${size}`)).toMatchObject({ status: 200 })
      }
      expect(PageQuery.parse({ page_size: size })).toEqual({ page: 1, page_size: 100 })
    },
  )

  it.each([
    ['page', '0'],
    ['page', '-1'],
    ['page', '1.5'],
    ['page', ''],
    ['page', 'last'],
    ['page', '1e3'],
    ['page', '1&page=2'],
    ['page_size', '0'],
    ['page_size', 'all'],
  ])('refuses %s=%s', async (name, value) => {
    const { request } = await openTenant()
    for (const path of [BASE, '/webhooks/v1/webhook-templates/']) {
      const answer = await request('GET', `${path}?${name}=${value}`)
      expect([answer.status, answer.body]).toEqual([400, { [name]: [expect.any(String)] }])
    }
  })

  it('shows the user’s own webhooks only', async () => {
    const { tenant, create } = await openTenant('ada')
    const { id } = await create()
    const grace = await open(tenant, 'grace')
    const hers = await grace.create()
    expect((await grace.request('GET', BASE)).body).toMatchObject({
      count: 1,
      results: [{ id: hers.id, created_by: 'grace' }],
    })
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const body = method === 'PATCH' ? { endpoint_url: 'https://b.example/' } : undefined
      const answer = await grace.request(method, `${BASE}${id}/`, body)
      expect([answer.status, answer.body]).toEqual([404, { detail: expect.any(String) }])
    }
  })
})

describe('the catalogue', () => {
  it('has what it ships with and what administrators add', async () => {
    const { request } = await openTenant()
    const added = await createTemplate()
    const answer = await request('GET', '/webhooks/v1/webhook-templates/?page_size=100')
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ next: null, previous: null })
    const { results } = answer.body as { results: { id: string }[] }
    expect(results.slice(0, 2)).toEqual([
      {
        id: ANSWER_SHEET,
        name: 'assignment_answer_sheet_extraction',
        display_name: 'Assignment Answer Sheet Extraction',
        description: expect.any(String),
      },
      {
        id: MODEL_ANSWER_SHEET,
        name: 'assignment_model_answer_sheet_extraction',
        display_name: 'Assignment Model Answer Sheet Extraction',
        description: expect.any(String),
      },
    ])
    expect(results.map(({ id }) => id)).toContain(added.id)
  })

  it('comes in pages', async () => {
    const { request } = await openTenant()
    const answer = await request('GET', '/webhooks/v1/webhook-templates?page_size=1')
    expect(answer.body).toMatchObject({
      next: 'https://hookline.test/webhooks/v1/webhook-templates?page_size=1&page=2',
      results: [{ id: ANSWER_SHEET }],
    })
  })

  it('cannot be written to', async () => {
    const { request } = await openTenant()
    const answer = await request('POST', '/webhooks/v1/webhook-templates/', { name: 'mine' })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
  })
})

describe('a processed document', () => {
  const processed = (scope: Record<string, string>, n: number) => ({
    type: 'document.processed',
    scope,
    data: `{"n":${n}}`,
  })
  const body = (n: number) =>
    `{"event":"document.processed","api_template":"${ANSWER_SHEET}","data":{"n":${n}}}`

  it('is told of whether its template is named by id or by name', async () => {
    const { key, create } = await openTenant()
    const receiver = openReceiver()
    await create({ endpoint_url: receiver.url })
    await publish(key, processed({ template: ANSWER_SHEET, user: 'ada' }, 1))
    await publish(
      key,
      processed({ template: 'assignment_answer_sheet_extraction', user: 'ada' }, 2),
    )
    await receiver.received(2)
    expect(receiver.requests.map((request) => request.body).sort()).toEqual([body(1), body(2)])
  })

  it('is told of to its template and its user alone', async () => {
    const ada = await openTenant('ada')
    const grace = await open(ada.tenant, 'grace')
    const [mine, model, hers] = [openReceiver(), openReceiver(), openReceiver()]
    await ada.create({ endpoint_url: mine.url })
    await ada.create({ endpoint_url: model.url, api_template: MODEL_ANSWER_SHEET })
    await grace.create({ endpoint_url: hers.url })
    await publish(ada.key, processed({ template: ANSWER_SHEET, user: 'nobody' }, 1))
    await publish(ada.key, processed({ template: ANSWER_SHEET }, 2))
    await publish(ada.key, processed({ user: 'ada' }, 3))
    await publish(ada.key, processed({ template: ANSWER_SHEET, user: 'grace' }, 4))
    await publish(ada.key, processed({ template: ANSWER_SHEET, user: 'ada' }, 5))
    await publish(ada.key, processed({ template: MODEL_ANSWER_SHEET, user: 'ada' }, 6))
    await model.received(1)
    await mine.received(1)
    await hers.received(1)
    const [adas, graces, models] = [mine, hers, model].map(({ requests }) =>
      requests.map((request) => JSON.parse(request.body).data.n),
    )
    expect({ adas, graces, models }).toEqual({ adas: [5], graces: [4], models: [6] })
  })

  it('is logged for the webhooks of its template alone', async () => {
    const { key, request, create } = await openTenant()
    const receiver = openReceiver()
    const { id } = await create({ endpoint_url: receiver.url })
    await create({ api_template: MODEL_ANSWER_SHEET })
    const eventId = await publish(key, processed({ template: ANSWER_SHEET, user: 'ada' }, 1))
    await vi.waitFor(async () => {
      const { body } = await request('GET', `/v1/events/${eventId}`)
      expect(body).toMatchObject({ deliveries: [{ webhookId: id, status: 'delivered' }] })
    })
  })

  it('is told of to the tenant’s own webhook, whoever its user is', async () => {
    const { key, create } = await open(await createTenant())
    const receiver = openReceiver()
    await create({ endpoint_url: receiver.url })
    await publish(key, processed({ template: ANSWER_SHEET, user: 'ada' }, 1))
    await publish(key, processed({ template: ANSWER_SHEET }, 2))
    await receiver.received(2)
  })

  it('is told of to a user whose name needs escaping', async () => {
    const user = `a/b"'\\%_🪝é`
    const { key, create } = await openTenant(user)
    const receiver = openReceiver()
    expect(await create({ endpoint_url: receiver.url })).toMatchObject({ created_by: user })
    await publish(key, processed({ template: ANSWER_SHEET, user }, 1))
    await receiver.received(1)
  })

  it('is signed in both ways with the secret', async () => {
    const { key, create } = await openTenant()
    const receiver = openReceiver()
    await create({
      endpoint_url: receiver.url,
      secret_hash: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    })
    const scope = { template: ANSWER_SHEET, user: 'ada' }
    await publish(key, { type: 'document.processed', scope, data: '{}' })
    const [request] = await receiver.received(1)
    expect(request?.headers).toMatchObject({
      'webhook-signature': expect.stringMatching(/^v1,/),
      'x-webhook-signature':
        'sha256=100043e5550ccd61173cdde16377b1e68d18503d44f883b4e2ba3d33ca54a74d',
    })
  })

  it('is not signed without a secret', async () => {
    const { key, create } = await openTenant()
    const receiver = openReceiver()
    await create({ endpoint_url: receiver.url })
    await publish(key, processed({ template: ANSWER_SHEET, user: 'ada' }, 1))
    const [request] = await receiver.received(1)
    const names = Object.keys(request?.headers ?? {})
    expect(names.filter((name) => name.includes('signature'))).toEqual([])
  })
})
