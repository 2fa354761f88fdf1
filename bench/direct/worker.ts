// The direct Worker: the least that keeps an event durably before its 202, sends it signed with the publish itself, and keeps
// what came of it. One object accepts (writes that arrive while one is under way share the next), the signed request is made
// in waitUntil, and the same object gets its outcome. No credentials, no tenants, no checks, no retries: what Hookline's way
// of an event would be at best, were the rest for free.

import type { DirectEnv, Target } from './log.ts'

export { Log } from './log.ts'

const utf8 = new TextEncoder()

/** Imported once in the life of an isolate. */
let key: Promise<CryptoKey> | null = null

function importKey(): Promise<CryptoKey> {
  const secret = utf8.encode('0123456789012345678901234567890x')
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

/** Standard Webhooks 1.0, "Signature scheme". */
async function sign(id: string, timestampSeconds: number, body: string): Promise<string> {
  key ??= importKey()
  const signed = utf8.encode(`${id}.${timestampSeconds}.${body}`)
  const mac = await crypto.subtle.sign('HMAC', await key, signed)
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`
}

async function deliver(eventId: string, body: string, { id: targetId, url }: Target) {
  const timestampSeconds = Math.floor(Date.now() / 1_000)
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': eventId,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': await sign(eventId, timestampSeconds, body),
    },
    body,
  })
  await response.arrayBuffer()
  return { eventId, targetId, status: response.status }
}

export default {
  async fetch(request, env, ctx) {
    const { type, data } = await request.json<{ type: string; data: unknown }>()
    const id = crypto.randomUUID()
    const log = env.LOGS.getByName('tenant')
    const accepted = log.accept([{ id, type, data: JSON.stringify(data) }])
    const body = JSON.stringify({ type, data })
    const send = async () => {
      const targets = await accepted
      await log.settle(await Promise.all(targets.map((target) => deliver(id, body, target))))
    }
    ctx.waitUntil(send())
    await accepted
    return Response.json({ events: [{ id, type, duplicate: false }] }, { status: 202 })
  },
} satisfies ExportedHandler<DirectEnv>
