// HMAC-SHA256: the primitive, and the bare hex form that some vendors' headers carry.

import { SIGNING } from '../../limits.ts'
import { cacheKeys } from './key-cache.ts'

const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' } as const
const utf8 = new TextEncoder()

export function importHmacKey(bytes: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, ALGORITHM, false, ['sign'])
}

export async function hmacSha256(key: CryptoKey, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, message))
}

const textKey = cacheKeys(SIGNING.cachedKeys, (text) => importHmacKey(utf8.encode(text)))

/** Lowercase hex of HMAC-SHA256 over the UTF-8 body. A secret given as text is used as its UTF-8 bytes, prefix and all. */
export async function hmacSha256Hex(secret: string | Uint8Array, body: string): Promise<string> {
  const key = await (typeof secret === 'string' ? textKey(secret) : importHmacKey(secret))
  const signature = await hmacSha256(key, utf8.encode(body))
  return signature.toHex()
}
