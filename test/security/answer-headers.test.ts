// Headers of Hookline's own answers, on every route: nothing guesses their type, nothing keeps them, and no web page of
// another origin reads them unless the deployment says so.

import { beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { callInstead } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { surfaceOf } from './access-table.ts'
import { allRoutes, pathOf, type Route } from './routes.ts'
import { bodyOf, createTemplate, type FurnishedTenant, furnish, valueFor } from './tenants.ts'

const plain = startWorker(dialects)
const open = startWorker(dialects, {
  ALLOWED_ORIGINS: 'https://app.example, http://localhost:5173',
})
callInstead(plain.fetch)

const APP = 'https://app.example'
/** What Svix's SDKs send is among them. */
const REQUEST_HEADERS =
  'Authorization,X-API-Key,Content-Type,Idempotency-Key,Svix-Req-Id,Svix-Retry-Count,User-Agent,' +
  'MCP-Protocol-Version,MCP-Method,MCP-Name,MCP-Session-Id,Last-Event-ID'
const routes = allRoutes()

let owner: FurnishedTenant
let template = ''

beforeAll(async () => {
  owner = await furnish('Owner')
  template = await createTemplate('spare')
})

const pathFor = (route: Route) =>
  pathOf(route, (name) => valueFor(route.pattern, surfaceOf(route.pattern), owner.ids, name))

const bearer = () => ({ authorization: `Bearer ${owner.key.token}` })

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | null
}

type Tried = readonly [what: string, path: string, asked: Asked]

function ask(worker: typeof plain, path: string, { method = 'GET', headers = {}, body }: Asked) {
  return worker.fetch(
    new Request(`https://hookline.test${path}`, { method, headers, body: body ?? null }),
  )
}

/** Requests of every route: a good one as far as the key goes, and ones that are refused. */
function requestsOf(route: Route): readonly Tried[] {
  const { method, name } = route
  const path = pathFor(route)
  const legal = bodyOf(name, template)
  const body = legal === undefined ? null : JSON.stringify(legal)
  return [
    ['good', path, { method, headers: bearer(), body }],
    ['without a credential', path, { method, body }],
    ['with garbage for a body', path, { method, headers: bearer(), body: body && '{"' }],
    ['of a wrong method', path, { method: 'PROPFIND', headers: bearer(), body: '{}' }],
    ['for its options', path, { method: 'OPTIONS', headers: bearer() }],
    ['with a slash at the end', `${path}/`, { method, headers: bearer(), body }],
    ['below', `${path}/nothing/here`, { method, headers: bearer(), body }],
    ...(method === 'GET' ? [['HEAD', path, { method: 'HEAD', headers: bearer() }] as const] : []),
  ]
}

const NOWHERE = ['/', '/nowhere', '/v1', '/v2/events', '/integrations/x/y/z', '/event', '/v3/x']

const corsOf = ({ headers }: Response) =>
  [...headers].filter(([name]) => /^access-control-|^vary$/.test(name))

describe('every answer', () => {
  it('says not to guess its type and not to keep it, and lets no other origin read it', async ({
    task,
  }) => {
    const statuses = new Set<number>()
    let answers = 0
    const nowhere = NOWHERE.map((path): Tried => ['unknown', path, {}])
    const requests = [...routes.flatMap(requestsOf), ...nowhere]
    for (const [what, path, asked] of requests) {
      const headers = { ...asked.headers, origin: APP }
      const answer = await ask(plain, path, { ...asked, headers })
      const where = `${asked.method} ${path} ${what}`
      expect(answer.headers.get('x-content-type-options'), where).toBe('nosniff')
      expect(answer.headers.get('cache-control'), where).toBe('no-store')
      expect(answer.headers.get('set-cookie'), where).toBeNull()
      expect(corsOf(answer), where).toEqual([])
      await answer.text()
      statuses.add(answer.status)
      answers += 1
    }
    expect([...statuses].toSorted((a, b) => a - b)).toEqual([
      200, 201, 202, 204, 400, 401, 403, 404, 405, 409,
    ])
    task.meta.counted = `${routes.length} routes, ${answers} answers of ${statuses.size} statuses: nosniff, no-store, no CORS`
  }, 60_000)
})

describe('a named origin', () => {
  it('may read every answer, refusals included', async ({ task }) => {
    let answers = 0
    for (const [what, path, asked] of routes.flatMap(requestsOf)) {
      if (asked.method === 'OPTIONS') continue
      const headers = { ...asked.headers, origin: APP }
      const answer = await ask(open, path, { ...asked, headers })
      expect(corsOf(answer), `${asked.method} ${path} ${what}`).toEqual([
        ['access-control-allow-origin', APP],
        ['access-control-expose-headers', 'X-Request-Id,Retry-After,Allow,Link'],
        ['vary', 'Origin'],
      ])
      await answer.text()
      answers += 1
    }
    task.meta.counted = `${answers} answers to a named origin readable by it alone`
  }, 60_000)

  it('is told before which calls it may make, without a credential', async () => {
    for (const route of routes) {
      const headers = {
        origin: APP,
        'access-control-request-method': route.method,
        'access-control-request-headers': 'authorization,content-type',
      }
      const answer = await ask(open, pathFor(route), { method: 'OPTIONS', headers })
      expect(answer.status, route.name).toBe(204)
      expect(Object.fromEntries(corsOf(answer)), route.name).toEqual({
        'access-control-allow-origin': APP,
        'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE',
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-expose-headers': 'X-Request-Id,Retry-After,Allow,Link',
        'access-control-max-age': '600',
        vary: 'Origin, Access-Control-Request-Headers',
      })
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })

  it('may send the attributes of a CloudEvent as headers, whatever they are called, and no others', async () => {
    const headers = {
      origin: APP,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, CE-Type,ce-myextension,x-other,ce-a-b',
    }
    const answer = await ask(open, '/v1/events', { method: 'OPTIONS', headers })
    expect(answer.headers.get('access-control-allow-headers')).toBe(
      `${REQUEST_HEADERS},ce-type,ce-myextension`,
    )
  })

  it('may be one of several', async () => {
    const headers = { ...bearer(), origin: 'http://localhost:5173' }
    const answer = await ask(open, '/v1/webhooks', { headers })
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:5173')
  })
})

describe('another origin', () => {
  it.each([
    'https://other.example',
    'https://app.example.evil.example',
    'https://evil-app.example',
    'https://sub.app.example',
    'http://app.example',
    'https://app.example:8443',
    'https://APP.example',
    'https://app.example/',
    'http://localhost:5174',
    'null',
    '*',
    '',
  ])('%j is told nothing, asking first or not', async (origin) => {
    for (const path of ['/v1/webhooks', '/v3/instances/default/webhook', '/v1/health']) {
      const answer = await ask(open, path, { headers: { ...bearer(), origin } })
      expect(answer.status).toBeLessThan(300)
      expect(corsOf(answer)).toEqual([['vary', 'Origin']])
      const preflight = await ask(open, path, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET' },
      })
      expect(preflight.status).toBeGreaterThanOrEqual(400)
      expect(corsOf(preflight)).toEqual([['vary', 'Origin']])
    }
  })
})
