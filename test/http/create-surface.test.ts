import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import type { Principal } from '../../src/engine/model/index.ts'
import type { LogLine } from '../../src/engine/ports/index.ts'
import { ENGINE_ERROR_CODES, EngineError } from '../../src/errors.ts'
import { createSurface, type ErrorTable } from '../../src/http/create-surface.ts'
import type { SurfaceBindings, SurfaceEnv } from '../../src/http/surface.ts'

const word = ({ code, message }: EngineError) => ({ code, message })
const errors = Object.fromEntries(
  ENGINE_ERROR_CODES.map((code) => [code, [code === 'conflict' ? 422 : 400, word]]),
) as unknown as ErrorTable

const principal: Principal = { id: 'key', tenantId: 'acme', subject: null, permissions: [] }
const logged: LogLine[] = []
const bindings = {
  log: (line: LogLine) => logged.push(line),
  engine: {
    administration: { authenticate: async (id: string) => (id === 'key' ? principal : null) },
  },
} as unknown as SurfaceBindings

const surface = createSurface({
  errors,
  fieldNames: { url: ['target'] },
  routes: (app) =>
    app
      .get('/', (c) => c.json({ tenant: c.get('principal').tenantId }))
      .post('/', () => {
        throw new EngineError('conflict', 'Taken.', { retryAfterSeconds: 7 })
      })
      .put('/', () => {
        throw new EngineError('invalid', '', { issues: [{ path: ['url'], message: 'is private' }] })
      })
      .delete('/', () => {
        throw new Error('a secret detail')
      }),
})
const app = new Hono<SurfaceEnv>({ strict: false }).route('/vendor/things', surface)

async function call(method: string, path: string, authorization = 'Bearer key.secret') {
  const request = new Request(`https://hookline.test${path}`, {
    method,
    headers: { authorization },
  })
  const response = await app.fetch(request, bindings)
  return { status: response.status, headers: response.headers, body: await response.json() }
}

describe('a surface', () => {
  it.each(['/vendor/things', '/vendor/things/'])('serves %s', async (path) => {
    expect(await call('GET', path)).toMatchObject({ status: 200, body: { tenant: 'acme' } })
  })

  it('asks for the credential before anything else', async () => {
    const answer = await call('GET', '/vendor/things/nowhere', 'Bearer nobody.secret')
    expect(answer.body).toMatchObject({ code: 'unauthenticated' })
  })

  it('answers an error with the vendor’s status, body and headers', async () => {
    const answer = await call('POST', '/vendor/things')
    expect(answer).toMatchObject({ status: 422, body: { code: 'conflict', message: 'Taken.' } })
    expect(answer.headers.get('retry-after')).toBe('7')
  })

  it('names the vendor’s field in what the engine refuses', async () => {
    const answer = await call('PUT', '/vendor/things')
    expect(answer.body).toEqual({ code: 'invalid', message: 'target: is private' })
  })

  it('answers an unknown path and a wrong method as errors of its own', async () => {
    expect((await call('GET', '/vendor/things/a/b')).body).toMatchObject({ code: 'not_found' })
    const wrong = await call('PATCH', '/vendor/things')
    expect(wrong.body).toMatchObject({ code: 'method_not_allowed' })
    expect(wrong.headers.get('allow')).toBe('DELETE, GET, HEAD, POST, PUT')
  })

  it('tells a caller nothing about a bug', async () => {
    const answer = await call('DELETE', '/vendor/things')
    expect(answer.body).toEqual({ code: 'internal', message: 'An internal error occurred.' })
    expect(logged).toMatchObject([{ event: 'request.crashed', error: 'Error: a secret detail' }])
  })
})
