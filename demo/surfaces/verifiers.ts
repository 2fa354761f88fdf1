// How receivers know a sender. Standard Webhooks signatures: HMAC with the `standardwebhooks` package; that package does not
// know Ed25519, so Node's own crypto verifies those. Vendors' own: an HMAC of the body in hex, or a token.

import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { Proof, ReceivedRequest } from '../receiver.ts'

type Verifier = (request: ReceivedRequest) => Proof

/** For a `whsec_` secret. */
export function hmacVerifier(secret: string): Verifier {
  const webhook = new Webhook(secret)
  return (request) =>
    check(request, 'standardwebhooks', () => {
      webhook.verify(request.body, { ...request.headers })
    })
}

/** For a `whsk_` secret, of which a receiver needs the last 32 bytes only: the public key. */
export function ed25519Verifier(secret: string): Verifier {
  const publicKey = Buffer.from(secret.replace(/^whsk_/, ''), 'base64').subarray(32)
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
    format: 'jwk',
  })
  return (request) =>
    check(request, 'Ed25519', () => {
      const { 'webhook-id': id, 'webhook-timestamp': timestamp } = request.headers
      const signatures = (request.headers['webhook-signature'] ?? '').split(' ')
      const message = Buffer.from(`${id}.${timestamp}.${request.body}`)
      const isGenuine = signatures.some((entry) => {
        const [version, signature = ''] = entry.split(',')
        return version === 'v1a' && verify(null, message, key, Buffer.from(signature, 'base64'))
      })
      if (!isGenuine) throw new Error('No matching signature found')
    })
}

/** For a header with the hex HMAC-SHA256 of the body, after `prefix`. */
export function hexHmacVerifier(secret: string, name: string, prefix = ''): Verifier {
  return ({ headers, body }) => {
    const header = headers[name] ?? 'no signature'
    const expected = Buffer.from(prefix + createHmac('sha256', secret).update(body).digest('hex'))
    const given = Buffer.from(header)
    const isGenuine = given.length === expected.length && timingSafeEqual(given, expected)
    return { header, isGenuine, by: 'HMAC-SHA256 hex' }
  }
}

/** For a header whose value was registered. */
export function tokenVerifier(name: string, token: string): Verifier {
  return ({ headers }) => {
    const header = headers[name] ?? 'no token'
    return { header, isGenuine: header === token, by: 'as registered' }
  }
}

function check(request: ReceivedRequest, by: string, verifyIt: () => void): Proof {
  const header = request.headers['webhook-signature'] ?? 'no signature'
  try {
    verifyIt()
    return { header, isGenuine: true, by }
  } catch (error) {
    return { header, isGenuine: false, by: `${by}: ${String(error)}` }
  }
}
