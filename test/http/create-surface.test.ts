import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Permission, Principal } from '../../src/engine/model/index.ts'
import type { LogLine } from '../../src/engine/ports/index.ts'
import { ENGINE_ERROR_CODES, EngineError } from '../../src/errors.ts'
import { byOperation } from '../../src/http/admission.ts'
import { createSurface, type ErrorTable } from '../../src/http/create-surface.ts'
import { nothing, query, vendorJson, whenAsked } from '../../src/http/input.ts'
import { operation } from '../../src/http/operation.ts'
import { textParam, uuidParam } from '../../src/http/path-param.ts'
import type { SurfaceBindings, SurfaceEnv } from '../../src/http/surface.ts'

const word = ({ code, message }: EngineError) => ({ code, message })
const errors = Object.fromEntries(
  ENGINE_ERROR_CODES.map((code) => [code, [code === 'conflict' ? 422 : 400, word]]),
) as unknown as ErrorTable
const format = { errors, errorBody: z.object({ code: z.string(), message: z.string() }) }

const principal: Principal = {
  id: 'key',
  kind: 'tenant',
  tenantId: 'acme',
  subject: null,
  permissions: ['webhooks:read'],
  featureFlags: null,
}
const logged: LogLine[] = []
const bindings = {
  log: (line: LogLine) => logged.push(line),
  adminToken: 'administrator',
  exampleSecret: null,
  engine: {
    audit: { record: async () => {} },
    administration: { authenticate: async (id: string) => (id === 'key' ? principal : null) },
  },
} as unknown as SurfaceBindings

const about = { summary: 'A thing', status: 200, input: nothing } as const
const access: readonly Permission[] = ['webhooks:read']
const Body = z.object({ n: z.int() })
const operations = [
  operation({
    ...{ ...about, access, id: 'getThings', method: 'get', path: '/' },
    handle: async ({ c }) => ({ tenant: c.get('principal').tenantId }),
  }),
  operation({
    ...{ ...about, access, id: 'createThing', method: 'post', path: '/' },
    handle: async () => {
      throw new EngineError('conflict', 'Taken.', { retryAfterSeconds: 7 })
    },
  }),
  operation({
    ...{ ...about, access, id: 'updateThings', method: 'patch', path: '/' },
    handle: async () => {
      throw new EngineError('invalid', '', { issues: [{ path: ['url'], message: 'is private' }] })
    },
  }),
  operation({
    ...{ ...about, access, id: 'deleteThings', method: 'delete', path: '/' },
    handle: async () => {
      throw new Error('a secret detail')
    },
  }),
  operation({
    ...{ ...about, access, id: 'getNamed', method: 'get', path: '/named/{name}' },
    handle: async ({ id }) => ({ name: id('name') }),
  }),
  operation({
    ...{ ...about, access, id: 'changeThing', method: 'post', path: '/{id}' },
    input: vendorJson(Body),
    handle: async ({ id, input }) => ({ id: id('id'), ...input }),
  }),
  operation({
    ...{ ...about, access, id: 'listInThing', method: 'get', path: '/{id}/list' },
    input: whenAsked(query(z.object({ limit: z.enum(['1']) }))),
    handle: async ({ c, input }) => {
      if (c.req.header('x-nothing')) throw new EngineError('not_found', 'No such thing.')
      return input()
    },
  }),
  operation({
    ...{ ...about, id: 'writeThing', method: 'delete', path: '/{id}' },
    access: ['webhooks:write'],
    status: 204,
    handle: async () => {},
  }),
]
const params = { id: uuidParam('thing'), name: textParam('[a-z]{1,5}', 'A name.') }
const vendor = createSurface({ ...format, operations, params, fieldNames: { url: ['target'] } })
const native = createSurface({
  ...{ ...format, params, admission: byOperation, refusesOtherParameters: true },
  operations: [
    ...operations,
    operation({
      ...{ ...about, id: 'getPublic', method: 'get', path: '/named/public/thing' },
      access: 'public',
      handle: async () => ({}),
    }),
    operation({
      ...{ ...about, id: 'getSecret', method: 'get', path: '/named/secret/thing' },
      access: 'administrator',
      handle: async () => ({}),
    }),
  ],
})
const app = new Hono<SurfaceEnv>({ strict: false })
  .route('/vendor/things', vendor.app)
  .route('/native/things', native.app)

interface Asked {
  readonly authorization?: string
  readonly body?: string
  readonly nothing?: boolean
}

async function call(method: string, path: string, asked: Asked = {}) {
  const { authorization = 'Bearer key.secret', body = null, nothing = false } = asked
  const headers = { authorization, ...(nothing && { 'x-nothing': 'true' }) }
  const request = new Request(`https://hookline.test${path}`, { method, headers, body })
  const response = await app.fetch(request, bindings)
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? null : JSON.parse(text),
  }
}

const ID = '0190A5C3-7b1e-7c3a-9f00-00000000abcd'

describe('a surface', () => {
  it.each(['/vendor/things', '/vendor/things/'])('serves %s', async (path) => {
    expect(await call('GET', path)).toMatchObject({ status: 200, body: { tenant: 'acme' } })
  })

  it('asks for the credential before anything else', async () => {
    const nobody = { authorization: 'Bearer nobody.secret' }
    const answer = await call('GET', '/vendor/things/nowhere/at/all', nobody)
    expect(answer.body).toMatchObject({ code: 'unauthenticated' })
  })

  it('or says of a path that there is none first, where each operation asks', async () => {
    const nobody = { authorization: 'Bearer nobody.secret' }
    const answer = await call('GET', '/native/things/nowhere/at/all', nobody)
    expect(answer.body).toMatchObject({ code: 'not_found' })
    expect(await call('GET', '/native/things/named/public/thing', nobody)).toMatchObject({
      status: 200,
    })
    const secret = await call('GET', '/native/things/named/secret/thing', nobody)
    expect(secret.body).toMatchObject({ code: 'unauthenticated' })
    const administrator = { authorization: 'Bearer administrator' }
    expect(await call('GET', '/native/things/named/secret/thing', administrator)).toMatchObject({
      status: 200,
    })
  })

  it('cannot be open to the administrator where every request carries a key', () => {
    const forAdministrator = operation({
      ...{ ...about, access: 'administrator', id: 'x', method: 'get', path: '/' },
      handle: async () => ({}),
    })
    const definition = { ...format, params, operations: [forAdministrator] }
    expect(() => createSurface(definition)).toThrow('every request carries a key')
  })

  it('cannot have a parameter that it does not know', () => {
    expect(() => createSurface({ ...format, params: {}, operations })).toThrow('no parameter name')
  })

  it('answers an error with the vendor’s status, body and headers', async () => {
    const answer = await call('POST', '/vendor/things')
    expect(answer).toMatchObject({ status: 422, body: { code: 'conflict', message: 'Taken.' } })
    expect(answer.headers.get('retry-after')).toBe('7')
    expect(answer.headers.get('content-type')).toBe('application/json')
  })

  it('names the vendor’s field in what the engine refuses', async () => {
    const answer = await call('PATCH', '/vendor/things')
    expect(answer.body).toEqual({ code: 'invalid', message: 'target: is private' })
  })

  it('answers an unknown path and a wrong method as errors of its own', async () => {
    expect((await call('GET', '/vendor/things/a/b')).body).toMatchObject({ code: 'not_found' })
    const wrong = await call('PUT', '/vendor/things')
    expect(wrong.body).toMatchObject({ code: 'method_not_allowed' })
    expect(wrong.headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH, POST')
  })

  it('tells a caller nothing about a bug', async () => {
    const answer = await call('DELETE', '/vendor/things')
    expect(answer.body).toEqual({ code: 'internal', message: 'An internal error occurred.' })
    expect(logged).toMatchObject([{ event: 'request.crashed', error: 'Error: a secret detail' }])
  })

  it('looks at the permissions, then the path, then the body', async () => {
    const forbidden = await call('DELETE', '/vendor/things/nonsense')
    expect(forbidden.body).toMatchObject({ code: 'forbidden' })
    const unknown = await call('POST', '/vendor/things/nonsense', { body: '{' })
    expect(unknown.body).toEqual({ code: 'not_found', message: 'No such thing.' })
    const broken = await call('POST', `/vendor/things/${ID}`, { body: '{' })
    expect(broken.body).toMatchObject({ code: 'malformed' })
    const good = await call('POST', `/vendor/things/${ID}`, { body: '{"n":1,}' })
    expect(good.body).toEqual({ id: ID.toLowerCase(), n: 1 })
  })

  it('takes what does not match a parameter’s pattern for a path that it does not have', async () => {
    expect((await call('GET', '/vendor/things/named/abc')).body).toEqual({ name: 'abc' })
    expect((await call('GET', '/vendor/things/named/ABC')).body).toMatchObject({
      message: 'No such path.',
    })
  })

  it('reads an input only when it is asked for, where an operation says so', async () => {
    const path = `/vendor/things/${ID}/list?limit=2`
    expect((await call('GET', path)).body).toMatchObject({ code: 'invalid' })
    expect((await call('GET', path, { nothing: true })).body).toMatchObject({ code: 'not_found' })
  })

  it('ignores a parameter that an operation does not have, or refuses it', async () => {
    expect((await call('GET', '/vendor/things?x=1')).status).toBe(200)
    expect((await call('GET', '/native/things?x=1')).body).toMatchObject({ code: 'invalid' })
  })
})
