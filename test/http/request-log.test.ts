import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { answerProblem } from '../../src/api/problem.ts'
import type { Principal } from '../../src/engine/model/index.ts'
import type { LogLine } from '../../src/engine/ports/index.ts'
import { authenticate } from '../../src/http/auth.ts'
import { refuseOtherPaths } from '../../src/http/methods.ts'
import { requestLog } from '../../src/http/request-log.ts'
import type { SurfaceBindings, SurfaceEnv } from '../../src/http/surface.ts'

const principal: Principal = {
  id: 'key',
  kind: 'tenant',
  tenantId: 'acme',
  subject: null,
  permissions: [],
  featureFlags: null,
}

const surface = new Hono<SurfaceEnv>({ strict: false })
surface.onError(answerProblem)
surface.get('/things/:id', authenticate, (c) => c.json({}))
surface.get('/crash', () => {
  throw new TypeError('the receiver said hidden-payload')
})
refuseOtherPaths(surface)
const app = new Hono<SurfaceEnv>({ strict: false })
app.use('*', requestLog)
app.route('/v1', surface)

/** Makes a request; returns its answer and what was logged. */
async function call(path: string, authorization = 'Bearer key.hidden-secret') {
  const lines: LogLine[] = []
  const bindings = {
    log: (line: LogLine) => lines.push(line),
    engine: { administration: { authenticate: async () => principal } },
  } as unknown as SurfaceBindings
  const request = new Request(`https://hookline.test${path}`, { headers: { authorization } })
  const response = await app.fetch(request, bindings)
  return { response, lines }
}

describe('the request log', () => {
  it('is one line with the pattern of the route and who asked', async () => {
    const { response, lines } = await call('/v1/things/secret-name?token=hidden')
    expect(lines).toEqual([
      {
        event: 'request',
        requestId: response.headers.get('x-request-id'),
        method: 'GET',
        route: '/v1/things/:id',
        status: 200,
        durationMs: expect.any(Number),
        tenantId: 'acme',
        keyId: 'key',
        keyKind: undefined,
        failure: undefined,
      },
    ])
    expect(JSON.stringify(lines)).not.toMatch(/hidden|secret-name/)
  })

  it('says why a request failed', async () => {
    const { lines } = await call('/v1/things/x', '')
    expect(lines).toMatchObject([{ status: 401, failure: 'unauthenticated', tenantId: undefined }])
  })

  it('knows unknown paths by their surface', async () => {
    const { lines } = await call('/v1/nowhere/secret')
    expect(lines).toMatchObject([{ status: 404, failure: 'not_found', route: '/v1/*' }])
  })

  it('tells of a crash once, and tells the caller nothing', async () => {
    const { response, lines } = await call('/v1/crash')
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ code: 'internal' })
    expect(lines.map(({ event }) => event)).toEqual(['request.crashed', 'request'])
    expect(lines[0]).toMatchObject({ requestId: response.headers.get('x-request-id') })
    expect(lines[1]).toMatchObject({ status: 500, failure: 'internal' })
  })
})
