// The keys of a deployment: reading SIGNING_KEYS, signing with one, and what is published of it.

import { SIGNING } from '../../limits.ts'
import { fromBase64 } from '../../primitives/base64.ts'
import type { HttpSigning, PublicJwk, SigningAlgorithm, SigningKey } from '../model/index.ts'
import { cacheKeys } from './key-cache.ts'

interface Algorithm {
  readonly name: SigningAlgorithm
  /** How its keys begin as PKCS #8 (RFC 5958), in hex, and how many bytes they are, as OpenSSL and WebCrypto write them. */
  readonly head: string
  readonly bytes: number
  readonly key: Parameters<SubtleCrypto['importKey']>[2]
  readonly signature: Parameters<SubtleCrypto['sign']>[0]
}

const ALGORITHMS: readonly Algorithm[] = [
  {
    name: 'ed25519',
    // RFC 8410, section 7.
    head: '302e020100300506032b657004220420',
    bytes: 48,
    key: 'Ed25519',
    signature: 'Ed25519',
  },
  {
    name: 'es256',
    // RFC 5915, section 3, with the public key, on P-256 (RFC 5480, section 2.1.1.1).
    head: '308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420',
    bytes: 138,
    key: { name: 'ECDSA', namedCurve: 'P-256' },
    signature: { name: 'ECDSA', hash: 'SHA-256' },
  },
]

/** The keys that a text lists, separated by commas, or why there are none, in a sentence that shows none. */
export function readSigningKeys(text: string): Pick<HttpSigning, 'keys' | 'flaw'> {
  const entries = text.split(',').map((entry) => entry.trim())
  if (entries.every((entry) => entry === '')) return none('SIGNING_KEYS is not set.')
  const keys: SigningKey[] = []
  for (const [index, pkcs8] of entries.entries()) {
    const hex = fromBase64(pkcs8)?.toHex() ?? ''
    const algorithm = ALGORITHMS.find(
      ({ head, bytes }) => hex.startsWith(head) && hex.length === 2 * bytes,
    )
    if (algorithm === undefined) {
      return none(
        `SIGNING_KEYS is malformed: entry ${index + 1} is not the base64 encoding of an Ed25519 or P-256 private key in PKCS #8.`,
      )
    }
    if (!keys.some((key) => key.pkcs8 === pkcs8)) keys.push({ algorithm: algorithm.name, pkcs8 })
  }
  return { keys, flaw: null }
}

function none(flaw: string) {
  return { keys: [], flaw }
}

/** What signs, and what verifies that. */
interface Signer {
  readonly jwk: PublicJwk
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>
}

const imported = cacheKeys(SIGNING.cachedKeys, importKey)

/** Rejects for a key that is none after all. */
export function signerOf({ pkcs8 }: SigningKey): Promise<Signer> {
  return imported(pkcs8)
}

async function importKey(pkcs8: string): Promise<Signer> {
  const bytes = fromBase64(pkcs8)
  const hex = bytes?.toHex() ?? ''
  const algorithm = ALGORITHMS.find(({ head }) => hex.startsWith(head))
  if (bytes === null || algorithm === undefined) throw new Error('a signing key is malformed')
  const importAs = (extractable: boolean) =>
    crypto.subtle.importKey('pkcs8', bytes, algorithm.key, extractable, ['sign'])
  const [key, jwk] = await Promise.all([importAs(false), importAs(true).then(toPublicJwk)])
  const sign = async (message: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign(algorithm.signature, key, message))
  return { jwk, sign }
}

/** Member by member: the private one stays here. */
async function toPublicJwk(key: CryptoKey): Promise<PublicJwk> {
  const exported = await crypto.subtle.exportKey('jwk', key)
  if (exported instanceof ArrayBuffer) throw new Error('a signing key is no JWK')
  const { kty, crv, x, y } = exported
  if (kty === undefined || crv === undefined || x === undefined) {
    throw new Error('a signing key has no public half')
  }
  const members = { crv, kty, x, ...(y !== undefined && { y }) }
  return { kid: await thumbprintOf(members), ...members, use: 'sig' }
}

/** RFC 7638, section 3, and RFC 8037, appendix A.3: `members` are those that count, in alphabetical order. */
async function thumbprintOf(members: Readonly<Record<string, string>>): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(members))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
  return digest.toBase64({ alphabet: 'base64url', omitPadding: true })
}
