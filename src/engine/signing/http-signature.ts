// HTTP message signatures (RFC 9421) of requests: what is covered, the text that is signed, and the headers that carry it
// (docs/signatures.md). In: a request with all of its other headers; out: the headers that make it a signed one.

import {
  type Header,
  HTTP_SIGNATURE,
  type HttpSignature,
  type HttpSigning,
  type SigningAlgorithm,
} from '../model/index.ts'
import { signerOf } from './signing-keys.ts'
import { toSfBytes, toSfInnerList, toSfString } from './structured-fields.ts'

/** Names the tenant, so that none can pass for another with the key that they share. */
const TENANT_HEADER = 'hookline-tenant'

export interface UnsignedRequest {
  readonly method: 'POST' | 'OPTIONS'
  readonly url: string
  readonly headers: readonly Header[]
  /** Exactly as it is sent; null: there is none. */
  readonly body: string | null
}

interface SigningContext {
  readonly signature: HttpSignature
  readonly tenantId: string
  readonly webhookId: string
  readonly signing: HttpSigning
  /** Unix milliseconds of the attempt. */
  readonly now: number
}

interface Profile {
  readonly algorithm: SigningAlgorithm
  /** The headers that it adds, beside `content-digest` and those of the signature itself. */
  readonly headers: readonly string[]
  /** What is covered, in this order, of what a request has. */
  readonly components: readonly string[]
  /** `tag` of the signature; null: none, and no nonce. */
  readonly tag: string | null
}

const PROFILES = {
  /**
   * Web Bot Auth (draft-meunier-web-bot-auth-architecture-02, section 4.2), and all of the request. `signature-agent` is covered as it is: Cloudflare
   * verifies none with the parameter `key` (its page on Web Bot Auth, "Limitations").
   */
  standard: {
    algorithm: 'ed25519',
    headers: [TENANT_HEADER, 'signature-agent'],
    components: [
      ...['@method', '@target-uri', '@authority', 'content-type', 'content-digest'],
      ...['webhook-id', 'webhook-timestamp', 'webhook-request-origin'],
      ...[TENANT_HEADER, 'signature-agent'],
    ],
    tag: 'web-bot-auth',
  },
  /** ucp.dev, "Message Signatures", "REST Request Signing": no `alg`; ES256 is what everybody has to verify. */
  ucp: {
    algorithm: 'es256',
    headers: [TENANT_HEADER, 'ucp-agent', 'idempotency-key'],
    components: [
      ...['@method', '@authority', '@path', '@query', 'ucp-agent', 'idempotency-key'],
      ...['content-digest', 'content-type', 'webhook-id', 'webhook-timestamp'],
      ...['webhook-request-origin', TENANT_HEADER],
    ],
    tag: null,
  },
} as const satisfies Record<HttpSignature['profile'], Profile>

const OF_EVERY_PROFILE = ['content-digest', 'signature-input', 'signature'] as const

/** The headers, in lower case, that such a signature makes itself. */
export function headersOfSignature({
  profile,
}: Pick<HttpSignature, 'profile'>): ReadonlySet<string> {
  return new Set([...PROFILES[profile].headers, ...OF_EVERY_PROFILE])
}

/** The key that makes such signatures; null: the deployment has none. */
export function keyFor({ profile }: Pick<HttpSignature, 'profile'>, { keys }: HttpSigning) {
  const { algorithm } = PROFILES[profile]
  return keys.find((key) => key.algorithm === algorithm) ?? null
}

const utf8 = new TextEncoder()
const LABEL = 'sig1'

/** The headers that sign a request. Rejects where there is no key. */
export async function signRequest(
  request: UnsignedRequest,
  { signature, tenantId, webhookId, signing, now }: SigningContext,
): Promise<readonly Header[]> {
  const key = keyFor(signature, signing)
  if (key === null) throw new Error('there is no key for an HTTP signature')
  const { jwk, sign } = await signerOf(key)
  const { components, tag }: Profile = PROFILES[signature.profile]
  const id = request.headers.find(([name]) => name === 'webhook-id')?.[1] ?? ''
  const added: readonly Header[] = [
    ...(request.body === null ? [] : [['content-digest', await digestOf(request.body)] as const]),
    [TENANT_HEADER, tenantId],
    ...ownHeaders(signature, signing, id),
  ]
  const valueOfComponent = valuesOf({ ...request, headers: [...request.headers, ...added] })
  const covered = components.flatMap((name) => {
    const value = valueOfComponent(name)
    return value === null ? [] : [[toSfString(name), value] as const]
  })
  const created = Math.floor(now / 1_000)
  const parameters = toSfInnerList(
    covered.map(([name]) => name),
    [
      ['created', created],
      ['expires', created + HTTP_SIGNATURE.validSeconds],
      ['keyid', jwk.kid],
      ...(tag === null
        ? []
        : ([
            ['nonce', await nonceOf(`${now}.${webhookId}.${request.url}.${id}`)],
            ['tag', tag],
          ] as const)),
    ],
  )
  const lines = [...covered, ['"@signature-params"', parameters] as const]
  const base = lines.map(([name, value]) => `${name}: ${value}`).join('\n')
  const signed = await sign(utf8.encode(base))
  return [
    ...added,
    ['signature-input', `${LABEL}=${parameters}`],
    ['signature', `${LABEL}=${toSfBytes(signed)}`],
  ]
}

/** What a profile says of who signs. */
function ownHeaders(signature: HttpSignature, { agent }: HttpSigning, id: string): Header[] {
  switch (signature.profile) {
    case 'standard':
      return agent === null ? [] : [['signature-agent', toSfString(agent)]]
    case 'ucp':
      return [
        ['ucp-agent', `profile=${toSfString(signature.ucpAgent)}`],
        // The same on every attempt, as `webhook-id` is.
        ...(id === '' ? [] : [['idempotency-key', id] as const]),
      ]
  }
}

/** RFC 9530, section 2. */
async function digestOf(body: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8.encode(body))
  return `sha-256=${toSfBytes(new Uint8Array(digest))}`
}

/**
 * 64 bytes (draft-meunier-web-bot-auth-architecture-02, section 4.2), another one for each attempt, also where two webhooks have one URL and get
 * an event in the same millisecond. Not drawn: a nonce is no secret, and an attempt can be shown as it was sent.
 */
async function nonceOf(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest('SHA-512', utf8.encode(text))).toBase64()
}

/** The values of components (RFC 9421, sections 2.1 and 2.2); null of what a request does not have. */
function valuesOf({ method, url, headers }: UnsignedRequest): (name: string) => string | null {
  const target = new URL(url)
  // What follows `#` is not sent, and neither is a `#` that nothing follows, of which `hash` says nothing.
  target.hash = ''
  const { host, pathname, search, href } = target
  const derived: Readonly<Record<string, string | null>> = {
    '@method': method,
    '@target-uri': href,
    '@authority': host,
    '@path': pathname,
    '@query': search === '' ? null : search,
  }
  return (name) => {
    if (name.startsWith('@')) return derived[name] ?? null
    const values = headers.flatMap(([one, value]) =>
      one.toLowerCase() === name ? [value.trim()] : [],
    )
    return values.length === 0 ? null : values.join(', ')
  }
}
