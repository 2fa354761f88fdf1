// Who may ask for which operation of `/v1`.

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { PERMISSIONS } from '../../src/engine/model/index.ts'
import {
  createKey,
  createTenant,
  presentations,
  send,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { allRoutes, needsOf, pathOf } from '../security/routes.ts'
import { type Ask, askAdmin, NOBODY, newCaller, refusal, refused } from './asked.ts'

const webhook = `/v1/webhooks/${NOBODY}`
const diverted = `${webhook}/diverted/${NOBODY}`

/** Every operation that a key may ask for, and the permissions it needs, written down by hand. */
const forKeys = [
  ['POST', '/v1/events', 'events:write'],
  ['POST', '/v1/events/cloudevents', 'events:write'],
  ['POST', '/v1/events/cloudevents/batch', 'events:write'],
  ['POST', '/v1/expressions/preview', 'webhooks:read'],
  ['GET', '/v1/expressions/presets', 'webhooks:read'],
  ['GET', '/v1/events', 'events:read', 'events:list'],
  ['GET', `/v1/events/${NOBODY}`, 'events:read'],
  ['POST', `/v1/events/${NOBODY}/resend`, 'events:write'],
  ['POST', `/v1/events/${NOBODY}/cancel`, 'events:write'],
  ['DELETE', `/v1/events/${NOBODY}/content`, 'events:write'],
  ['GET', '/v1/usage', 'events:read'],
  ['GET', '/v1/activity', 'events:read'],
  ['GET', '/v1/event-types/export/openapi'],
  ['GET', '/v1/event-types/export/asyncapi'],
  ['GET', '/v1/event-types'],
  ['GET', `/v1/event-types/${NOBODY}`],
  ['POST', '/v1/webhooks', 'webhooks:write'],
  ['GET', '/v1/webhooks', 'webhooks:read', 'webhooks:list'],
  ['GET', webhook, 'webhooks:read'],
  ['PATCH', webhook, 'webhooks:write'],
  ['DELETE', webhook, 'webhooks:write'],
  ['GET', `${webhook}/secret`, 'webhook-secrets:read'],
  ['POST', `${webhook}/rotate-secret`, 'webhook-secrets:write'],
  ['POST', `${webhook}/resume`, 'webhooks:write'],
  ['POST', `${webhook}/verify`, 'webhooks:write'],
  ['POST', `${webhook}/order/${NOBODY}/skip`, 'webhooks:write'],
  ['POST', `${webhook}/test`, 'webhooks:write'],
  ['GET', `${webhook}/attempts`, 'webhooks:read'],
  ['GET', `${webhook}/attempts/${NOBODY}/request`, 'webhooks:read', 'events:read'],
  ['GET', `${webhook}/pull`, 'events:pull'],
  ['POST', `${webhook}/pull/commit`, 'events:pull'],
  ['DELETE', `${webhook}/pull/consumers/${NOBODY}`, 'events:pull'],
  ['GET', `${webhook}/stream`, 'events:pull'],
  ['GET', `${webhook}/health`, 'webhooks:read'],
  ['GET', `${webhook}/activity`, 'webhooks:read'],
  ['GET', `${webhook}/diverted`, 'diverted-events:read', 'diverted-events:list'],
  ['GET', diverted, 'diverted-events:read'],
  ['DELETE', diverted, 'diverted-events:delete'],
  ['POST', `${diverted}/resend`, 'diverted-events:resend'],
  ['POST', `${webhook}/diverted/resend`, 'diverted-events:resend'],
  ['POST', `${webhook}/cancel`, 'webhooks:write'],
  ['POST', `${webhook}/replay`, 'webhooks:write'],
  ['GET', '/v1/jobs', 'webhooks:read', 'webhooks:list'],
  ['GET', '/v1/tail', 'webhooks:read', 'webhooks:list'],
  ['GET', `/v1/jobs/${NOBODY}`, 'webhooks:read'],
  ['DELETE', `/v1/jobs/${NOBODY}`, 'webhooks:write'],
] as const

/** The same where the path names the tenant, but for what all share; its usage the administrator may see as well. */
const underTenant = forKeys
  .filter(([, path]) => path !== '/v1/usage' && !path.startsWith('/v1/event-types'))
  .map(([method, path, ...needed]) => {
    return [method, path.replace('/v1/', `/v1/tenants/${NOBODY}/`), ...needed] as const
  })

/** What an operator key may ask, with the permission it needs, and the administrator. */
const forOperators = [
  ['GET', '/v1/metrics', 'metrics:read'],
  ['GET', '/v1/summary', 'metrics:read'],
  ['POST', '/v1/event-types/import/openapi', 'catalogue:write'],
  ['PUT', `/v1/event-types/${NOBODY}`, 'catalogue:write'],
  ['DELETE', `/v1/event-types/${NOBODY}`, 'catalogue:write'],
  ['POST', '/v1/tenants', 'tenants:write'],
  ['GET', '/v1/tenants', 'tenants:read'],
  ['GET', `/v1/tenants/${NOBODY}`, 'tenants:read'],
  ['PATCH', `/v1/tenants/${NOBODY}`, 'tenants:write'],
  ['GET', `/v1/tenants/${NOBODY}/usage`, 'events:read'],
  ['GET', '/v1/audit', 'audit:read'],
  ['GET', `/v1/tenants/${NOBODY}/audit`, 'audit:read'],
  ['POST', `/v1/tenants/${NOBODY}/erase`, 'erase'],
  ['DELETE', `/v1/tenants/${NOBODY}`, 'tenants:write'],
  ['POST', `/v1/tenants/${NOBODY}/keys`, 'keys:write'],
  ['GET', `/v1/tenants/${NOBODY}/keys`, 'keys:read'],
  ['DELETE', `/v1/tenants/${NOBODY}/keys/${NOBODY}`, 'keys:write'],
  ['POST', `/v1/tenants/${NOBODY}/portal-links`, 'portal-links:write'],
  ['GET', `/v1/tenants/${NOBODY}/portal-links`, 'portal-links:write'],
  ['DELETE', `/v1/tenants/${NOBODY}/portal-links/${NOBODY}`, 'portal-links:write'],
] as const

const forAdministrator = [
  ['POST', '/v1/operator-keys'],
  ['GET', '/v1/operator-keys'],
  ['DELETE', `/v1/operator-keys/${NOBODY}`],
  ['GET', '/v1/templates'],
  ['POST', '/v1/templates'],
  ['GET', '/v1/dead-letters'],
  ['POST', '/v1/secrets/reencrypt'],
  ['GET', '/v1/status'],
] as const

const forAll = [
  ['GET', '/v1/health'],
  ['GET', '/v1/openapi.json'],
] as const

let tenant: TestTenant
let askWithout: ReadonlyMap<string, Ask>

beforeAll(async () => {
  tenant = await createTenant()
  askWithout = new Map(
    await Promise.all(
      PERMISSIONS.map(async (missing): Promise<[string, Ask]> => {
        const permissions = PERMISSIONS.filter((permission) => permission !== missing)
        return [missing, (await newCaller(permissions, tenant)).ask]
      }),
    ),
  )
})

it('has a row for every operation, which says what the operation says', () => {
  const rows = [
    ...[...forKeys, ...underTenant].map(([method, path, ...needed]) => [method, path, needed]),
    ...forOperators.map(([method, path, needed]) => [method, path, { operator: [needed] }]),
    ...forAdministrator.map(([method, path]) => [method, path, 'administrator']),
    ...forAll.map(([method, path]) => [method, path, 'public']),
  ]
  const native = allRoutes().filter(({ surface }) => surface === 'native')
  const listed = native.map((route) => [route.method, pathOf(route, () => NOBODY), needsOf(route)])
  expect(rows.map((row) => JSON.stringify(row)).toSorted()).toEqual(
    listed.map((row) => JSON.stringify(row)).toSorted(),
  )
})

describe('a key', () => {
  it.each(
    forKeys.flatMap(([method, path, ...needed]) =>
      PERMISSIONS.map(
        (missing) => [method, path, missing, needed.some((n) => n === missing)] as const,
      ),
    ),
  )('%s %s without %s is refused: %s', async (method, path, missing, isRefused) => {
    const ask = askWithout.get(missing)
    const answer = await ask?.(method, path, method === 'GET' ? undefined : '{not json')
    if (!isRefused) return expect(answer?.status).not.toBe(403)
    expect(answer && refusal(answer)).toEqual(refused(403, 'forbidden'))
    expect(answer?.text).toContain(missing)
  })

  it.each(forKeys.map(([method, path]) => [method, path] as const))(
    'is needed for %s %s',
    async (method, path) => {
      const answer = await send({ method, path })
      expect(refusal(answer)).toEqual(refused(401, 'unauthenticated'))
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="hookline"')
    },
  )

  it('may be presented in every way of the contract', async () => {
    const key = await createKey(tenant)
    for (const present of Object.values(presentations)) {
      const answer = await send({ method: 'GET', path: '/v1/webhooks' }, present(key))
      expect(answer.status).toBe(200)
    }
  })

  it.each([
    { authorization: 'Bearer nonsense' },
    { authorization: `Bearer ${NOBODY}.secret` },
    { authorization: 'Basic nonsense' },
    { authorization: 'Digest a.b' },
    { authorization: '' },
    { 'x-api-key': 'nonsense' },
    { authorization: 'Bearer test-admin-token' },
  ])('%j is none', async (headers) => {
    const answer = await send({ method: 'GET', path: '/v1/webhooks' }, headers)
    expect(refusal(answer)).toEqual(refused(401, 'unauthenticated'))
  })

  it.each([
    [{ authorization: 'Bearer test-admin-token' }],
    [{ 'x-api-key': 'test-admin-token' }],
    [{ authorization: `Basic ${btoa('admin:test-admin-token')}` }],
  ])('is not the administrator’s token, and the refusal of %j says so', async (headers) => {
    const answer = await send({ method: 'GET', path: '/v1/webhooks' }, headers)
    expect(answer).toMatchObject({
      status: 401,
      body: {
        detail:
          'This request requires a key, and the administrator token is none: where it is accepted, it is a bearer token. Create a key with POST /v1/tenants/{tenant}/keys.',
      },
    })
  })

  it('does nothing once it has expired', async () => {
    const expired = await askAdmin('POST', `/v1/tenants/${tenant.id}/keys`, {
      expiresAt: '2020-01-01T00:00:00Z',
    })
    const { token } = expired.body as { token: string }
    const answer = await send({ method: 'GET', path: '/v1/webhooks' }, { 'x-api-key': token })
    expect(refusal(answer)).toEqual(refused(401, 'unauthenticated'))
  })

  it('does nothing once it is revoked', async () => {
    const key = await createKey(tenant)
    const path = `/v1/tenants/${tenant.id}/keys/${key.id}`
    expect((await askAdmin('DELETE', path)).status).toBe(204)
    const answer = await send({ method: 'GET', path: '/v1/webhooks' }, presentations.bearer(key))
    expect(refusal(answer)).toEqual(refused(401, 'unauthenticated'))
  })
})

describe('an operator key or the administrator', () => {
  it.each(forOperators.map(([method, path]) => [method, path] as const))(
    'is needed for %s %s',
    async (method, path) => {
      const { authorization } = presentations.bearer(await createKey(tenant))
      for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
        const answer = await send({ method, path }, headers)
        expect(refusal(answer)).toEqual(refused(401, 'unauthenticated'))
      }
      const answer = await send({ method, path }, { authorization })
      expect(refusal(answer)).toEqual(refused(403, 'forbidden'))
    },
  )
})

describe('the administrator', () => {
  it.each(forAdministrator)('is needed for %s %s', async (method, path) => {
    const { authorization } = presentations.bearer(await createKey(tenant))
    for (const headers of [{}, { authorization }, { authorization: 'Bearer wrong' }]) {
      const answer = await send({ method, path }, headers)
      expect(refusal(answer)).toEqual(refused(401, 'unauthenticated'))
    }
  })
})

describe('a key where the administrator is needed', () => {
  const detail =
    'This request requires the administrator token: Authorization: Bearer <ADMIN_TOKEN>. The credential looks like a key, which is not accepted here.'

  it('is called one, whether it is good or nobody’s', async () => {
    const key = await createKey(tenant)
    const nobodys = { ...key, id: NOBODY, token: `${NOBODY}.${key.secret}` }
    for (const present of Object.values(presentations)) {
      for (const one of [key, nobodys]) {
        const answer = await send({ method: 'GET', path: '/v1/status' }, present(one))
        expect(answer).toMatchObject({ status: 401, body: { detail } })
      }
    }
  })
})

describe('the description', () => {
  it('is for everybody', async () => {
    expect((await send({ method: 'GET', path: '/v1/openapi.json' })).status).toBe(200)
  })
})

describe('a key that cannot be looked up', () => {
  it('is worth another try', async () => {
    const key = await createKey(await createTenant())
    const preparing = vi.spyOn(env.DB, 'prepare').mockImplementation(() => {
      throw new Error('D1 is down')
    })
    const answer = await send({ method: 'GET', path: '/v1/webhooks' }, presentations.bearer(key))
    preparing.mockRestore()
    expect(refusal(answer)).toEqual(refused(503, 'unavailable'))
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(answer.text).not.toContain('D1')
  })
})
