// Whether a request is Hookline's: Standard Webhooks 1.0 (https://www.standardwebhooks.com), by a shared secret or by
// the webhook's public key, with WebCrypto alone.

/** Seconds that the timestamp of a request may be away from now; what the specification's own libraries allow. */
const TOLERANCE_SECONDS = 300

/** Why a request is not taken: each answers 401. */
export type Flaw =
  | 'header_missing'
  | 'timestamp_unreadable'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'signature_wrong'

const SENTENCES: Readonly<Record<Flaw, string>> = {
  header_missing: 'The request lacks webhook-id, webhook-timestamp or webhook-signature.',
  timestamp_unreadable: 'webhook-timestamp is no number of seconds.',
  timestamp_too_old:
    'webhook-timestamp is too long ago: an old request that was recorded, or a clock is wrong.',
  timestamp_too_new: 'webhook-timestamp is in the future: a clock is wrong.',
  signature_wrong: 'No signature of the request is right: another secret, or another body.',
}

export class VerificationError extends Error {
  override readonly name = 'VerificationError'
  readonly flaw: Flaw

  constructor(flaw: Flaw) {
    super(SENTENCES[flaw])
    this.flaw = flaw
  }
}

/** What a request is verified by: headers of any kind, and its body exactly as it came. */
export interface Received {
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array | ArrayBuffer | string
}

export interface VerifyOptions {
  /** Defaults to 300. */
  readonly toleranceSeconds?: number
  /** Unix milliseconds. Defaults to the clock. */
  readonly now?: number
}

export interface Verified {
  /** `webhook-id`, the same on every attempt: keep it for 30 days, and answer 2xx to one that you know. */
  readonly id: string
  /** When this attempt was made. */
  readonly sentAt: Date
  readonly bytes: Uint8Array
  text(): string
  /** The body as JSON: `{ type, timestamp, data }` where the webhook has no format of its own. */
  json<Body = unknown>(): Body
}

/**
 * The request, if it was signed by one of the secrets (`whsec_…`, or `whpk_…`: a public key) within the last five minutes.
 * Rejects with a VerificationError where it was not, and with a TypeError where no secret can be read, an option is no number, or the
 * body is none as it came. Reads the body of a Request: what is needed of it is in the result. Whether the id came before is for the caller to know.
 */
export async function verify(
  request: Request | Received,
  secrets: string | readonly string[],
  { toleranceSeconds = TOLERANCE_SECONDS, now = Date.now() }: VerifyOptions = {},
): Promise<Verified> {
  const keys = await Promise.all([secrets].flat().map(keyOf))
  if (keys.length === 0) throw new TypeError('Expected a secret.')
  refuseNaN({ toleranceSeconds, now })
  const header = (name: string) => headerOf(request.headers, name)
  const [id, timestamp] = [header('webhook-id'), header('webhook-timestamp')]
  const signatures = header('webhook-signature')
  if (!id || !timestamp || !signatures) throw new VerificationError('header_missing')
  if (!/^\d{1,12}$/.test(timestamp)) throw new VerificationError('timestamp_unreadable')
  const ageSeconds = now / 1_000 - Number(timestamp)
  if (ageSeconds > toleranceSeconds) throw new VerificationError('timestamp_too_old')
  if (ageSeconds < -toleranceSeconds) throw new VerificationError('timestamp_too_new')
  const bytes = await bytesOf(request)
  const signed = joined(utf8.encode(`${id}.${timestamp}.`), bytes)
  if (!(await isSigned(signatures, keys, signed))) throw new VerificationError('signature_wrong')
  const text = () => new TextDecoder().decode(bytes)
  return {
    ...{ id, sentAt: new Date(Number(timestamp) * 1_000), bytes, text },
    json: () => JSON.parse(text()),
  }
}

/** Nothing is older than NaN: a mistake in a setting would take every request that was recorded. */
function refuseNaN(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isNaN(Number(value))) throw new TypeError(`${name} is no number.`)
  }
}

const utf8 = new TextEncoder()

type Bytes = Uint8Array<ArrayBuffer>

interface Key {
  /** Of the signatures that it verifies. */
  readonly version: string
  readonly signatureBytes: number
  readonly algorithm: string
  readonly key: CryptoKey
}

const KINDS = [
  {
    prefix: 'whpk_',
    version: 'v1a',
    signatureBytes: 64,
    algorithm: 'Ed25519',
    parameters: { name: 'Ed25519' },
  },
  // Last, since its prefix may be left out.
  {
    prefix: 'whsec_',
    version: 'v1',
    signatureBytes: 32,
    algorithm: 'HMAC',
    parameters: { name: 'HMAC', hash: 'SHA-256' },
  },
] as const

async function keyOf(secret: string): Promise<Key> {
  // What an environment does not have is undefined, whatever its type says.
  if (typeof secret !== 'string') throw new TypeError('Expected a secret, and there is none.')
  const kind = KINDS.find(({ prefix }) => secret.startsWith(prefix)) ?? KINDS[1]
  const bytes = fromBase64(secret.slice(secret.startsWith(kind.prefix) ? kind.prefix.length : 0))
  if (bytes === null || bytes.length === 0) {
    throw new TypeError('The secret is not base64 after whsec_ or whpk_.')
  }
  const { version, signatureBytes, algorithm, parameters } = kind
  const key = await crypto.subtle
    .importKey('raw', bytes, parameters, false, ['verify'])
    .catch((cause: unknown) => {
      throw new TypeError(`The secret is no key of ${algorithm}.`, { cause })
    })
  return { version, signatureBytes, algorithm, key }
}

/** `crypto.subtle.verify` compares in constant time. */
async function isSigned(signatures: string, keys: readonly Key[], signed: Bytes): Promise<boolean> {
  for (const entry of signatures.split(' ')) {
    const comma = entry.indexOf(',')
    const [version, base64] = [entry.slice(0, comma), entry.slice(comma + 1)]
    for (const { key, algorithm, ...kind } of keys) {
      const signature = kind.version === version ? fromBase64(base64) : null
      if (signature?.length !== kind.signatureBytes) continue
      if (await crypto.subtle.verify(algorithm, key, signature, signed)) return true
    }
  }
  return false
}

function fromBase64(text: string): Bytes | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

function headerOf(headers: Received['headers'], name: string): string | undefined {
  if (areHeaders(headers)) return headers.get(name) ?? undefined
  const found = Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1]
  return typeof found === 'string' ? found : found?.join(',')
}

// By what they can do: a framework may bring classes of its own.
function areHeaders(headers: Received['headers']): headers is Headers {
  return typeof headers.get === 'function'
}

async function bytesOf(request: Request | Received): Promise<Uint8Array> {
  if ('arrayBuffer' in request) return new Uint8Array(await request.arrayBuffer())
  const { body } = request
  if (typeof body === 'string') return utf8.encode(body)
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  if (isBuffer(body)) return new Uint8Array(body)
  throw new TypeError('Expected the body as text or bytes, exactly as it came, and not parsed.')
}

// By its name: a test's environment may bring a class of its own.
function isBuffer(body: unknown): body is ArrayBuffer {
  return /^\[object (?:Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(body))
}

function joined(head: Uint8Array, body: Uint8Array): Bytes {
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(head)
  bytes.set(body, head.length)
  return bytes
}
