// How a cause is told from what a failed attempt keeps, with a source for each rule. The first rule of which everything holds
// decides, so that what is said in so many words stands before what a status alone tells. No rule: the cause is unknown.

import type { ResponseFacts } from '../model/index.ts'
import type { Cause } from './causes.ts'
import type { RedirectKind } from './redirect.ts'

export interface Rule {
  readonly cause: Exclude<Cause, 'unknown'>
  /** A page that says so: of the vendor, the platform or the standard; below this repository where that is Hookline. */
  readonly source: string
  /** Who answered in the receiver's place, or whose words they are. */
  readonly by?: string
  /** Statuses of which one is the attempt's. */
  readonly statuses?: readonly number[]
  /** In `error` of an attempt without a response. */
  readonly error?: RegExp
  /** In the begin of the body. */
  readonly body?: RegExp
  /** Not in it. */
  readonly bodyLacks?: RegExp
  readonly headers?: Readonly<Partial<Record<keyof ResponseFacts['headers'], RegExp>>>
  readonly redirect?: RedirectKind
  /** Whether the request had an `authorization` header. */
  readonly sentCredentials?: boolean
  /** Something else may look the same, though seldom. */
  readonly isLikely?: true
}

const CLOUDFLARE =
  'https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare'
const CLOUDFLARE_CHALLENGE =
  'https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response'
const AWS = 'https://repost.aws/knowledge-center'
const AKAMAI =
  'https://community.akamai.com/community/cloud-security/blog/2016/04/07/why-is-akamai-blocking-me'
const VERCEL = 'https://vercel.com/docs'
const STANDARD_WEBHOOKS = 'https://github.com/standard-webhooks/standard-webhooks'
const rfc9110 = (section: string) => `https://www.rfc-editor.org/rfc/rfc9110#section-${section}`

const HTML = /^(?:text\/html|application\/xhtml\+xml)$/i

/** Rules with something in common. */
function rules(
  common: Pick<Rule, 'source'> & Partial<Rule>,
  ...own: readonly (Omit<Rule, 'source'> & Partial<Pick<Rule, 'source'>>)[]
): readonly Rule[] {
  return own.map((rule) => ({ ...common, ...rule }))
}

/** No connection, or no answer in time; in Hookline's own words, or those of the runtime. */
const WITHOUT_ANSWER = [
  ...rules(
    // What the runtime logs of these, and does not tell the Worker yet.
    { source: 'https://github.com/cloudflare/workerd/issues/5286' },
    { cause: 'tls_expired', error: /peer certificate: Expired|certificate (?:has )?expired/i },
    { cause: 'tls_wrong_name', error: /peer certificate: NotValidForName|hostname mismatch/i },
    { cause: 'tls_untrusted', error: /peer certificate: |self[- ]signed certificate/i },
    { cause: 'tls_failed', error: /TLS handshake failed/i },
    { cause: 'dns_name_unknown', error: /failed to lookup address|DNS lookup failed/i },
  ),
  ...rules(
    { source: 'docs/deliveries.md#what-an-attempt-says' },
    { cause: 'slow', error: /^The receiver did not respond within \d+ ms/ },
    { cause: 'request_not_created', error: /^The request could not be created\./ },
    {
      cause: 'target_refused',
      error:
        /^(?:A|The host of a) target (?:URL )?(?:must|may) |^The host \S+ is .* cannot be a target\.$|^Port \d+ /,
    },
    // What is refused, reset or closed is lost instead (test/platform/outgoing/broken-receivers.test.ts).
    { cause: 'dns_name_unknown', error: /^The connection failed: DNS or TCP \(/, isLikely: true },
    { cause: 'dns_or_tls', error: /^The connection failed: DNS, TCP or TLS \(/, isLikely: true },
    { cause: 'tls_failed', error: /^The connection failed: TCP or TLS \(/, isLikely: true },
    { cause: 'host_unreachable', error: /^The connection failed: TCP\.$/ },
    { cause: 'connection_lost', error: /refused, reset, or closed before a response/ },
  ),
]

/** Cloudflare's network answers in the place of a receiver that it does not reach. */
const OF_THE_NETWORK = [
  ...rules(
    { source: `${CLOUDFLARE}-5xx-errors/` },
    { cause: 'connection_closed', statuses: [520] },
    { cause: 'connection_refused', statuses: [521] },
    { cause: 'host_unreachable', statuses: [522, 523] },
    { cause: 'slow', statuses: [524] },
    { cause: 'tls_failed', statuses: [525] },
    { cause: 'tls_certificate', statuses: [526] },
  ),
  ...rules(
    { source: `${CLOUDFLARE}-1xxx-errors/`, statuses: [530] },
    { cause: 'dns_name_unknown', body: /\berror(?: code)?:? (?:1001|1016)\b/i },
    { cause: 'tunnel_offline', by: 'Cloudflare Tunnel', body: /\berror(?: code)?:? 1033\b/i },
  ),
]

/** Somebody in front of the receiver lets nothing through. */
const IN_FRONT = [
  ...rules(
    { by: 'Cloudflare', source: CLOUDFLARE_CHALLENGE },
    { cause: 'bot_protection', headers: { 'cf-mitigated': /^challenge$/i } },
    {
      cause: 'bot_protection',
      statuses: [403, 429, 503],
      body: /_cf_chl_opt|<title>Just a moment\.\.\.</,
    },
  ),
  ...rules(
    { by: 'Cloudflare', source: `${CLOUDFLARE}-1xxx-errors/` },
    { cause: 'firewall', statuses: [403], body: /\berror code: 1(?:00[5-9]|01[02]|020|106)\b/i },
    { cause: 'firewall', statuses: [403], body: /<title>Attention Required! \| Cloudflare/ },
    { cause: 'too_many_requests', statuses: [429], body: /\berror code: 1015\b/i },
  ),
  // The header is not documented; the page of the challenge says whose it is.
  ...rules(
    { by: 'Vercel', source: `${VERCEL}/attack-challenge-mode` },
    { cause: 'bot_protection', headers: { 'x-vercel-mitigated': /^challenge$/i } },
    { cause: 'bot_protection', statuses: [403, 429], body: /<title>Vercel Security Checkpoint</ },
    {
      cause: 'firewall',
      headers: { 'x-vercel-mitigated': /^deny$/i },
      source: `${VERCEL}/vercel-firewall`,
    },
    {
      cause: 'deployment_protection',
      statuses: [401],
      headers: { server: /^Vercel$/i },
      body: /<title>Authentication Required<|vercel\.com\/sso/,
      source: `${VERCEL}/deployment-protection/methods-to-bypass-deployment-protection/protection-bypass-automation`,
    },
  ),
  ...rules(
    { by: 'AWS WAF', source: `${AWS}/waf-block-respond-403-forbidden-error` },
    {
      cause: 'bot_protection',
      headers: { 'x-amzn-waf-action': /^(?:challenge|captcha)$/i },
      source:
        'https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-actions.html',
    },
    {
      cause: 'firewall',
      statuses: [403],
      body: /Request blocked\.[\s\S]*(?:CloudFront|app or website)/,
      source: `${AWS}/cloudfront-error-request-blocked`,
    },
    {
      cause: 'firewall',
      statuses: [403],
      headers: { server: /^awselb\// },
      body: /<h1>403 Forbidden</,
      isLikely: true,
    },
  ),
  ...rules(
    { by: 'Akamai', source: AKAMAI, statuses: [403] },
    { cause: 'firewall', headers: { server: /^AkamaiGHost$/i } },
    { cause: 'firewall', body: /errors\.edgesuite\.net|Reference\s*(?:#|&#35;)18\./ },
  ),
  ...rules(
    { by: 'ngrok', source: 'https://ngrok.com/docs/errors/err_ngrok_3200' },
    { cause: 'tunnel_offline', headers: { 'ngrok-error-code': /^ERR_NGROK_3200$/ } },
  ),
]

const REDIRECTS = rules(
  { source: rfc9110('15.4') },
  { cause: 'redirect_to_url', redirect: 'same' },
  { cause: 'redirect_to_login', redirect: 'login' },
  { cause: 'redirect', statuses: [300, 301, 302, 303, 307, 308] },
)

/** The protection of a framework against requests of other sites. */
const CSRF = [
  ...rules(
    { by: 'Django', source: 'https://docs.djangoproject.com/en/stable/ref/csrf/' },
    { cause: 'csrf', statuses: [403], body: /CSRF (?:verification failed|Failed:)/ },
  ),
  ...rules(
    { by: 'Laravel', source: 'https://laravel.com/docs/csrf' },
    { cause: 'csrf', statuses: [419], body: /Page Expired|CSRF token mismatch/ },
  ),
  ...rules(
    { by: 'Rails', source: 'https://guides.rubyonrails.org/security.html' },
    { cause: 'csrf', statuses: [422], body: /InvalidAuthenticityToken|verify CSRF token/ },
  ),
]

/** Statuses by which receivers refuse a signature; where errors are shown as they are, 422 or 500. */
const REFUSALS = [400, 401, 403, 422, 500]

/** What the library by which the receiver verifies says, as far as the receiver shows it. */
const SIGNATURES = [
  ...rules(
    { statuses: REFUSALS, source: `${STANDARD_WEBHOOKS}/tree/main/libraries` },
    { cause: 'signature_parsed_body', body: /Expected payload to be of type string or Buffer/i },
    {
      cause: 'signature_timestamp',
      body: /\b(?:message|signature) timestamp too (?:old|new|far in future)\b/i,
    },
    {
      cause: 'signature_headers',
      body: /\bmissing required headers\b(?!\s*:)|\binvalid signature headers\b|\bmissing header (?:id|signature|timestamp)(?![\w-])/i,
    },
    {
      cause: 'signature_secret',
      body: /(?<!\w )\bsecret can.t be empty\b|\bwebhook secret may not be empty\b|\binvalid webhook secret\b|Expected secret to be of type string/i,
    },
    { cause: 'signature_mismatch', body: /\bno matching signature found\b/i },
  ),
  ...rules(
    {
      statuses: REFUSALS,
      source: 'https://github.com/stripe/stripe-node/blob/master/src/Webhooks.ts',
    },
    { cause: 'signature_parsed_body', body: /Payload was provided as a parsed JavaScript object/ },
    { cause: 'signature_timestamp', body: /Timestamp outside the tolerance zone/ },
    {
      cause: 'signature_headers',
      body: /No [\w-]*signature header value was provided|Unable to extract timestamp and signatures|No signatures found with expected scheme/,
    },
    { cause: 'signature_mismatch', body: /No signatures found matching the expected signature/ },
  ),
  ...rules(
    { statuses: REFUSALS, source: 'https://github.com/octokit/webhooks.js' },
    { cause: 'signature_headers', body: /Required headers missing: x-(?:github|hub)-/ },
    { cause: 'signature_mismatch', body: /signature does not match event payload and secret/ },
  ),
  ...rules(
    {
      statuses: REFUSALS,
      source: `${STANDARD_WEBHOOKS}/blob/main/spec/standard-webhooks.md`,
      // The signature of a token is another one.
      bodyLacks: /\bjwt\b|jsonwebtoken|\btoken\b|bearer/i,
    },
    {
      cause: 'signature_mismatch',
      body: /\b(?:invalid|incorrect|wrong) (?:webhook )?signature\b(?! headers)|\bwebhook signature is invalid\b|\bsignature (?:verification failed|mismatch)\b/i,
    },
  ),
]

/** What a status tells, with its headers; last, for whoever said more has been heard. */
const BY_STATUS = [
  ...rules(
    { source: rfc9110('15.5.2'), statuses: [401] },
    { cause: 'credentials_refused', sentCredentials: true, isLikely: true },
    { cause: 'credentials_missing', headers: { 'www-authenticate': /./ } },
    { cause: 'unauthorized' },
  ),
  ...rules(
    { source: `${AWS}/api-gateway-authentication-token-errors` },
    {
      cause: 'path_not_found',
      statuses: [403],
      body: /^\{"message":"Missing Authentication Token"\}$/,
    },
  ),
  ...rules(
    { source: rfc9110('15.5.5'), statuses: [404] },
    // An API says so of what the event is about, too: only a page, no words, or those of a router tell.
    {
      cause: 'path_not_found',
      body: /^\s*(?:<|(?:404[:.]? ?)?(?:page )?(?:not found\.?)?\s*$)/i,
    },
    { cause: 'path_not_found', body: /\bRoute POST:\S* not found|no Route matched with those/ },
    { cause: 'path_not_found', body: /^\s*\{\s*"detail"\s*:\s*"Not Found"\s*\}\s*$/ },
  ),
  ...rules(
    { source: rfc9110('15') },
    { cause: 'forbidden', statuses: [403], source: rfc9110('15.5.4') },
    { cause: 'method_not_allowed', statuses: [405], source: rfc9110('15.5.6') },
    { cause: 'gone', statuses: [410], source: rfc9110('15.5.11') },
    { cause: 'too_large', statuses: [413], source: rfc9110('15.5.14') },
    { cause: 'media_type', statuses: [415], source: rfc9110('15.5.16') },
    {
      cause: 'too_many_requests',
      statuses: [429],
      source: 'https://www.rfc-editor.org/rfc/rfc6585',
    },
    { cause: 'gateway', statuses: [502, 504], source: rfc9110('15.6.3') },
    { cause: 'unavailable', statuses: [503], source: rfc9110('15.6.4') },
    {
      cause: 'web_page',
      statuses: [400, 402, 406, 409, 411, 421, 422, 426],
      headers: { 'content-type': HTML },
      source: rfc9110('8.3'),
    },
  ),
]

export const RULES: readonly Rule[] = [
  ...WITHOUT_ANSWER,
  ...OF_THE_NETWORK,
  ...IN_FRONT,
  ...REDIRECTS,
  ...CSRF,
  ...SIGNATURES,
  ...BY_STATUS,
]
