// One signed request, and nothing else.

import { sign } from '../../src/engine/signing/index.ts'

const SECRETS = [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', expiresAt: null }]

export interface FloorEvent {
  readonly id: string
  readonly body: string
}

export async function deliver({ id, body }: FloorEvent, url: string): Promise<void> {
  const now = Date.now()
  const timestampSeconds = Math.floor(now / 1_000)
  const signature = await sign(SECRETS, { id, timestampSeconds, body }, now)
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signature ?? '',
    },
    body,
  })
  await response.body?.cancel()
}
