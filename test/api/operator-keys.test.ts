// A key of the operator: what it may do for every tenant, and what only the administrator may.

import { beforeAll, describe, expect, it } from 'vitest'
import { OPERATOR_PERMISSIONS, PERMISSIONS } from '../../src/engine/model/index.ts'
import {
  createKey,
  createOperatorKey,
  createTenant,
  presentations,
  send,
  sendAs,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { type Ask, askAdmin, asking, idOf, invalidAt, NOBODY, refusal, refused } from './asked.ts'

const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** Asks with a new operator key; all permissions unless told. */
async function newOperator(permissions?: readonly string[]): Promise<Ask> {
  return asking(sendAs(await createOperatorKey(permissions ? { permissions } : {})))
}

/** A uid that no other test has. */
const newUid = () => `product.${crypto.randomUUID().slice(0, 8)}_A`

let operator: Ask
let tenant: TestTenant
const uid = newUid()

beforeAll(async () => {
  operator = await newOperator()
  tenant = await createTenant('Acme', { uid })
})

describe('operator keys', () => {
  it('show their secret once, and are listed and revoked', async () => {
    const created = await askAdmin('POST', '/v1/operator-keys', {
      name: 'backend',
      permissions: ['events:write', 'tenants:write', 'events:write'],
      expiresAt: '2030-01-01T00:00:00+01:00',
    })
    expect(created.status).toBe(201)
    const { secret, token, ...shown } = created.body as Record<string, string>
    expect(shown).toEqual({
      id: UUID,
      name: 'backend',
      permissions: ['events:write', 'tenants:write'],
      createdAt: TIME,
      expiresAt: '2029-12-31T23:00:00.000Z',
    })
    expect(token).toBe(`${shown.id}.${secret}`)
    const list = await askAdmin('GET', '/v1/operator-keys?limit=250')
    expect((list.body as { items: unknown[] }).items).toContainEqual(shown)
    expect(list.text).not.toContain(secret)

    const headers = { authorization: `Bearer ${token}` }
    const publish = () =>
      send({ method: 'POST', path: '/v1/events', body: '{"type":"a","data":{}}' }, headers)
    expect(refusal(await publish())).toEqual(invalidAt('tenant'))
    const path = `/v1/operator-keys/${shown.id}`
    expect((await askAdmin('DELETE', path)).status).toBe(204)
    expect(refusal(await publish())).toEqual(refused(401, 'unauthenticated'))
    expect(refusal(await askAdmin('DELETE', path))).toEqual(refused(404, 'not_found'))
  })

  it('may do everything unless told, but have agents write', async () => {
    const { body } = await askAdmin('POST', '/v1/operator-keys', {})
    const unlessTold = OPERATOR_PERMISSIONS.filter(
      (name) => !['mcp:write', 'ucp-agent:write'].includes(name),
    )
    expect(body).toMatchObject({ name: null, expiresAt: null, permissions: unlessTold })
    expect(OPERATOR_PERMISSIONS).toEqual([
      ...PERMISSIONS,
      ...['tenants:read', 'tenants:write', 'keys:read', 'keys:write'],
      ...['catalogue:read', 'catalogue:write', 'audit:read', 'metrics:read'],
      ...['portal-links:write', 'erase'],
    ])
  })

  it('do nothing once they have expired', async () => {
    const { body } = await askAdmin('POST', '/v1/operator-keys', {
      expiresAt: '2020-01-01T00:00:00Z',
    })
    const { token } = body as { token: string }
    const answer = await send({ method: 'GET', path: '/v1/tenants' }, { 'x-api-key': token })
    expect(refusal(answer)).toEqual(refused(401, 'unauthenticated'))
  })

  it.each([
    [{ permissions: ['events:dream'] }, ['permissions[0]']],
    [{ subject: 'ada' }, ['subject']],
    [{ name: '' }, ['name']],
    [{ expiresAt: 'soon' }, ['expiresAt']],
  ])('made of %j are refused', async (body, paths) => {
    const answer = await askAdmin('POST', '/v1/operator-keys', body)
    expect(refusal(answer)).toEqual(invalidAt(...paths))
  })

  it('are made by the administrator alone', async () => {
    for (const [method, path] of [
      ['POST', '/v1/operator-keys'],
      ['GET', '/v1/operator-keys'],
      ['DELETE', `/v1/operator-keys/${NOBODY}`],
    ] as const) {
      expect(refusal(await operator(method, path))).toEqual(refused(401, 'unauthenticated'))
    }
  })

  it('can be presented in every way', async () => {
    const key = await createOperatorKey()
    for (const present of Object.values(presentations)) {
      const path = `/v1/tenants/${uid}/webhooks`
      expect((await send({ method: 'GET', path }, present(key))).status).toBe(200)
    }
  })
})

describe('with an operator key', () => {
  it('a tenant is made, read, changed and deleted', async () => {
    const own = newUid()
    const metadata = { plan: 'gold' }
    const made = await operator('POST', '/v1/tenants', { name: 'New', uid: own, metadata })
    expect(made).toMatchObject({ status: 201, body: { id: UUID, name: 'New', uid: own, metadata } })
    expect((await operator('GET', `/v1/tenants/${own}`)).body).toEqual(made.body)
    const changed = await operator('PATCH', `/v1/tenants/${own}`, { name: 'Newer' })
    expect(changed).toMatchObject({ status: 200, body: { name: 'Newer', uid: own, metadata } })
    expect((await operator('DELETE', `/v1/tenants/${idOf(made)}`)).status).toBe(202)
    expect((await askAdmin('GET', `/v1/tenants/${idOf(made)}`)).status).toBe(404)
  })

  it.each(['id', 'uid'] as const)(
    'a webhook of a tenant is made and read by its %s',
    async (by) => {
      const base = `/v1/tenants/${by === 'id' ? tenant.id.toUpperCase() : uid}/webhooks`
      const body = { url: 'https://receiver.example/hook', eventTypes: ['a'] }
      const made = await operator('POST', base, body)
      expect(made.status, made.text).toBe(201)
      const path = `/webhooks/${idOf(made)}`
      expect((await operator('GET', `/v1/tenants/${tenant.id}${path}`)).status).toBe(200)
      const asTenant = asking(sendAs(await createKey(tenant)))
      expect((await asTenant('GET', `/v1${path}`)).body).toMatchObject({ id: idOf(made) })
      expect((await operator('DELETE', `/v1/tenants/${uid}${path}`)).status).toBe(204)
    },
  )

  it('what is another tenant’s is not there', async () => {
    const other = await createTenant('Other')
    const body = { url: 'https://receiver.example/hook', eventTypes: ['a'] }
    const made = await operator('POST', `/v1/tenants/${other.id}/webhooks`, body)
    const answer = await operator('GET', `/v1/tenants/${uid}/webhooks/${idOf(made)}`)
    expect(refusal(answer)).toEqual(refused(404, 'not_found'))
  })

  it.each([NOBODY, 'nobody', 'a b', 'ä', '%00', 'a'.repeat(257)])(
    'the tenant %s is 404',
    async (name) => {
      const path = `/v1/tenants/${encodeURIComponent(name)}`
      for (const below of ['', '/webhooks', '/events', '/jobs', '/usage', '/keys']) {
        const answer = await operator('GET', `${path}${below}`)
        expect(refusal(answer), below).toEqual(refused(404, 'not_found'))
      }
    },
  )

  it('a path that names no tenant is 403, and says what to do', async () => {
    for (const path of ['/v1/webhooks', '/v1/events', '/v1/jobs', '/v1/usage']) {
      const answer = await operator('GET', path)
      expect(refusal(answer)).toEqual(refused(403, 'forbidden'))
      expect(answer.text).toContain('/v1/tenants/{tenant}/webhooks')
    }
  })

  it('keys of a tenant are made, listed and revoked', async () => {
    const made = await operator('POST', `/v1/tenants/${uid}/keys`, { name: 'theirs' })
    expect(made).toMatchObject({ status: 201, body: { tenantId: tenant.id } })
    const { token } = made.body as { token: string }
    const ask = () => send({ method: 'GET', path: '/v1/webhooks' }, { 'x-api-key': token })
    expect((await ask()).status).toBe(200)
    const list = await operator('GET', `/v1/tenants/${uid}/keys`)
    expect(list.text).toContain(idOf(made))
    expect((await operator('DELETE', `/v1/tenants/${uid}/keys/${idOf(made)}`)).status).toBe(204)
    expect((await ask()).status).toBe(401)
  })

  it('nobody grants what he lacks', async () => {
    const limited = await newOperator(['keys:write', 'events:write', 'webhooks:read'])
    const path = `/v1/tenants/${uid}/keys`
    const asked = await limited('POST', path, { permissions: ['events:write', 'events:read'] })
    expect(refusal(asked)).toEqual(refused(403, 'forbidden'))
    expect(asked.text).toContain('events:read')
    const granted = await limited('POST', path, { permissions: ['events:write'] })
    expect(granted).toMatchObject({ status: 201, body: { permissions: ['events:write'] } })
    const unnamed = await limited('POST', path)
    expect(unnamed.body).toMatchObject({ permissions: ['webhooks:read', 'events:write'] })
    const unknown = await limited('POST', path, { permissions: ['tenants:write'] })
    expect(refusal(unknown)).toEqual(invalidAt('permissions[0]'))
  })

  it('the dead letters, the status and the templates stay the administrator’s', async () => {
    for (const [method, path] of [
      ['GET', '/v1/dead-letters'],
      ['GET', '/v1/status'],
      ['GET', '/v1/templates'],
      ['POST', '/v1/secrets/reencrypt'],
    ] as const) {
      expect(refusal(await operator(method, path))).toEqual(refused(401, 'unauthenticated'))
    }
  })

  it('surfaces whose paths name no tenant refuse it as they do, whatever it is asked for', async () => {
    for (const [method, path] of [
      ['GET', '/integrations'],
      ['GET', '/webhooks/v1/webhook'],
      ['GET', '/v3/instances/one/webhook'],
      ['GET', '/api/v2/config/webhook'],
      ['DELETE', `/integrations/${NOBODY}`],
    ] as const) {
      const answer = await operator(method, path)
      expect(answer.status, path).toBe(403)
      expect(answer.text, path).toContain('An operator key belongs to none')
      expect(answer.headers.get('content-type'), path).toBe('application/json')
    }
  })

  it('a surface whose paths name the tenant serves it, by id and by uid', async () => {
    for (const name of [tenant.id, uid]) {
      const list = await operator('GET', `/event/${name}/webhooks/list`)
      expect(list.status, list.text).toBe(200)
    }
    const unknown = await operator('GET', `/event/${newUid()}/webhooks/list`)
    expect(unknown).toMatchObject({ status: 404, body: { message: 'No such tenant.' } })
  })
})

describe('the key of a tenant', () => {
  it('may name its own tenant, and no other', async () => {
    const own = asking(sendAs(await createKey(tenant)))
    for (const name of [tenant.id, uid]) {
      expect((await own('GET', `/v1/tenants/${name}/webhooks`)).status).toBe(200)
    }
    const other = await createTenant('Other', { uid: newUid() })
    const foreign = await own('GET', `/v1/tenants/${other.id}/webhooks`)
    const unknown = await own('GET', `/v1/tenants/${NOBODY}/webhooks`)
    expect(refusal(foreign)).toEqual(refused(404, 'not_found'))
    expect(foreign.text).toBe(unknown.text)
  })

  it('is 403 where an operator key is needed', async () => {
    const own = asking(sendAs(await createKey(tenant)))
    for (const path of [
      '/v1/tenants',
      `/v1/tenants/${tenant.id}`,
      `/v1/tenants/${tenant.id}/keys`,
    ]) {
      expect(refusal(await own('GET', path))).toEqual(refused(403, 'forbidden'))
    }
  })
})

describe('the administrator', () => {
  it('sees no webhook of a tenant', async () => {
    for (const below of ['webhooks', 'events', 'jobs', `webhooks/${NOBODY}`]) {
      const answer = await askAdmin('GET', `/v1/tenants/${uid}/${below}`)
      expect(refusal(answer)).toEqual(refused(401, 'unauthenticated'))
    }
  })
})
