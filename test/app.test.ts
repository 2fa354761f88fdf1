import { describe, expect, it, vi } from 'vitest'
import { createApp } from '../src/compose.ts'
import { dialects } from '../src/dialects/index.ts'
import type { Log } from '../src/engine/ports/index.ts'
import type { SurfaceBindings } from '../src/http/surface.ts'
import { createKey, createTenant, presentations, send } from './fixtures/hookline.ts'

describe('the app', () => {
  it.each(['/', '/nowhere', '/v2/events', '/favicon.ico'])(
    'answers 404 as a problem document at %s',
    async (path) => {
      const answer = await send({ method: 'GET', path })
      expect(answer.status).toBe(404)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.body).toEqual({
        type: 'urn:hookline:problem:not_found',
        title: 'Not found',
        status: 404,
        detail: 'No such path.',
        code: 'not_found',
      })
    },
  )

  it('serves every surface', async () => {
    for (const { basePath, title } of dialects) {
      const path = basePath.replaceAll(/:\w+(?:\{[^}]*\})?/g, 'default')
      const answer = await send({ method: 'GET', path: `${path}/` })
      expect(answer.headers.get('content-type'), title).not.toBe('application/problem+json')
    }
  })

  it('gives every answer an id', async () => {
    const key = await createKey(await createTenant())
    const call = { method: 'GET', path: '/v1/webhooks' }
    const first = await send(call, presentations.bearer(key))
    const second = await send(call, presentations.bearer(key))
    expect(first.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
  })

  it.each([undefined, ''])('has no administrator when ADMIN_TOKEN is %j', async (adminToken) => {
    const allowedOrigins = new Set()
    const bindings = {
      engine: {},
      log: () => {},
      adminToken,
      allowedOrigins,
    } as unknown as SurfaceBindings
    for (const headers of [{}, { authorization: 'Bearer undefined' }]) {
      const request = new Request('https://hookline.test/v1/tenants', { headers })
      expect((await createApp().fetch(request, bindings)).status).toBe(401)
    }
  })

  it('answers a crash without a word about it, and logs it once', async () => {
    const log = vi.fn<Log>()
    const crash = new TypeError('hidden detail')
    const engine = { administration: { listTenants: () => Promise.reject(crash) } }
    const allowedOrigins = new Set()
    const bindings = {
      engine,
      log,
      adminToken: 'token',
      allowedOrigins,
    } as unknown as SurfaceBindings
    const request = new Request('https://hookline.test/v1/tenants', {
      headers: { authorization: 'Bearer token' },
    })
    const response = await createApp().fetch(request, bindings)
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({
      type: 'urn:hookline:problem:internal',
      title: 'Internal error',
      status: 500,
      detail: 'An internal error occurred.',
      code: 'internal',
    })
    const events = log.mock.calls.map(([line]) => line.event)
    expect(events).toEqual(['request.crashed', 'request'])
  })
})
