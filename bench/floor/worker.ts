// The floor: the least that accepts an event durably and delivers it signed. One queue message per publish; the consumer
// sends one signed request each and acknowledges. No tenants, no webhooks, no retries, no log: what nobody can be below.

import { sign } from '../../src/engine/signing/index.ts'

export interface FloorEnv {
  readonly EVENTS: Queue
  /** Where every event goes. */
  readonly TARGET_URL: string
}

const SECRETS = [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', expiresAt: null }]

interface FloorEvent {
  readonly id: string
  readonly body: string
}

export default {
  async fetch(request, env) {
    const event: FloorEvent = { id: crypto.randomUUID(), body: await request.text() }
    await env.EVENTS.send(event)
    return Response.json({ events: [{ id: event.id }] }, { status: 202 })
  },

  async queue(batch, env) {
    await Promise.all(
      batch.messages.map(async (message) => {
        await deliver(message.body as FloorEvent, env.TARGET_URL)
        message.ack()
      }),
    )
  },
} satisfies ExportedHandler<FloorEnv>

async function deliver({ id, body }: FloorEvent, url: string): Promise<void> {
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
