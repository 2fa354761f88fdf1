import { describe, expect, it } from 'vitest'
import { createKey, createTenant, presentations, send } from '../fixtures/hookline.ts'
import { askAdmin, idOf, NOBODY, newCaller, refusal, refused } from './asked.ts'

const UUID = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
)
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

type List<T> = { items: T[]; nextCursor: string | null }

describe('tenants', () => {
  it('are created, read and deleted', async () => {
    const created = await askAdmin('POST', '/v1/tenants', { name: 'Acme' })
    expect(created.status).toBe(201)
    expect(created.headers.get('content-type')).toBe('application/json')
    expect(created.body).toEqual({
      ...{ id: UUID, name: 'Acme', uid: null, metadata: {}, retentionDays: 30, createdAt: TIME },
      ...{ noticeEmail: null, noticeEmailConfirmed: false },
    })

    const path = `/v1/tenants/${idOf(created)}`
    expect((await askAdmin('GET', path)).body).toEqual(created.body)
    const deleted = await askAdmin('DELETE', path)
    expect([deleted.status, deleted.body]).toEqual([202, { jobId: UUID, queued: 0 }])
    const job = await askAdmin('GET', `/v1/jobs/${(deleted.body as { jobId: string }).jobId}`)
    const about = { kind: 'purge', tenantId: idOf(created), webhookId: null }
    expect(job.body).toMatchObject({ ...about, state: 'done', done: 0, total: 0, error: null })
    expect(refusal(await askAdmin('GET', path))).toEqual(refused(404, 'not_found'))
    expect(refusal(await askAdmin('DELETE', path))).toEqual(refused(404, 'not_found'))
  })

  it('may bring their own id, once', async () => {
    const id = '0190AAAA-0000-7000-8000-00000000000A'
    const created = await askAdmin('POST', '/v1/tenants', { name: 'Acme', id })
    expect(created.body).toMatchObject({ id: '0190aaaa-0000-7000-8000-00000000000a' })
    const again = await askAdmin('POST', '/v1/tenants', { name: 'Other', id: id.toLowerCase() })
    expect(refusal(again)).toEqual(refused(409, 'conflict'))
    expect((await askAdmin('GET', `/v1/tenants/${id}`)).body).toMatchObject({ name: 'Acme' })
  })

  it('are listed page by page, each once', async () => {
    const made = [await createTenant('One'), await createTenant('Two'), await createTenant('Three')]
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page = await askAdmin('GET', `/v1/tenants?limit=1${query}`)
      const { items, nextCursor } = page.body as List<{ id: string }>
      expect(items).toHaveLength(1)
      seen.push(...items.map(({ id }) => id))
      cursor = nextCursor
    }
    expect(seen.filter((id) => made.some((tenant) => tenant.id === id))).toEqual(
      made.map(({ id }) => id),
    )
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('take their keys with them', async () => {
    const tenant = await createTenant()
    const key = await createKey(tenant)
    await askAdmin('DELETE', `/v1/tenants/${tenant.id}`)
    const answer = await send({ method: 'GET', path: '/v1/webhooks' }, presentations.bearer(key))
    expect(refusal(answer)).toEqual(refused(401, 'unauthenticated'))
  })
})

describe('keys', () => {
  it('show their secret once', async () => {
    const { id: tenantId } = await createTenant()
    const created = await askAdmin('POST', `/v1/tenants/${tenantId}/keys`, {
      name: 'ci',
      subject: 'ada',
      permissions: ['events:write', 'events:read', 'events:write'],
      expiresAt: '2030-01-01T00:00:00+01:00',
    })
    expect(created.status).toBe(201)
    const { secret, token, ...shown } = created.body as Record<string, unknown>
    expect(shown).toEqual({
      id: UUID,
      tenantId,
      name: 'ci',
      subject: 'ada',
      permissions: ['events:write', 'events:read'],
      createdAt: TIME,
      expiresAt: '2029-12-31T23:00:00.000Z',
    })
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect(token).toBe(`${shown.id}.${secret}`)
    const list = await askAdmin('GET', `/v1/tenants/${tenantId}/keys`)
    expect(list.body).toEqual({ items: [shown], nextCursor: null })
  })

  it('may do everything unless told', async () => {
    const { id } = await createTenant()
    const created = await askAdmin('POST', `/v1/tenants/${id}/keys`)
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({ name: null, subject: null, expiresAt: null })
    expect((created.body as { permissions: string[] }).permissions).toHaveLength(14)
  })

  it('that act for a user see webhooks that no user owns only when that is named', async () => {
    const { id } = await createTenant()
    const permissionsOf = async (body: object) =>
      (await askAdmin('POST', `/v1/tenants/${id}/keys`, { subject: 'ada', ...body })).body
    const unnamed = (await permissionsOf({})) as { permissions: string[] }
    expect(unnamed.permissions).toHaveLength(13)
    expect(unnamed.permissions).not.toContain('webhooks:unowned')
    const permissions = ['webhooks:read', 'webhooks:unowned']
    expect(await permissionsOf({ permissions })).toMatchObject({ permissions })
  })

  it('belong to a tenant', async () => {
    const answers = [
      await askAdmin('POST', `/v1/tenants/${NOBODY}/keys`, {}),
      await askAdmin('GET', `/v1/tenants/${NOBODY}/keys`),
      await askAdmin('DELETE', `/v1/tenants/${NOBODY}/keys/${NOBODY}`),
    ]
    for (const answer of answers) expect(refusal(answer)).toEqual(refused(404, 'not_found'))
  })
})

describe('templates', () => {
  it('ship with the catalogue and take more, each name once', async () => {
    const template = { name: 'rubric_extraction', displayName: 'Rubric Extraction' }
    const created = await askAdmin('POST', '/v1/templates', template)
    expect(created.status).toBe(201)
    expect(created.body).toEqual({ ...template, id: UUID, description: '' })
    expect(refusal(await askAdmin('POST', '/v1/templates', template))).toEqual(
      refused(409, 'conflict'),
    )
    const { items } = (await askAdmin('GET', '/v1/templates')).body as List<{ name: string }>
    expect(items.map(({ name }) => name)).toEqual([
      'assignment_answer_sheet_extraction',
      'assignment_model_answer_sheet_extraction',
      'rubric_extraction',
    ])
  })

  it('are listed page by page', async () => {
    const first = await askAdmin('GET', '/v1/templates?limit=1')
    const { items, nextCursor } = first.body as List<{ name: string }>
    expect(items.map(({ name }) => name)).toEqual(['assignment_answer_sheet_extraction'])
    const second = await askAdmin('GET', `/v1/templates?limit=1&cursor=${nextCursor}`)
    expect((second.body as List<{ name: string }>).items.map(({ name }) => name)).toEqual([
      'assignment_model_answer_sheet_extraction',
    ])
  })
})

describe('dead letters', () => {
  it('are listed for the administrator', async () => {
    const answer = await askAdmin('GET', '/v1/dead-letters')
    expect([answer.status, answer.body]).toEqual([200, { items: [], nextCursor: null }])
  })
})

describe('a request', () => {
  it.each(['/v1/webhooks', '/v1/webhooks/'])('is served at %s without a redirect', async (path) => {
    const { ask } = await newCaller()
    expect((await ask('GET', path)).status).toBe(200)
    const created = await ask('POST', path, { url: 'https://example.com', eventTypes: ['a'] })
    expect(created.status).toBe(201)
    expect((await ask('GET', `/v1/webhooks/${idOf(created)}/`)).status).toBe(200)
  })
})
