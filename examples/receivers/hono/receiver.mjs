// A receiver with Hono, on Node, Cloudflare Workers, Bun or Deno: Web Crypto, and no other package.
//   Workers:  export default createApp(env.HOOKLINE_SECRET)
//   Node:     serve({ fetch: createApp(process.env.HOOKLINE_SECRET).fetch, port: 4000 }), with `serve` of @hono/node-server

import { Hono } from 'hono'

const TOLERANCE_SECONDS = 300
/** Instead of this, a table with a unique column: it outlives the process. */
const seen = new Set()

/** @param {string} secret */
async function importKey(secret) {
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (c) => c.charCodeAt(0))
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
}

/** @param {Awaited<ReturnType<typeof importKey>>} key @param {{ id: string, timestamp: string, signatures: string, body: Uint8Array }} request */
async function isGenuine(key, { id, timestamp, signatures, body }) {
  if (!id || !/^\d+$/.test(timestamp)) return false
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return false
  const head = new TextEncoder().encode(`${id}.${timestamp}.`)
  const signed = new Uint8Array(head.length + body.length)
  signed.set(head)
  signed.set(body, head.length)
  for (const entry of signatures.split(' ')) {
    // 32 bytes in base64, and nothing that atob would not read.
    const [, base64] = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(entry) ?? []
    if (base64 === undefined) continue
    const given = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    // Compares in constant time.
    if (await crypto.subtle.verify('HMAC', key, given, signed)) return true
  }
  return false
}

/** @param {string} secret */
export function createApp(secret) {
  const key = importKey(secret)
  return new Hono().post('*', async (c) => {
    const header = (/** @type {string} */ name) => c.req.header(name) ?? ''
    // The bytes, not c.req.json(): JSON that was parsed and written again may differ.
    const body = new Uint8Array(await c.req.arrayBuffer())
    const id = header('webhook-id')
    const request = {
      id,
      timestamp: header('webhook-timestamp'),
      signatures: header('webhook-signature'),
      body,
    }
    if (!(await isGenuine(await key, request))) return c.body(null, 401)
    if (!seen.has(id)) {
      // Store the event before the answer; work on it afterwards.
      seen.add(id)
      console.log(id, new TextDecoder().decode(body))
    }
    return c.body(null, 204)
  })
}
