// Every call of `/v1` with every kind of input it does not take.

import { beforeAll, describe, expect, it } from 'vitest'
import { type Ask, askAdmin, idOf, invalidAt, newCaller, refusal, refused } from './asked.ts'

let ask: Ask
let webhookPath = ''
let keysPath = ''

beforeAll(async () => {
  const caller = await newCaller()
  ask = caller.ask
  keysPath = `/v1/tenants/${caller.tenant.id}/keys`
  const webhook = { url: 'https://example.com/hook', eventTypes: ['*'], headers: { 'X-A': 'a' } }
  webhookPath = `/v1/webhooks/${idOf(await ask('POST', '/v1/webhooks', webhook))}`
})

const long = (count: number) => 'x'.repeat(count)

describe('POST /v1/tenants', () => {
  it.each([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: long(201) }, 'name'],
    [{ name: 5 }, 'name'],
    [{ name: null }, 'name'],
    [{ name: 'a', id: 'b' }, 'id'],
    [{ name: 'a', plan: 'b' }, 'plan'],
    [{ name: 'a', ['__proto__']: 1 }, '__proto__'],
    [[], ''],
    [null, ''],
    ['"a"', ''],
  ])('refuses %j', async (body, path) => {
    expect(refusal(await askAdmin('POST', '/v1/tenants', body))).toEqual(invalidAt(path))
  })

  it.each(['', '{', '{"name":"a",}', '{"name":"a"} x', "{'name':'a'}", '\ufeff'])(
    'finds %j malformed',
    async (body) => {
      expect(refusal(await askAdmin('POST', '/v1/tenants', body))).toEqual(
        refused(400, 'malformed'),
      )
    },
  )

  it('refuses a body of more than 512 KiB', async () => {
    const body = { name: long(512 * 1_024) }
    expect(refusal(await askAdmin('POST', '/v1/tenants', body))).toEqual(refused(413, 'too_large'))
  })
})

describe('POST /v1/tenants/{id}/keys', () => {
  it.each([
    [{ name: '' }, 'name'],
    [{ subject: 5 }, 'subject'],
    [{ permissions: 'webhooks:read' }, 'permissions'],
    [{ permissions: ['webhooks:read', 'webhooks:fly'] }, 'permissions[1]'],
    [{ expiresAt: '2026-02-30T00:00:00Z' }, 'expiresAt'],
    [{ expiresAt: 1_795_341_600 }, 'expiresAt'],
    [{ scope: {} }, 'scope'],
  ])('refuses %j', async (body, path) => {
    expect(refusal(await askAdmin('POST', keysPath, body))).toEqual(invalidAt(path))
  })
})

describe('POST /v1/templates', () => {
  it.each([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: 'a', displayName: '' }, 'displayName'],
    [{ name: 'a', description: 5 }, 'description'],
    [{ name: 'a', id: 'b' }, 'id'],
  ])('refuses %j', async (body, path) => {
    expect(refusal(await askAdmin('POST', '/v1/templates', body))).toEqual(invalidAt(path))
  })
})

describe('a list', () => {
  const lists = [
    '/v1/tenants',
    'KEYS',
    '/v1/templates',
    '/v1/dead-letters',
    '/v1/events',
    '/v1/webhooks',
    'WEBHOOK/attempts',
    'WEBHOOK/diverted',
  ]
  const queries = [
    ['limit=0', 'limit'],
    ['limit=251', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=0x10', 'limit'],
    ['limit=', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=', 'cursor'],
    ['cursor=nonsense', 'cursor'],
    ['cursor=eyJ2IjoyfQ', 'cursor'],
    [`cursor=${long(1_025)}`, 'cursor'],
  ] as const

  it.each(lists.flatMap((list) => queries.map(([query, path]) => [list, query, path] as const)))(
    '%s refuses %s',
    async (list, query, path) => {
      const target = list.replace('WEBHOOK', webhookPath).replace('KEYS', keysPath)
      const isAdmins = /^\/v1\/(?:tenants|templates|dead-letters)/.test(target)
      const answer = await (isAdmins ? askAdmin : ask)('GET', `${target}?${query}`)
      expect(refusal(answer)).toEqual(invalidAt(path))
    },
  )
})

describe('a filter', () => {
  it.each([
    ['/v1/events?type=', 'type'],
    ['/v1/events?type=a%20b', 'type'],
    ['/v1/events?after=yesterday', 'after'],
    ['/v1/events?before=2026-11-31T00:00:00Z', 'before'],
    ['/v1/webhooks?dialect=', 'dialect'],
    ['/v1/webhooks?search=', 'search'],
    ['/v1/webhooks?eventType=a*', 'eventType'],
    ['/v1/webhooks?dialect=klingon', 'dialect'],
    ['/v1/webhooks?dialect=constructor', 'dialect'],
    ['/v1/webhooks?status=on', 'status'],
    ['WEBHOOK/attempts?outcome=maybe', 'outcome'],
    ['WEBHOOK/attempts?after=2026-11-22', 'after'],
    ['WEBHOOK/attempts?before=1795341600', 'before'],
  ])('refuses %s', async (path, name) => {
    const answer = await ask('GET', path.replace('WEBHOOK', webhookPath))
    expect(refusal(answer)).toEqual(invalidAt(name))
  })
})

describe('a path', () => {
  it.each([
    ['GET', '/v1/webhooks/nonsense'],
    ['PATCH', '/v1/webhooks/nonsense'],
    ['DELETE', '/v1/webhooks/0190'],
    ['POST', '/v1/webhooks/nonsense/test'],
    ['GET', '/v1/webhooks/%00/health'],
    ['GET', '/v1/events/nonsense'],
    ['POST', '/v1/events/nonsense/resend'],
    ['POST', '/v1/events/nonsense/cancel'],
    ['GET', 'WEBHOOK/diverted/nonsense'],
    ['DELETE', 'WEBHOOK/diverted/nonsense'],
    ['POST', 'WEBHOOK/diverted/nonsense/resend'],
    ['GET', '/v1'],
    ['GET', '/v1/nowhere'],
    ['GET', 'WEBHOOK/nowhere'],
    ['GET', '/v1/webhooks/%E0%A4%A'],
  ])('%s %s is not found', async (method, path) => {
    const answer = await ask(method, path.replace('WEBHOOK', webhookPath))
    expect(refusal(answer)).toEqual(refused(404, 'not_found'))
  })

  it.each([
    ['PUT', '/v1/webhooks', 'GET, HEAD, POST'],
    ['DELETE', '/v1/events', 'GET, HEAD, POST'],
    ['POST', 'WEBHOOK', 'DELETE, GET, HEAD, PATCH'],
    ['GET', 'WEBHOOK/replay', 'POST'],
    ['GET', 'WEBHOOK/diverted/resend', 'POST'],
    ['OPTIONS', '/v1/tenants', 'GET, HEAD, POST'],
  ])('%s %s is not allowed, and Allow says what is', async (method, path, allow) => {
    const answer = await ask(method, path.replace('WEBHOOK', webhookPath))
    expect(refusal(answer)).toEqual(refused(405, 'method_not_allowed'))
    expect(answer.headers.get('allow')).toBe(allow)
  })
})

/** What neither a new webhook nor a change of one may say. */
const badFields: readonly (readonly [field: object, path: string])[] = [
  [{ url: 5 }, 'url'],
  [{ url: '' }, 'url'],
  [{ url: 'example.com' }, 'url'],
  [{ url: 'ftp://example.com/' }, 'url'],
  [{ url: 'https://user:password@example.com/' }, 'url'],
  [{ url: `https://example.com/${long(2_048)}` }, 'url'],
  [{ eventTypes: [] }, 'eventTypes'],
  [{ eventTypes: 'a' }, 'eventTypes'],
  [{ eventTypes: ['a', ''] }, 'eventTypes[1]'],
  [{ eventTypes: ['a b'] }, 'eventTypes[0]'],
  [{ eventTypes: ['a*'] }, 'eventTypes[0]'],
  [{ eventTypes: ['*.a'] }, 'eventTypes[0]'],
  [{ eventTypes: ['a.*', 'a.*.b'] }, 'eventTypes[1]'],
  [{ eventTypes: ['a.b.c.d.e.f.g.h.i.j.*', 'a.b.c.d.e.f.g.h.i.j.k.*'] }, 'eventTypes[1]'],
  [{ eventTypes: [long(257)] }, 'eventTypes[0]'],
  [{ eventTypes: Array.from({ length: 201 }, (_, index) => `t${index}`) }, 'eventTypes'],
  [{ enabled: 'true' }, 'enabled'],
  [{ name: '' }, 'name'],
  [{ name: long(201) }, 'name'],
  [{ name: '\ud800' }, 'name'],
  [{ scope: { '\ud800': 'a' } }, 'scope.\ud800'],
  [{ secret: '', signing: null }, 'signing'],
  [{ scope: [] }, 'scope'],
  [{ scope: { a: 1 } }, 'scope.a'],
  [{ scope: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, 'v'])) }, 'scope'],
  [{ headers: ['X-A: a'] }, 'headers'],
  [{ headers: { 'X-A': 5 } }, 'headers.X-A'],
  [{ headers: { 'X-A': [] } }, 'headers.X-A'],
  [{ headers: { 'X-A': 'a\r\nX-B: b' } }, 'headers.X-A'],
  [{ headers: { 'X-A': 'a\u0000' } }, 'headers.X-A'],
  [{ headers: { 'X-A': long(4_097) } }, 'headers.X-A'],
  [{ headers: { 'X A': 'a' } }, 'headers.X A'],
  [{ headers: { host: 'a' } }, 'headers.host'],
  [{ headers: { 'Webhook-Id': 'a' } }, 'headers.Webhook-Id'],
  [{ headers: { 'cf-ray': 'a' } }, 'headers.cf-ray'],
  [{ headers: { 'X-A': 'a', 'x-a': 'b' } }, 'headers.x-a'],
  [{ headers: { 'X-New': '••••' } }, 'headers.X-New'],
  [
    { headers: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`x-${n}`, 'v'])) },
    'headers',
  ],
  [{ headers: { 'X-A': Array(51).fill('v') } }, 'headers'],
  [{ headers: { 'X-A': Array(4).fill(long(4_000)) } }, 'headers'],
  [{ secret: '' }, 'secret'],
  [{ secret: 'plain text' }, 'secret'],
  [{ secret: 'whsec_' }, 'secret'],
  [{ secret: 'whsec_c2hvcnQ=' }, 'secret'],
  [{ secret: 'whsk_c2hvcnQ=' }, 'secret'],
  [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', signing: 'ed25519' }, 'signing'],
  [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', signing: null }, 'signing'],
  [{ secret: null, signing: 'hmac' }, 'signing'],
  [{ signing: 'rsa' }, 'signing'],
  [{ failureHandling: 'none' }, 'failureHandling'],
  [{ failureHandling: { retries: 3 } }, 'failureHandling.retries'],
  [{ failureHandling: { triggers: ['2xx'] } }, 'failureHandling.triggers[0]'],
  [{ failureHandling: { triggers: [299] } }, 'failureHandling.triggers[0]'],
  [{ failureHandling: { triggers: [600] } }, 'failureHandling.triggers[0]'],
  [{ failureHandling: { retry: { type: 'never' } } }, 'failureHandling.retry.type'],
  [
    { failureHandling: { retry: { type: 'schedule', delaysSeconds: [] } } },
    'failureHandling.retry.delaysSeconds',
  ],
  [
    { failureHandling: { retry: { type: 'schedule', delaysSeconds: [-1] } } },
    'failureHandling.retry.delaysSeconds[0]',
  ],
  [
    { failureHandling: { retry: { type: 'schedule', delaysSeconds: [5, 86_401] } } },
    'failureHandling.retry.delaysSeconds[1]',
  ],
  [
    { failureHandling: { retry: { type: 'schedule', delaysSeconds: Array(101).fill(5) } } },
    'failureHandling.retry.delaysSeconds',
  ],
  [
    { failureHandling: { retry: { type: 'linear', intervalSeconds: 5, attempts: 0 } } },
    'failureHandling.retry.attempts',
  ],
  [
    { failureHandling: { retry: { type: 'exponential', intervalSeconds: 5, attempts: 101 } } },
    'failureHandling.retry.attempts',
  ],
  [
    { failureHandling: { retry: { type: 'linear', attempts: 5 } } },
    'failureHandling.retry.intervalSeconds',
  ],
  [
    { failureHandling: { suspend: { afterSeconds: 0, afterFailures: 0 } } },
    'failureHandling.suspend.afterFailures',
  ],
  [
    { failureHandling: { suspend: { afterSeconds: 0, afterFailures: 1_001 } } },
    'failureHandling.suspend.afterFailures',
  ],
  [
    { failureHandling: { suspend: { afterSeconds: -1, afterFailures: 1 } } },
    'failureHandling.suspend.afterSeconds',
  ],
  [{ failureHandling: { suspend: { afterSeconds: 0 } } }, 'failureHandling.suspend.afterFailures'],
  [{ failureHandling: { alertUrl: 'mailto:a@example.com' } }, 'failureHandling.alertUrl'],
  [{ failureHandling: { timeoutMs: 999 } }, 'failureHandling.timeoutMs'],
  [{ failureHandling: { timeoutMs: 30_001 } }, 'failureHandling.timeoutMs'],
  [{ status: 'active' }, 'status'],
  [{ dialect: 'socotra' }, 'dialect'],
]

describe('POST /v1/webhooks', () => {
  it.each([
    [{ eventTypes: ['a'] }, 'url'] as const,
    [{ url: 'https://a.example' }, 'eventTypes'] as const,
  ])('refuses %j', async (body, path) => {
    expect(refusal(await ask('POST', '/v1/webhooks', body))).toEqual(invalidAt(path))
  })

  it.each(badFields)('refuses %j', async (field, path) => {
    const body = { url: 'https://example.com/hook', eventTypes: ['a'], ...field }
    expect(refusal(await ask('POST', '/v1/webhooks', body))).toEqual(invalidAt(path))
  })
})

describe('PATCH /v1/webhooks/{id}', () => {
  it.each([...badFields, [{ signing: 'ed25519' }, 'signing'] as const])(
    'refuses %j',
    async (field, path) => {
      expect(refusal(await ask('PATCH', webhookPath, field))).toEqual(invalidAt(path))
    },
  )

  it('finds an empty body malformed', async () => {
    expect(refusal(await ask('PATCH', webhookPath, ''))).toEqual(refused(400, 'malformed'))
  })
})

describe('a call of a webhook', () => {
  it.each([
    ['rotate-secret', { secret: 'plain' }, 'secret'],
    ['rotate-secret', { secret: 'whsec_c2hvcnQ=' }, 'secret'],
    ['rotate-secret', { gracePeriodSeconds: -1 }, 'gracePeriodSeconds'],
    ['rotate-secret', { gracePeriodSeconds: 604_801 }, 'gracePeriodSeconds'],
    ['rotate-secret', { gracePeriodSeconds: 1.5 }, 'gracePeriodSeconds'],
    ['rotate-secret', { grace: 1 }, 'grace'],
    ['test', { type: 'a b' }, 'type'],
    ['test', { data: [] }, 'data'],
    ['test', { url: 'https://example.com' }, 'url'],
    ['diverted/resend', { since: 'yesterday' }, 'since'],
    ['diverted/resend', { until: 5 }, 'until'],
    ['diverted/resend', { eventTypes: [] }, 'eventTypes'],
    ['diverted/resend', { eventTypes: ['a.*'] }, 'eventTypes[0]'],
    ['diverted/resend', { all: true }, 'all'],
    ['cancel', { eventIds: [] }, 'eventIds'],
    ['cancel', { eventTypes: ['a b'] }, 'eventTypes[0]'],
    ['cancel', { after: 'yesterday' }, 'after'],
    ['replay', {}, 'since'],
    ['replay', { since: 'yesterday' }, 'since'],
    ['replay', { since: '2026-11-22T10:00:00Z', until: 'now' }, 'until'],
    ['replay', { since: '2026-11-22T10:00:00Z', onlyMissing: 'yes' }, 'onlyMissing'],
    ['replay', { since: '2026-11-22T10:00:00Z', eventTypes: 'a' }, 'eventTypes'],
    ['replay', { since: '2026-11-22T10:00:00Z', from: 'a' }, 'from'],
  ])('POST %s refuses %j', async (name, body, path) => {
    expect(refusal(await ask('POST', `${webhookPath}/${name}`, body))).toEqual(invalidAt(path))
  })

  it.each(['rotate-secret', 'test', 'diverted/resend', 'replay'])(
    'POST %s finds a trailing comma malformed',
    async (name) => {
      const answer = await ask('POST', `${webhookPath}/${name}`, '{"a":1,}')
      expect(refusal(answer)).toEqual(refused(400, 'malformed'))
    },
  )
})

describe('POST /v1/events', () => {
  it.each([
    [{ data: {} }, 'type'],
    [{ type: 'a' }, 'data'],
    [{ type: 'webhook.suspended', data: {} }, 'type'],
    [{ type: 'a', data: {}, extra: 1 }, 'extra'],
    [
      [
        { type: 'a', data: {} },
        { type: 'b', data: {} },
        { type: 'c', data: 5 },
      ],
      '[2].data',
    ],
    [[], ''],
  ])('refuses %j', async (body, path) => {
    expect(refusal(await ask('POST', '/v1/events', body))).toEqual(invalidAt(path))
  })

  it('refuses an event of more than 100 KB, naming its index', async () => {
    const body = [
      { type: 'a', data: {} },
      { type: 'b', data: { x: long(100_000) } },
    ]
    expect(refusal(await ask('POST', '/v1/events', body))).toEqual({
      status: 413,
      code: 'too_large',
      paths: ['[1]'],
      isProblem: true,
    })
  })

  it('refuses a request of more than 4 MiB', async () => {
    const body = Array(50).fill({ type: 'a', data: { x: long(90_000) } })
    expect(refusal(await ask('POST', '/v1/events', body))).toEqual(refused(413, 'too_large'))
  })

  it('refuses to resend to what is not an id', async () => {
    const path = '/v1/events/01900000-0000-7000-8000-000000000000/resend'
    expect(refusal(await ask('POST', path, { webhookId: 'a' }))).toEqual(invalidAt('webhookId'))
    expect(refusal(await ask('POST', path, { webhooks: [] }))).toEqual(invalidAt('webhooks'))
  })
})
