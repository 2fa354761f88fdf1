// What is told of an attempt by what it keeps. What real receivers are told to do wrong is in test/receivers.

import { describe, expect, it } from 'vitest'
import { CAUSES, type Cause } from '../../../src/engine/diagnosis/causes.ts'
import { diagnose, findRule } from '../../../src/engine/diagnosis/diagnose.ts'
import { RULES } from '../../../src/engine/diagnosis/rules.ts'
import type { Attempt, ResponseFacts } from '../../../src/engine/model/index.ts'
import { edgeMeaning } from '../../../src/platform/outgoing/edge-error.ts'
import { checkTarget } from '../../../src/platform/target-policy/check-target.ts'
import { HOSTILE, OWN_HOSTS } from '../../platform/target-policy/corpus.ts'

type Kept = Pick<Attempt, 'statusCode' | 'error' | 'responseExcerpt' | 'responseFacts'>

const without = (error: string): Kept => ({ statusCode: null, error, responseExcerpt: null })
const answered = (
  statusCode: number,
  responseExcerpt = '',
  headers: ResponseFacts['headers'] = {},
  facts: Partial<ResponseFacts> = {},
): Kept => ({
  statusCode,
  error: 'It says no.',
  responseExcerpt,
  responseFacts: { headers, ...facts },
})
const led = (from: string, to: string) => answered(301, '', {}, { redirect: { from, to } })
const JSON_TYPE = { 'content-type': 'application/json' }
const connection = (why: string) => without(`The connection failed: ${why}`)
const OPAQUE = '(the runtime does not report which).'

const TOLD: readonly (readonly [Cause, Kept])[] = [
  ['tls_expired', connection('TLS handshake failed: invalid peer certificate: Expired')],
  ['tls_wrong_name', connection('invalid peer certificate: NotValidForName')],
  ['tls_untrusted', connection('invalid peer certificate: UnknownIssuer')],
  ['tls_untrusted', connection('self-signed certificate')],
  ['tls_failed', connection('TLS handshake failed: received corrupt message')],
  [
    'dns_name_unknown',
    connection('failed to lookup address information: Name or service not known'),
  ],
  ['slow', without('The receiver did not respond within 15000 ms.')],
  ['request_not_created', without('The request could not be created.')],
  ['target_refused', without('The host 10.0.0.1 is a private address and cannot be a target.')],
  ['dns_name_unknown', connection(`DNS or TCP ${OPAQUE}`)],
  ['dns_or_tls', connection(`DNS, TCP or TLS ${OPAQUE}`)],
  ['tls_failed', connection(`TCP or TLS ${OPAQUE}`)],
  ['host_unreachable', connection('TCP.')],
  ['connection_lost', connection('it was refused, reset, or closed before a response.')],
  ['connection_closed', answered(520)],
  ['connection_refused', answered(521)],
  ['host_unreachable', answered(523)],
  ['slow', answered(524)],
  ['tls_failed', answered(525)],
  ['tls_certificate', answered(526)],
  ['dns_name_unknown', answered(530, 'error code: 1016')],
  ['tunnel_offline', answered(530, 'error code: 1033')],
  ['bot_protection', answered(403, '', { 'cf-mitigated': 'challenge' })],
  ['bot_protection', answered(503, '<script>window._cf_chl_opt = {}</script>')],
  ['firewall', answered(403, 'error code: 1010')],
  ['firewall', answered(403, '<title>Attention Required! | Cloudflare</title>')],
  ['too_many_requests', answered(429, 'error code: 1015')],
  ['bot_protection', answered(403, '', { 'x-vercel-mitigated': 'challenge' })],
  ['bot_protection', answered(429, '<title>Vercel Security Checkpoint</title>')],
  ['firewall', answered(403, '', { 'x-vercel-mitigated': 'deny' })],
  [
    'deployment_protection',
    answered(401, '<title>Authentication Required</title>', { server: 'Vercel' }),
  ],
  ['bot_protection', answered(405, '', { 'x-amzn-waf-action': 'captcha' })],
  [
    'firewall',
    answered(403, 'Request blocked. We can’t connect to the server for this app or website'),
  ],
  ['firewall', answered(403, '<h1>403 Forbidden</h1>', { server: 'awselb/2.0' })],
  ['firewall', answered(403, '', { server: 'AkamaiGHost' })],
  ['firewall', answered(403, 'https://errors.edgesuite.net/18.cd9b3e17')],
  ['tunnel_offline', answered(404, '', { 'ngrok-error-code': 'ERR_NGROK_3200' })],
  ['redirect_to_url', led('https://a.example/hook', 'https://a.example/hook/')],
  ['redirect_to_login', led('https://a.example/hook', 'https://login.a.example/')],
  ['redirect', led('https://a.example/hook', 'https://b.example/')],
  ['csrf', answered(403, '{"detail":"CSRF Failed: CSRF token missing."}', JSON_TYPE)],
  ['csrf', answered(419, '<title>Page Expired</title>')],
  ['csrf', answered(422, 'ActionController::InvalidAuthenticityToken')],
  ['signature_parsed_body', answered(400, 'Expected payload to be of type string or Buffer.')],
  ['signature_timestamp', answered(401, '{"error":"signature timestamp too old"}', JSON_TYPE)],
  ['signature_headers', answered(400, 'WebhookVerificationError: Missing required headers')],
  ['signature_secret', answered(500, "Error: Secret can't be empty.")],
  ['signature_mismatch', answered(401, 'no matching signature found')],
  [
    'signature_parsed_body',
    answered(400, 'Payload was provided as a parsed JavaScript object instead.'),
  ],
  ['signature_timestamp', answered(400, 'Timestamp outside the tolerance zone')],
  ['signature_headers', answered(400, 'No stripe-signature header value was provided.')],
  [
    'signature_mismatch',
    answered(400, 'No signatures found matching the expected signature for payload.'),
  ],
  [
    'signature_headers',
    answered(400, 'Required headers missing: x-github-event, x-hub-signature-256'),
  ],
  ['signature_mismatch', answered(400, 'signature does not match event payload and secret')],
  ['signature_mismatch', answered(401, '{"error":"Invalid signature"}', JSON_TYPE)],
  ['credentials_refused', answered(401, '', {}, { sentCredentials: true })],
  ['credentials_missing', answered(401, '', { 'www-authenticate': 'Basic' })],
  ['unauthorized', answered(401)],
  ['path_not_found', answered(403, '{"message":"Missing Authentication Token"}', JSON_TYPE)],
  ['path_not_found', answered(404, 'Not found')],
  ['path_not_found', answered(404, '{"message":"Route POST:/hook not found"}', JSON_TYPE)],
  ['path_not_found', answered(404, '{"detail":"Not Found"}', JSON_TYPE)],
  ['forbidden', answered(403)],
  ['method_not_allowed', answered(405)],
  ['gone', answered(410)],
  ['too_large', answered(413)],
  ['media_type', answered(415)],
  ['too_many_requests', answered(429)],
  ['gateway', answered(504)],
  ['unavailable', answered(503)],
  ['web_page', answered(400, '<html>', { 'content-type': 'text/html' })],
]

const of = (kept: Kept) => diagnose({ outcome: 'failed', ...kept })

describe('a cause', () => {
  it.each(TOLD)('%s is told by %o', (cause, kept) => {
    expect(of(kept)?.cause).toBe(cause)
  })

  it('has a rule, each of which tells something that none before it does', () => {
    const told = new Set(TOLD.map(([, kept]) => of(kept)?.cause))
    expect([...told, 'unknown'].toSorted()).toEqual(Object.keys(CAUSES).toSorted())
    const deciding = TOLD.map(([, kept]) => findRule({ outcome: 'failed', ...kept }))
    expect(RULES.filter((rule) => !deciding.includes(rule))).toEqual([])
  })

  it('has a page as its source', () => {
    const sources = RULES.map(({ source }) => source)
    expect(
      sources.filter((source) => !/^https:\/\/\S+$|^docs\/\S+$|^SECURITY\.md$/.test(source)),
    ).toEqual([])
  })

  it('is told of every status by which Cloudflare answers for a receiver', () => {
    const statuses = Array.from({ length: 100 }, (_, index) => 500 + index)
    const unnamed = statuses.filter(
      (status) => edgeMeaning(status, '') !== null && of(answered(status))?.cause === 'unknown',
    )
    expect(unnamed).toEqual([])
  })

  it('is told of every target that the policy refuses', () => {
    const policy = { allowPrivate: false, ownHosts: new Set(OWN_HOSTS) }
    const causes = HOSTILE.map(([url]) => of(without(checkTarget(url, policy) ?? ''))?.cause)
    expect(HOSTILE.filter((_, index) => causes[index] !== 'target_refused')).toEqual([])
  })

  it('is not told of what was delivered', () => {
    expect(diagnose({ ...answered(200), outcome: 'delivered', error: null })).toBeNull()
  })
})

describe('of an attempt that an earlier version kept', () => {
  const former = (statusCode: number | null, responseExcerpt: string | null = null) =>
    of({ statusCode, error: 'It says no.', responseExcerpt })?.cause

  it.each<[number | null, string | null, Cause]>([
    [null, null, 'unknown'],
    [302, null, 'redirect'],
    [401, 'no matching signature found', 'signature_mismatch'],
    [404, '{"error":"no such customer"}', 'unknown'],
    [404, '<h1>Not found</h1>', 'path_not_found'],
    [404, '', 'path_not_found'],
    [404, '404 page not found\n', 'path_not_found'],
    [404, 'The order was not found', 'unknown'],
    [500, null, 'unknown'],
  ])('is told what its status %s and body %s tell', (status, body, cause) => {
    expect(former(status, body)).toBe(cause)
  })
})

describe('what is said', () => {
  it('names the details that are known, and leaves out sentences about others', () => {
    expect(of(answered(429, '', { 'retry-after': '60' }))?.explanation).toContain('wait 60 s')
    expect(of(answered(429))?.explanation).not.toContain('wait')
  })

  it.each<[string, Kept]>([
    ['an endless scheme', answered(401, '', { 'www-authenticate': 'x'.repeat(5_000) })],
    ['a scheme that is markup', answered(401, '', { 'www-authenticate': '<b>Basic</b>' })],
    ['methods that are none', answered(405, '', { allow: 'GET, <script>' })],
    ['a date', answered(503, '', { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })],
    ['controls', answered(405, '', { allow: 'GET\u0007' })],
  ])('does not repeat %s', (_, kept) => {
    const { explanation = '', remedy = '' } = of(kept) ?? {}
    expect(explanation + remedy).not.toMatch(/x{21}|<|Wed|\p{Cc}/u)
  })

  it('says of what only looks so that it is likely', () => {
    expect(of(connection(`DNS or TCP ${OPAQUE}`))?.explanation).toMatch(/^Most likely: /)
  })

  it('points to a page of somebody else, and to none of its own', () => {
    expect(of(answered(526))?.source).toMatch(/^https:\/\/developers\.cloudflare\.com\//)
    expect(of(without('The request could not be created.'))?.source).toBeNull()
  })

  it('leaves no name of a detail in any text', () => {
    const texts = TOLD.flatMap(([, kept]) => [of(kept)?.explanation, of(kept)?.remedy])
    expect(texts.filter((text) => text === '' || /[{}]|undefined/.test(text ?? ''))).toEqual([])
  })
})
