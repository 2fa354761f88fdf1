// A thousand requests, each accepted as it was sent and refused once something of it was changed, by libraries that are not ours.

import { assert, asyncProperty, constantFrom, integer, record, uuid } from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Header, PublicJwk } from '../../src/engine/model/index.ts'
import { publicKeys, readSigningKeys, signRequest } from '../../src/engine/signing/index.ts'
import {
  isVerified,
  isVerifiedAsBot,
  type Signed,
  STANDARD_FIELDS,
  UCP_FIELDS,
} from '../fixtures/http-signatures.ts'
import { ED25519_KEY, ES256_KEY } from '../fixtures/signing-keys.ts'

const TAMPERINGS = 1_000
const signing = { ...readSigningKeys(`${ED25519_KEY},${ES256_KEY}`), agent: 'https://h.example' }
/** Of somebody else: RFC 8410, section 10.3. */
const FOREIGN_KEY = 'MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC'
const foreign = { ...readSigningKeys(FOREIGN_KEY), agent: 'https://h.example' }
const PROFILES = {
  standard: { profile: 'standard' },
  ucp: { profile: 'ucp', ucpAgent: 'https://shop.example/.well-known/ucp' },
} as const

let keys: readonly PublicJwk[] = []
beforeAll(async () => {
  keys = await publicKeys(signing)
})

interface Facts {
  readonly profile: keyof typeof PROFILES
  readonly tenantId: string
  readonly id: string
  readonly url: string
  readonly total: number
}

async function sign(
  { profile, tenantId, id, url, total }: Facts,
  { by = signing, now = Date.now() } = {},
): Promise<Signed> {
  const body = `{"type":"invoice.paid","data":{"total":${total}}}`
  const standard: readonly Header[] = [
    ['content-type', 'application/json'],
    ['webhook-id', id],
    ['webhook-timestamp', String(Math.floor(now / 1_000))],
  ]
  const request = { method: 'POST', url, headers: standard, body } as const
  const context = { signature: PROFILES[profile], tenantId, webhookId: id, signing: by, now }
  const headers = Object.fromEntries([...standard, ...(await signRequest(request, context))])
  return { method: 'POST', url, headers, body }
}

type Tampering = (request: Signed, facts: Facts) => Signed | Promise<Signed>

const header = (request: Signed, name: string) => String(request.headers[name])
const withHeader = (request: Signed, name: string, value: string | string[]): Signed => ({
  ...request,
  headers: { ...request.headers, [name]: value },
})
const without = ({ headers, ...request }: Signed, name: string): Signed => ({
  ...request,
  headers: Object.fromEntries(Object.entries(headers).filter(([one]) => one !== name)),
})
/** Changes the text of a header in one place, which must be there. */
const edit = (request: Signed, name: string, from: string | RegExp, to: string): Signed => {
  const before = header(request, name)
  const after = before.replace(from, to)
  if (after === before) throw new Error(`${name} has no ${from}: ${before}`)
  return withHeader(request, name, after)
}
const at = (request: Signed, change: (url: URL) => void): Signed => {
  const url = new URL(request.url)
  change(url)
  return { ...request, url: url.href }
}
/** With a digest that fits. */
async function withBody(request: Signed, body: string): Promise<Signed> {
  const bytes = new TextEncoder().encode(body)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).toBase64()
  return { ...withHeader(request, 'content-digest', `sha-256=:${digest}:`), body }
}
const param =
  (name: string, value: string): Tampering =>
  (request) =>
    edit(request, 'signature-input', new RegExp(`;${name}=("[^"]*"|\\d+)`), `;${name}=${value}`)
const OTHER = '0190a1b2-c3d4-7e5f-8a6b-0000000000ff'

const OF_ALL: Readonly<Record<string, Tampering>> = {
  'another method': (request) => ({ ...request, method: 'PUT' }),
  'another path': (request) => at(request, (url) => (url.pathname += 'x')),
  'another query': (request) => at(request, (url) => url.searchParams.set('from', 'elsewhere')),
  'another authority': (request) => at(request, (url) => (url.hostname = 'other.example')),
  'another port': (request) => at(request, (url) => (url.port = '8444')),
  'another body': (request) => ({ ...request, body: `${request.body} ` }),
  'another body with its digest': (request) => withBody(request, `${request.body} `),
  'no body': (request) => withBody(request, ''),
  'another digest': (request) => {
    const isSlash = header(request, 'content-digest').includes(':/')
    return edit(request, 'content-digest', /:./, isSlash ? ':0' : ':/')
  },
  'no digest': (request) => without(request, 'content-digest'),
  'another media type': (request) => withHeader(request, 'content-type', 'text/plain'),
  'no media type': (request) => without(request, 'content-type'),
  'another webhook-id': (request) => withHeader(request, 'webhook-id', OTHER),
  'no webhook-id': (request) => without(request, 'webhook-id'),
  'two of webhook-id': (request) =>
    withHeader(request, 'webhook-id', [header(request, 'webhook-id'), OTHER]),
  'a later timestamp': (request) =>
    withHeader(request, 'webhook-timestamp', `${Number(header(request, 'webhook-timestamp')) + 1}`),
  'no timestamp': (request) => without(request, 'webhook-timestamp'),
  'another tenant': (request) => withHeader(request, 'hookline-tenant', OTHER),
  'no tenant': (request) => without(request, 'hookline-tenant'),
  'two tenants': (request) =>
    withHeader(request, 'hookline-tenant', [OTHER, header(request, 'hookline-tenant')]),
  'the tenant not covered': (request) =>
    edit(
      edit(request, 'signature-input', / ?"hookline-tenant"/, ''),
      'hookline-tenant',
      /.*/,
      OTHER,
    ),
  'the authority not covered': (request) => edit(request, 'signature-input', ' "@authority"', ''),
  'nothing covered': (request) => edit(request, 'signature-input', /\(.*\)/, '()'),
  'another order of what is covered': (request) =>
    edit(request, 'signature-input', /\("@method" (.*?)\)/, '($1 "@method")'),
  'made later': param('created', `${Math.floor(Date.now() / 1_000) - 1}`),
  'valid for longer': param('expires', '4000000000'),
  'of another key': (request) => {
    const other = keys.find(({ kid }) => !header(request, 'signature-input').includes(kid))
    return param('keyid', `"${other?.kid}"`)(request, {} as Facts)
  },
  'of no key': param('keyid', '"unknown"'),
  'another tag': (request) => edit(request, 'signature-input', /$/, ';tag="another"'),
  'another algorithm': (request) => edit(request, 'signature-input', /$/, ';alg="none"'),
  'one bit of the signature': (request) =>
    edit(request, 'signature', /:(.)/, header(request, 'signature').includes(':A') ? ':B' : ':A'),
  'half of the signature': (request) => edit(request, 'signature', /:(.{44}).*:/, ':$1:'),
  'an empty signature': (request) => edit(request, 'signature', /:.*:/, '::'),
  'no signature': (request) => without(request, 'signature'),
  'no signature-input': (request) => without(request, 'signature-input'),
  'another label': (request) => edit(request, 'signature', 'sig1', 'sig2'),
  'the signature of another request': async (request, facts) => {
    const other = await sign({ ...facts, id: OTHER })
    return {
      ...request,
      headers: {
        ...request.headers,
        signature: header(other, 'signature'),
        'signature-input': header(other, 'signature-input'),
      },
    }
  },
  'the signature for another tenant': async (request, facts) => {
    const other = await sign({ ...facts, tenantId: OTHER })
    return withHeader(other, 'hookline-tenant', header(request, 'hookline-tenant'))
  },
  'an attempt of ten minutes ago': (_, facts) => sign(facts, { now: Date.now() - 600_000 }),
}

const OF_ONE: Readonly<Record<Facts['profile'], Readonly<Record<string, Tampering>>>> = {
  standard: {
    'another scheme': (request) => at(request, (url) => (url.protocol = 'http:')),
    'another agent': (request) => withHeader(request, 'signature-agent', '"https://e.example"'),
    'no agent': (request) => without(request, 'signature-agent'),
    'another nonce': param('nonce', '"AAAA"'),
    'signed by somebody else': async (_, facts) => sign(facts, { by: foreign }),
    'signed by somebody else in our name': async (request, facts) => {
      const keyid = /keyid="([^"]*)"/.exec(header(request, 'signature-input'))?.[1]
      return param('keyid', `"${keyid}"`)(await sign(facts, { by: foreign }), facts)
    },
  },
  ucp: {
    'another business': (request) =>
      withHeader(request, 'ucp-agent', 'profile="https://e.example/.well-known/ucp"'),
    'no business': (request) => without(request, 'ucp-agent'),
    'another idempotency-key': (request) => withHeader(request, 'idempotency-key', OTHER),
    'the query not covered': (request) => edit(request, 'signature-input', ' "@query"', ''),
  },
}

const facts = (profile: Facts['profile']) =>
  record({
    profile: constantFrom(profile),
    tenantId: uuid(),
    id: uuid(),
    url: constantFrom(
      'https://receiver.example/hooks?from=hookline',
      'https://receiver.example:8443/?from=a&from=b',
      'https://r.example/a%20b/c;d?from=%22',
    ),
    total: integer(),
  })

const OF_PROFILE = {
  standard: {
    fields: [...STANDARD_FIELDS, 'signature-agent'],
    verifiers: [isVerified, isVerifiedAsBot],
  },
  ucp: { fields: [...UCP_FIELDS, '@query'], verifiers: [isVerified] },
} as const

describe.each(['standard', 'ucp'] as const)('a request with the signature %s', (profile) => {
  const tamperings = { ...OF_ALL, ...OF_ONE[profile] }
  const { fields, verifiers } = OF_PROFILE[profile]
  let tried = 0

  it.each(Object.entries(tamperings))('is refused with %s', async (_, tamper) => {
    const numRuns = Math.ceil(TAMPERINGS / 2 / Object.keys(tamperings).length)
    await assert(
      asyncProperty(facts(profile), async (one) => {
        const request = await sign(one)
        const tampered = await tamper(request, one)
        expect(tampered).not.toEqual(request)
        for (const verify of verifiers) {
          expect(await verify(request, keys, [...fields])).toBe(true)
          expect(await verify(tampered, keys, [...fields])).toBe(false)
        }
        tried += 1
      }),
      { numRuns },
    )
  })

  it('was tampered with as often as is said', () => {
    expect(tried).toBeGreaterThanOrEqual(TAMPERINGS / 2)
  })
})
