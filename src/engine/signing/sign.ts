// The `webhook-signature` header of Standard Webhooks 1.0 (docs/contracts/delivery.md, "Signatures").

import { SIGNING } from '../../limits.ts'
import type { SigningSecret } from '../model/index.ts'
import { cacheKeys } from './key-cache.ts'
import { schemeOf } from './schemes.ts'

export interface SignedContent {
  /** `webhook-id`. */
  readonly id: string
  /** `webhook-timestamp`: Unix seconds of the attempt. */
  readonly timestampSeconds: number
  /** The body exactly as it is sent. */
  readonly body: string
}

const utf8 = new TextEncoder()

const signerOf = cacheKeys(SIGNING.cachedKeys, async (secret) => {
  const { scheme, key } = schemeOf(secret)
  const signer = await scheme.toSigner(key)
  return async (message: Uint8Array) => `${scheme.version},${(await signer(message)).toBase64()}`
})

/**
 * One entry per secret that has not expired at `now` (Unix milliseconds), in the order given, separated by spaces; null
 * when none is left. Rejects on a secret that `validateSecret` refuses.
 */
export async function sign(
  secrets: readonly SigningSecret[],
  { id, timestampSeconds, body }: SignedContent,
  now: number,
): Promise<string | null> {
  const current = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
  if (current.length === 0) return null
  const message = utf8.encode(`${id}.${timestampSeconds}.${body}`)
  const entries = current.map(async ({ secret }) => (await signerOf(secret))(message))
  return (await Promise.all(entries)).join(' ')
}
