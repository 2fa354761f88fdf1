// A request to whoever is listened for: the bytes and headers that Hookline made, and nothing of our own beside what HTTP asks for.

import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { describe } from '../failure.ts'
import type { PulledEvent } from '../shapes.ts'

/** Milliseconds in which the receiver must answer; ours. */
const TIMEOUT_MS = 30_000

export interface Answer {
  /** Null: there was none. */
  readonly status: number | null
  readonly ms: number
  readonly error: string | null
}

/** Never rejects. */
export async function forward(
  { headers, body, error }: Pick<PulledEvent, 'headers' | 'body' | 'error'>,
  url: URL,
  ends: AbortSignal,
): Promise<Answer> {
  if (body === null) return { status: null, ms: 0, error: error ?? 'It has no body.' }
  const begun = performance.now()
  const ms = () => Math.round(performance.now() - begun)
  try {
    const status = await post(url, headers, Buffer.from(body), ends)
    return { status, ms: ms(), error: null }
  } catch (cause) {
    return { status: null, ms: ms(), error: describe(cause) }
  }
}

function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  ends: AbortSignal,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const outgoing = open(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': body.length },
    signal: AbortSignal.any([timeout, ends]),
  })
  outgoing.on('response', (response) => {
    // All of it: the next request is sent when the receiver is done with this one.
    response.resume()
    response.on('end', () => resolve(response.statusCode ?? 0))
    response.on('error', reject)
  })
  outgoing.on('error', (error) => {
    reject(timeout.aborted ? new Error(`No answer within ${TIMEOUT_MS / 1_000} s.`) : error)
  })
  outgoing.end(body)
  return promise
}
