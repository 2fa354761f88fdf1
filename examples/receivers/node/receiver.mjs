// A receiver in Node 20 or newer, without a package.
//   HOOKLINE_SECRET=whsec_… PORT=4000 node receiver.mjs

import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const { HOOKLINE_SECRET = '', PORT = '4000' } = process.env
const key = Buffer.from(HOOKLINE_SECRET.replace(/^whsec_/, ''), 'base64')
if (key.length === 0) throw new Error('HOOKLINE_SECRET is missing.')

const MOST_BYTES = 1_000_000
const TOLERANCE_SECONDS = 300
/** Instead of this, a table with a unique column: it outlives the process. */
const seen = new Set()

/** @param {import('node:http').IncomingHttpHeaders} headers @param {Buffer} body */
function isGenuine(headers, body) {
  const {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures,
  } = headers
  if (!id || !/^\d+$/.test(String(timestamp)) || !signatures) return false
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return false
  const right = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  return String(signatures)
    .split(' ')
    .some((entry) => {
      const given = Buffer.from(entry.startsWith('v1,') ? entry.slice(3) : '', 'base64')
      return given.length === right.length && timingSafeEqual(given, right)
    })
}

createServer(async (request, response) => {
  const answer = (/** @type {number} */ status) => response.writeHead(status).end()
  if (request.method !== 'POST') return answer(405)
  if (Number(request.headers['content-length']) > MOST_BYTES) return answer(413)
  const body = Buffer.concat(await request.toArray())
  if (!isGenuine(request.headers, body)) return answer(401)
  const id = String(request.headers['webhook-id'])
  if (!seen.has(id)) {
    // Store the event before the answer; work on it afterwards.
    seen.add(id)
    console.log(id, body.toString())
  }
  answer(204)
}).listen(Number(PORT))
