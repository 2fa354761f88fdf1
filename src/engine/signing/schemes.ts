// The signature schemes of Standard Webhooks 1.0, by the prefix of a secret
// (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "Signature scheme").

import { SIGNING } from '../../limits.ts'
import { fromCanonicalBase64 } from '../../primitives/base64.ts'
import { ed25519, importEd25519Key, SEED_BYTES } from './ed25519.ts'
import { hmacSha256, importHmacKey } from './hmac.ts'

type Signer = (message: Uint8Array) => Promise<Uint8Array>

interface Scheme {
  /** What a secret of the scheme starts with; the rest of it is the key. */
  readonly prefix: string
  /** The signature identifier. */
  readonly version: 'v1' | 'v1a'
  /** Why `key` cannot be used, as a sentence that does not show it; null when it can. */
  readonly findFlaw: (key: string) => string | null
  readonly toSigner: (key: string) => Promise<Signer>
}

const utf8 = new TextEncoder()

export const hmacScheme = {
  prefix: 'whsec_',
  version: 'v1',
  findFlaw: (key) => {
    const size = fromCanonicalBase64(key)?.length ?? 0
    const { minHmacBytes, maxHmacBytes } = SIGNING
    if (size >= minHmacBytes && size <= maxHmacBytes) return null
    return `A whsec_ secret must be the base64 encoding of ${minHmacBytes} to ${maxHmacBytes} bytes.`
  },
  toSigner: async (key) => signWithHmac(decodeKey(key)),
} as const satisfies Scheme

export const ed25519Scheme = {
  prefix: 'whsk_',
  version: 'v1a',
  findFlaw: (key) => {
    const size = fromCanonicalBase64(key)?.length
    if (size === SEED_BYTES || size === 2 * SEED_BYTES) return null
    return `A whsk_ secret must be the base64 encoding of a ${SEED_BYTES}-byte Ed25519 seed, optionally followed by its public key.`
  },
  toSigner: async (key) => {
    const imported = await importEd25519Key(toSeed(key))
    return (message) => ed25519(imported, message)
  },
} as const satisfies Scheme

/** Ours, for vendors whose secrets are any text (docs/contracts/delivery.md, "Signatures"): its UTF-8 bytes. */
const textScheme = {
  prefix: '',
  version: 'v1',
  findFlaw: (key) => {
    if (key.length === 0) return 'A secret must not be empty.'
    if (key.length > SIGNING.textChars) {
      return `A secret may have at most ${SIGNING.textChars} characters.`
    }
    // Encoding replaces half a character, so that other secrets would sign alike.
    return key.isWellFormed() ? null : 'A secret must be well-formed Unicode.'
  },
  toSigner: async (key) => signWithHmac(utf8.encode(key)),
} as const satisfies Scheme

const SCHEMES: readonly Scheme[] = [hmacScheme, ed25519Scheme, textScheme]

/** The scheme a secret belongs to, and its key: what follows the prefix. */
export function schemeOf(secret: string): { readonly scheme: Scheme; readonly key: string } {
  const scheme = SCHEMES.find(({ prefix }) => secret.startsWith(prefix)) ?? textScheme
  return { scheme, key: secret.slice(scheme.prefix.length) }
}

async function signWithHmac(bytes: Uint8Array): Promise<Signer> {
  const key = await importHmacKey(bytes)
  return (message) => hmacSha256(key, message)
}

/** The seed in the key of a `whsk_` secret; throws on what `validateSecret` refuses. */
export function toSeed(key: string): Uint8Array {
  return decodeKey(key).slice(0, SEED_BYTES)
}

function decodeKey(key: string): Uint8Array {
  const bytes = fromCanonicalBase64(key)
  if (bytes === null) throw new Error('a signing secret is not base64')
  return bytes
}
