// Receivers that do something wrong, as data, and what is wrong with each: those of `FAULTY` are to be named, those of `ODD` are not
// to be named as what they are not. Answers are what the vendors and frameworks send, cut to what matters.

import type { Cause } from '../../src/engine/diagnosis/causes.ts'

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A receiver that verifies, with the library of Standard Webhooks, and shows what that throws. */
export const MISTAKES = ['otherSecret', 'parsedBody', 'lateClock', 'noHeaders'] as const

export interface Receiver {
  readonly name: string
  /** Null: it was delivered, and there is nothing to diagnose. */
  readonly cause: Cause | null
  /** Where the webhook goes; its answer comes from a server on loopback. */
  readonly url?: string
  /** Headers that the webhook sends beside its own. */
  readonly sends?: Readonly<Record<string, string>>
  readonly useUrl?: string
  /** Word of the explanation that names who it was. */
  readonly by?: string
  readonly does:
    | Answer
    | { readonly socket: 'refuses' | 'closes' | 'hangs' | 'speaksNoTls' }
    | { readonly certificate: 'EXPIRED' | 'SELF_SIGNED' | 'WRONG_NAME' }
    | { readonly mistake: (typeof MISTAKES)[number] }
    | 'nameless'
}

/** With which the requests are signed. */
export const SIGNING_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

export const HOOK = 'https://receiver.example/hooks'

const html = (status: number, body: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
  body,
})
const json = (status: number, body: object, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})
const redirect = (status: number, location: string): Answer => ({ status, headers: { location } })

export const FAULTY: readonly Receiver[] = [
  { name: 'a name that does not resolve', cause: 'dns_name_unknown', does: 'nameless' },
  { name: 'a closed port', cause: 'connection_lost', does: { socket: 'refuses' } },
  { name: 'one that hangs up', cause: 'connection_lost', does: { socket: 'closes' } },
  { name: 'an expired certificate', cause: 'tls_failed', does: { certificate: 'EXPIRED' } },
  { name: 'a self-signed one', cause: 'tls_failed', does: { certificate: 'SELF_SIGNED' } },
  { name: 'one for another name', cause: 'tls_failed', does: { certificate: 'WRONG_NAME' } },
  { name: 'https at a port of http', cause: 'tls_failed', does: { socket: 'speaksNoTls' } },
  { name: 'one that never answers', cause: 'slow', does: { socket: 'hangs' } },
  { name: 'Cloudflare: empty answer', cause: 'connection_closed', does: { status: 520 } },
  { name: 'Cloudflare: refused', cause: 'connection_refused', does: { status: 521 } },
  { name: 'Cloudflare: no connection', cause: 'host_unreachable', does: { status: 522 } },
  { name: 'Cloudflare: no answer', cause: 'slow', does: { status: 524 } },
  { name: 'Cloudflare: no handshake', cause: 'tls_failed', does: { status: 525 } },
  { name: 'Cloudflare: bad certificate', cause: 'tls_certificate', does: { status: 526 } },
  {
    name: 'Cloudflare: no such name',
    cause: 'dns_name_unknown',
    does: { status: 530, body: 'error code: 1016' },
  },
  {
    name: 'a tunnel that is closed',
    cause: 'tunnel_offline',
    by: 'Cloudflare Tunnel',
    does: html(530, '<title>Cloudflare Tunnel error</title> Error 1033'),
  },
  {
    name: 'ngrok without an agent',
    cause: 'tunnel_offline',
    by: 'ngrok',
    does: html(404, 'The endpoint is offline.', { 'ngrok-error-code': 'ERR_NGROK_3200' }),
  },
  {
    name: 'a slash too few',
    cause: 'redirect_to_url',
    useUrl: 'https://receiver.example/hooks/',
    does: redirect(301, '/hooks/'),
  },
  {
    name: 'http where it is https',
    cause: 'redirect_to_url',
    url: 'http://receiver.example/hooks?token=1',
    useUrl: 'https://receiver.example/hooks',
    does: redirect(308, 'https://receiver.example/hooks?token=1'),
  },
  {
    name: 'without www',
    cause: 'redirect_to_url',
    useUrl: 'https://www.receiver.example/hooks',
    does: redirect(301, 'https://www.receiver.example/hooks'),
  },
  {
    name: 'a login',
    cause: 'redirect_to_login',
    does: redirect(302, '/users/sign_in?return=%2Fhooks'),
  },
  {
    name: 'a challenge of Cloudflare',
    cause: 'bot_protection',
    by: 'Cloudflare',
    does: html(403, '<title>Just a moment...</title>', { 'cf-mitigated': 'challenge' }),
  },
  {
    name: 'a block of Cloudflare',
    cause: 'firewall',
    by: 'Cloudflare',
    does: { status: 403, headers: { server: 'cloudflare' }, body: 'error code: 1020' },
  },
  {
    name: 'a checkpoint of Vercel',
    cause: 'bot_protection',
    by: 'Vercel',
    does: html(429, '<title>Vercel Security Checkpoint</title>', {
      'x-vercel-mitigated': 'challenge',
    }),
  },
  {
    name: 'a preview on Vercel',
    cause: 'deployment_protection',
    by: 'Vercel',
    does: html(401, '<title>Authentication Required</title>', { server: 'Vercel' }),
  },
  {
    name: 'a puzzle of AWS WAF',
    cause: 'bot_protection',
    by: 'AWS WAF',
    does: html(405, '', { 'x-amzn-waf-action': 'captcha' }),
  },
  {
    name: 'a block at CloudFront',
    cause: 'firewall',
    by: 'AWS WAF',
    does: html(
      403,
      '<H1>403 ERROR</H1><H2>The request could not be satisfied.</H2>Request blocked.\nWe can’t connect to the server for this app or website at this time.',
      { server: 'CloudFront' },
    ),
  },
  {
    name: 'a block of Akamai',
    cause: 'firewall',
    by: 'Akamai',
    does: html(
      403,
      '<H1>Access Denied</H1>You don’t have permission to access this on this server.<P>Reference&#32;&#35;18&#46;7a1d',
      { server: 'AkamaiGHost' },
    ),
  },
  {
    name: 'CSRF of Django',
    cause: 'csrf',
    by: 'Django',
    does: html(403, '<h1>Forbidden</h1><p>CSRF verification failed. Request aborted.</p>'),
  },
  {
    name: 'CSRF of Laravel',
    cause: 'csrf',
    by: 'Laravel',
    does: html(419, '<title>Page Expired</title>'),
  },
  {
    name: 'another secret',
    cause: 'signature_mismatch',
    does: { mistake: 'otherSecret' },
  },
  { name: 'JSON that was parsed', cause: 'signature_parsed_body', does: { mistake: 'parsedBody' } },
  { name: 'a clock that is fast', cause: 'signature_timestamp', does: { mistake: 'lateClock' } },
  { name: 'a proxy that strips', cause: 'signature_headers', does: { mistake: 'noHeaders' } },
  {
    name: 'Basic, and no credentials',
    cause: 'credentials_missing',
    by: 'Basic',
    does: { status: 401, headers: { 'www-authenticate': 'Basic realm="staging"' } },
  },
  {
    name: 'a token that expired',
    cause: 'credentials_refused',
    sends: { authorization: 'Bearer abcdefghijklmnop' },
    does: json(401, { error: 'token expired' }, { 'www-authenticate': 'Bearer' }),
  },
  {
    name: 'a wrong path',
    cause: 'path_not_found',
    does: html(404, '<pre>Cannot POST /hooks</pre>'),
  },
  {
    name: 'a static page',
    cause: 'method_not_allowed',
    by: 'GET, HEAD',
    does: html(405, '<h1>405 Not Allowed</h1>', { allow: 'GET, HEAD', server: 'nginx' }),
  },
  { name: 'one that was removed', cause: 'gone', does: { status: 410 } },
  { name: 'a small limit', cause: 'too_large', does: html(413, 'Request Entity Too Large') },
  { name: 'forms only', cause: 'media_type', does: json(415, { error: 'Unsupported' }) },
  {
    name: 'one that has enough',
    cause: 'too_many_requests',
    by: '120 s',
    does: { status: 429, headers: { 'retry-after': '120' } },
  },
  { name: 'nginx without upstream', cause: 'gateway', does: html(502, '502 Bad Gateway') },
  { name: 'HTML for JSON', cause: 'web_page', does: html(400, '<!doctype html><title>Shop') },
]

export const ODD: readonly Receiver[] = [
  { name: 'a crash with a page', cause: 'unknown', does: html(500, '<h1>We are sorry</h1>') },
  { name: 'a crash in JSON', cause: 'unknown', does: json(500, { error: 'no such column' }) },
  { name: 'no such customer', cause: 'unknown', does: json(404, { error: 'no such customer' }) },
  { name: 'a conflict', cause: 'unknown', does: { status: 409, body: 'Already there.' } },
  { name: 'fields that are wrong', cause: 'unknown', does: json(422, { data: 'is required' }) },
  {
    name: 'a header of its own that is missing',
    cause: 'unknown',
    does: json(400, { error: 'Missing required headers: x-api-key' }),
  },
  {
    name: 'the signature of a token',
    cause: 'unauthorized',
    does: json(401, { error: 'JWT: invalid signature' }),
  },
  {
    name: 'a signature of AWS',
    cause: 'forbidden',
    does: {
      status: 403,
      body: '<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided.',
    },
  },
  { name: 'a plan', cause: 'forbidden', does: json(403, { error: 'Not in your plan.' }) },
  {
    name: 'its own page, behind Cloudflare',
    cause: 'forbidden',
    does: html(403, '<h1>Members only</h1> Protected by Cloudflare', { server: 'cloudflare' }),
  },
  {
    name: 'a redirect to thank you',
    cause: 'redirect',
    does: redirect(302, 'https://other.example/thanks'),
  },
  {
    name: 'a redirect to http',
    cause: 'redirect',
    does: redirect(301, 'http://receiver.example/hooks'),
  },
  { name: 'a redirect to itself', cause: 'redirect', does: redirect(302, '/hooks?again=1') },
  { name: 'an author, not auth', cause: 'redirect', does: redirect(302, '/authors/1') },
  {
    name: 'its own page, with a script that Cloudflare adds to any',
    cause: 'forbidden',
    does: html(403, '<h1>No</h1><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js">'),
  },
  {
    name: 'its own login, on Vercel',
    cause: 'unauthorized',
    does: json(401, { error: 'Authentication required' }, { server: 'Vercel' }),
  },
  {
    name: 'no such customer, in plain words',
    cause: 'unknown',
    does: { status: 404, body: 'No such customer.' },
  },
  {
    name: 'a secret of another kind',
    cause: 'unknown',
    does: json(400, { error: "client secret can't be empty" }),
  },
  { name: 'a timeout of its own', cause: 'unknown', does: { status: 419, body: 'Try again.' } },
  {
    name: 'an account, not a login',
    cause: 'redirect',
    does: redirect(302, '/accounts/12/hooks'),
  },
  { name: 'a page that is taken', cause: null, does: html(200, '<h1>Thanks</h1>') },
  { name: 'an error that is taken', cause: null, does: json(200, { error: 'invalid signature' }) },
]
