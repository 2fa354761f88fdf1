// Signatures of Standard Webhooks 1.0, by node:crypto alone (docs/contracts/delivery.md, "Signatures"), and what receivers take for them.

import { createHmac } from 'node:crypto'

export interface Secret {
  /** As the owner has it: `whsec_…`. */
  readonly text: string
  readonly key: Buffer
}

/** What a signature is about. */
export interface Signed {
  readonly id: string
  /** Unix seconds, or whatever stands in the header. */
  readonly timestamp: string
  readonly body: string
}

/** Null for what is no `whsec_` secret of 24 to 64 bytes. */
export function readSecret(text: string): Secret | null {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? []
  if (base64 === undefined) return null
  const key = Buffer.from(base64, 'base64')
  return key.length >= 24 && key.length <= 64 ? { text: text.trim(), key } : null
}

/** An HMAC-SHA256, in base64. */
export function hmac(key: Buffer | string, content: Buffer | string): string {
  return createHmac('sha256', key).update(content).digest('base64')
}

/** The signature of a request, in base64 and without its version. */
export function signatureOf({ key }: Secret, { id, timestamp, body }: Signed): string {
  return hmac(key, `${id}.${timestamp}.${body}`)
}
