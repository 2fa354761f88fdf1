// Signing secrets as people see them: making one, checking one, and the public half of an Ed25519 one.

import { SIGNING } from '../../limits.ts'
import { ed25519PublicKey, SEED_BYTES } from './ed25519.ts'
import { ed25519Scheme, hmacScheme, schemeOf, toSeed } from './schemes.ts'

/** How the public half of a `whsk_` secret starts (Standard Webhooks 1.0, "Signature scheme"). */
const PUBLIC_KEY_PREFIX = 'whpk_'

const GENERATORS = {
  hmac: async () => `${hmacScheme.prefix}${randomBytes(SIGNING.generatedHmacBytes).toBase64()}`,
  ed25519: async () => {
    const seed = randomBytes(SEED_BYTES)
    const publicKey = await ed25519PublicKey(seed)
    return `${ed25519Scheme.prefix}${Uint8Array.of(...seed, ...publicKey).toBase64()}`
  },
} as const satisfies Record<string, () => Promise<string>>

export type SigningKind = keyof typeof GENERATORS

/** A new random secret: `whsec_` for HMAC, `whsk_` (seed and public key) for Ed25519. */
export function generateSecret(kind: SigningKind): Promise<string> {
  return GENERATORS[kind]()
}

/** The kind of secret that takes the place of `secret` when a rotation brings none. */
export function kindOf(secret: string): SigningKind {
  return schemeOf(secret).scheme === ed25519Scheme ? 'ed25519' : 'hmac'
}

/** Why `secret` cannot sign, as a sentence that does not show it; null when it can. */
export function validateSecret(secret: string): string | null {
  const { scheme, key } = schemeOf(secret)
  return scheme.findFlaw(key)
}

/** The `whpk_` key that verifies what a `whsk_` secret signs; null for any other secret, which has none. */
export async function publicKeyOf(secret: string): Promise<string | null> {
  const { scheme, key } = schemeOf(secret)
  if (scheme !== ed25519Scheme) return null
  const publicKey = await ed25519PublicKey(toSeed(key))
  return `${PUBLIC_KEY_PREFIX}${publicKey.toBase64()}`
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}
