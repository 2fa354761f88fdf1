// A receiver as a route handler of Next.js 13.4 or newer, at /webhooks; without another package.
//   HOOKLINE_SECRET=whsec_… npx next start -p 4000

import { createHmac, timingSafeEqual } from 'node:crypto'

export const runtime = 'nodejs'
export const dynamic = 'force-dynamic'

const TOLERANCE_SECONDS = 300
/** Instead of this, a table with a unique column: it outlives the process, and several share it. */
const seen = new Set()

/** @param {Headers} headers @param {Buffer} body */
function isGenuine(headers, body) {
  const key = Buffer.from((process.env.HOOKLINE_SECRET ?? '').replace(/^whsec_/, ''), 'base64')
  if (key.length === 0) throw new Error('HOOKLINE_SECRET is missing.')
  const id = headers.get('webhook-id')
  const timestamp = headers.get('webhook-timestamp') ?? ''
  if (!id || !/^\d+$/.test(timestamp)) return false
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return false
  const right = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  return (headers.get('webhook-signature') ?? '').split(' ').some((entry) => {
    const given = Buffer.from(entry.startsWith('v1,') ? entry.slice(3) : '', 'base64')
    return given.length === right.length && timingSafeEqual(given, right)
  })
}

/** @param {Request} request */
export async function POST(request) {
  // The bytes, not request.json(): JSON that was parsed and written again may differ.
  const body = Buffer.from(await request.arrayBuffer())
  if (!isGenuine(request.headers, body)) return new Response(null, { status: 401 })
  const id = String(request.headers.get('webhook-id'))
  if (!seen.has(id)) {
    // Store the event before the answer; work on it afterwards.
    seen.add(id)
    console.log(id, body.toString())
  }
  return new Response(null, { status: 204 })
}
