// A receiver of Hookline's webhooks, for Node 20 or newer, without a framework. It verifies a request, stores the event, and
// answers; the work comes after the answer, because Hookline waits 15 s for one and takes a slow receiver for a sick one.

import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'

/** Longer than any event of Hookline (100 KB of JSON): nobody fills the memory with what is not verified yet. */
const MAX_BYTES = 1_000_000

/**
 * `secret`: the `whsec_…` that creating the webhook answered. `isGone`: whether to be sent nothing any more.
 *
 * @param {{ secret: string, inbox: import('./inbox.mjs').Inbox, isGone: () => boolean }} options
 */
export function createReceiver({ secret, inbox, isGone }) {
  const webhook = new Webhook(secret)

  /**
   * The status of the answer. Whatever is not a 2xx is sent again later; 410 is not: it suspends the webhook.
   *
   * @param {import('node:http').IncomingMessage} request
   */
  async function receive(request) {
    if (isGone()) return 410
    if (request.method !== 'POST') return 405
    const body = await readBody(request)
    if (body === null) return 413
    const id = String(request.headers['webhook-id'])
    try {
      // Of the bytes as they came: JSON that was parsed and written again may differ. Throws, too, for a `webhook-timestamp`
      // five minutes off, so that a request that somebody recorded is of no use; Hookline signs each attempt anew.
      webhook.verify(body, toStrings(request.headers), { jsonParse: false })
    } catch {
      return 401
    }
    // An event may come twice, when its answer was lost: with the same id, by which the inbox knows it.
    const isNew = await inbox.store(id, body)
    if (isNew) setImmediate(() => inbox.work())
    return 204
  }

  return createServer((request, response) => {
    receive(request)
      .catch((error) => {
        // Not stored, so not accepted: Hookline tries again.
        console.error(error)
        return 500
      })
      .then((status) => response.writeHead(status).end())
  })
}

/**
 * Null when it is too long.
 *
 * @param {import('node:http').IncomingMessage} request
 */
async function readBody(request) {
  const chunks = []
  let bytes = 0
  // Not destroyed when it is left early: it is still to be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
function toStrings(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
