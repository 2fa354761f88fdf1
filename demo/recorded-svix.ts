// A Svix server that is written down: answers in the shapes of Svix's OpenAPI 1.1.1 and of its cloud (docs/contracts/svix.md, "Paths"),
// written by hand, since there is no account to record one of. It has what a move meets: pages, names of version 1, hidden headers, keys
// and fields that Hookline has no place for, fields that nobody knows, calls that it does not have, and moments in which it is busy.

/** The token that it wants. */
export const RECORDED_TOKEN = 'testsk_recorded'

const AT = { createdAt: '2024-03-01T09:00:00Z', updatedAt: '2026-10-02T12:30:00.123456Z' }

interface RecordedEndpoint {
  readonly id: string
  readonly secret: string
  readonly headers?: Readonly<Record<string, string>>
  readonly sensitive?: readonly string[]
  readonly transformation?: { readonly code: string | null; readonly enabled: boolean }
  /** As it is answered, beside what all endpoints have. */
  readonly out: Readonly<Record<string, unknown>>
}

interface RecordedApplication {
  readonly out: Readonly<Record<string, unknown>> & { readonly id: string }
  readonly endpoints: readonly RecordedEndpoint[]
  readonly integrations?: readonly string[]
}

const EVENT_TYPES: readonly Readonly<Record<string, unknown>>[] = [
  {
    ...{ name: 'invoice.created', description: 'An invoice was made', archived: false, ...AT },
    ...{ deprecated: false, groupName: 'invoice', featureFlag: null, featureFlags: null },
    schemas: { '1': { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' } },
  },
  {
    ...{ name: 'invoice.paid', description: 'An invoice was paid', archived: false, ...AT },
    ...{ deprecated: false, featureFlag: 'beta', featureFlags: ['beta', 'staff'], schemas: null },
  },
  {
    name: 'invoice.voided',
    description: 'No longer sent',
    archived: true,
    deprecated: true,
    ...AT,
  },
]

const APPLICATIONS: readonly RecordedApplication[] = [
  {
    out: {
      id: 'app_2cZhsD2hqqLx1zM3EGfKPUHcVdq',
      uid: 'acme',
      name: 'Acme',
      metadata: { plan: 'gold' },
    },
    endpoints: [
      {
        id: 'ep_2cZhtVgKzPqC7Tn0mVwXyRbS5eA',
        secret: 'whsec_plJ3nmyCDGBKInavdOK15jsl5vF0kZDE',
        headers: { 'X-Region': 'eu' },
        sensitive: ['Authorization'],
        out: {
          ...{ uid: 'main', url: 'http://localhost:4000/acme', description: 'Main', version: 1 },
          ...{ filterTypes: ['invoice.paid', 'invoice.created'], channels: ['eu'] },
          ...{ metadata: { team: 'billing' }, rateLimit: null, somethingNew: { of: 'Svix' } },
        },
      },
      {
        id: 'ep_2cZhuF0aQJk8sYd4WnLmXpTc6vB',
        secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        transformation: { code: 'function handler(webhook) { return webhook }', enabled: true },
        out: {
          ...{ url: 'http://localhost:4000/acme/slow', throttleRate: 10, disabled: true },
          eventTypes: ['invoice.paid', 'legacy.event'],
        },
      },
    ],
    integrations: ['Zapier'],
  },
  {
    out: {
      id: 'app_2cZi0QmYbH4kVtR9sWnXpLdE7fC',
      uid: null,
      name: 'Globex',
      metadata: {},
      rateLimit: 50,
    },
    endpoints: [
      {
        id: 'ep_2cZi1TgNcJ5mWuS0tXoYqMeF8gD',
        secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
        out: { url: 'http://localhost:4000/globex' },
      },
      {
        id: 'ep_2cZi2UhOdK6nXvT1uYpZrNfG9hE',
        secret: 'whpk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=',
        out: { url: 'http://localhost:4000/globex/asymmetric' },
      },
      {
        id: 'ep_2cZi3ViPeL7oYwU2vZq0sOgH0iF',
        secret: 'whsec_plJ3nmyCDGBKInavdOK15jsl5vF0kZDE',
        out: {
          url: 'http://localhost:4000/globex/channels',
          channels: Array.from({ length: 11 }, (_, n) => `project-${n}`),
        },
      },
    ],
  },
]

const OPERATIONAL_ENDPOINTS = [
  { id: 'ep_2cZi4WjQfM8pZxV3w0r1tPhI1jG', url: 'https://acme.example/ops' },
]

/** Items of a page, whatever limit was asked for: each list goes on. */
const PAGE_ITEMS = 2

type Found = { readonly list: readonly unknown[] } | { readonly one: unknown } | null

/** What a path has. */
function find(path: string): Found {
  const [, kind = '', first = '', second = '', third = '', fourth = ''] = path.split('/')
  if (kind === 'event-type' && first === '') return { list: EVENT_TYPES }
  if (kind === 'operational-webhook' && first === 'endpoint') return { list: OPERATIONAL_ENDPOINTS }
  if (kind !== 'app') return null
  if (first === '') return { list: APPLICATIONS.map(({ out }) => ({ ...out, ...AT })) }
  const application = APPLICATIONS.find(({ out }) => out.id === first)
  if (application === undefined) return null
  const { endpoints, integrations = [] } = application
  if (second === 'integration') {
    return { list: integrations.map((name, n) => ({ id: `integ_${n}`, name, ...AT })) }
  }
  if (second !== 'endpoint') return null
  if (third === '') return { list: endpoints.map(toEndpointOut) }
  const endpoint = endpoints.find(({ id }) => id === third)
  if (endpoint === undefined) return null
  const { secret, headers = {}, sensitive = [] } = endpoint
  const { transformation = { code: null, enabled: false } } = endpoint
  const parts: Readonly<Record<string, unknown>> = {
    secret: { key: secret },
    headers: { headers, sensitive },
    transformation,
  }
  return Object.hasOwn(parts, fourth) ? { one: parts[fourth] } : null
}

const toEndpointOut = ({ id, out }: RecordedEndpoint) => ({
  ...{ id, description: '', metadata: {}, disabled: false, ...AT },
  ...out,
})

function toPage(list: readonly unknown[], iterator: string | null) {
  const begin = iterator === null ? 0 : Number(iterator.replace('iter_', ''))
  const end = begin + PAGE_ITEMS
  return {
    data: list.slice(begin, end),
    iterator: `iter_${end}`,
    prevIterator: `-iter_${begin}`,
    done: end >= list.length,
  }
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })

export interface RecordedSvix {
  readonly answer: (request: Request) => Response
  /** Calls that would have changed something. */
  readonly writes: readonly string[]
}

/** A server of its own, whose third call is one too many, and whose fifth finds it restarting. */
export function openRecordedSvix(): RecordedSvix {
  const writes: string[] = []
  let calls = 0
  const answer = ({ method, url, headers }: Request): Response => {
    const { pathname, searchParams } = new URL(url)
    if (headers.get('authorization') !== `Bearer ${RECORDED_TOKEN}`) {
      return json(401, { code: 'authentication_failed', detail: 'Invalid token' })
    }
    calls += 1
    if (calls === 3)
      return json(429, { code: 'rate_limited', detail: 'Slow down' }, { 'retry-after': '1' })
    if (calls === 5) return new Response('<html>Bad gateway</html>', { status: 502 })
    if (method !== 'GET') {
      writes.push(`${method} ${pathname}`)
      return json(405, { code: 'generic_error', detail: 'Read only' })
    }
    const found = find(pathname.replace(/^\/api\/v1/, ''))
    if (found === null) return json(404, { code: 'not_found', detail: 'Entity not found' })
    return json(200, 'list' in found ? toPage(found.list, searchParams.get('iterator')) : found.one)
  }
  return { answer, writes }
}
