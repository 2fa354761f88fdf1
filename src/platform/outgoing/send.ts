// Outgoing HTTP: one request to a receiver, and what came of it. Sends exactly the headers it is given.

import type { Outcome } from '../../engine/model/index.ts'
import { BATCH_LIMITS, MULTI_STATUS, unsent, withoutResponse } from '../../engine/model/index.ts'
import type { CheckTarget, Clock, OutgoingRequest, Send } from '../../engine/ports/index.ts'
import { DELIVERY } from '../../tuning.ts'
import { Deadline, EXPIRED } from '../deadline.ts'
import { parseAllowedRate } from './allowed-rate.ts'
import { toConnectionError } from './connection-error.ts'
import { edgeMeaning } from './edge-error.ts'
import { maskExcerpt } from './mask-excerpt.ts'
import { cancel, drain, readBounded, readExcerpt } from './response-body.ts'
import { toResponseFacts } from './response-facts.ts'
import { parseRetryAfter } from './retry-after.ts'
import { Timers } from './timers.ts'

export interface SenderOptions {
  readonly checkTarget: CheckTarget
  readonly clock: Clock
  /** Those of the invocation, or else its own. */
  readonly timers?: Timers
  /** The runtime's `fetch` unless given. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}

/**
 * A `Send`. A 2xx is delivered once its headers are here; 3xx are not followed. Never rejects, and never takes longer
 * than `timeoutMs`; `durationMs` is the time to the headers or to the failure.
 */
export function createSender({
  checkTarget,
  clock,
  timers = new Timers(),
  fetch: post = (url, init) => fetch(url, init),
}: SenderOptions): Send {
  return async (request) => {
    const refusal = checkTarget(request.url)
    if (refusal !== null) return unsent(refusal)

    const startedAt = clock()
    const elapsed = () => Math.max(0, clock() - startedAt)
    const deadline = new Deadline(request.timeoutMs, timers)
    try {
      const responding = respond(post, request, deadline.signal)
      const response = await deadline.within(responding)
      if (response === EXPIRED) {
        discard(responding)
        return withoutResponse(
          `The receiver did not respond within ${request.timeoutMs} ms.`,
          elapsed(),
        )
      }
      const received = { request, deadline, durationMs: elapsed(), now: clock() }
      const outcome = await toOutcome(response, received)
      const allowedPerMinute = parseAllowedRate(response.headers.get('webhook-allowed-rate'))
      const isOptions = request.method === 'OPTIONS'
      const allowedOrigin = isOptions && response.headers.get('webhook-allowed-origin')
      return {
        ...outcome,
        ...(allowedPerMinute !== undefined && { allowedPerMinute }),
        ...(allowedOrigin && { allowedOrigin }),
      }
    } catch (error) {
      return withoutResponse(toConnectionError(error, request.url), elapsed())
    } finally {
      deadline.clear()
    }
  }
}

const utf8 = new TextEncoder()

/** Rejects, never throws, when the request cannot even be built. */
async function respond(
  post: NonNullable<SenderOptions['fetch']>,
  { url, headers, body, method = 'POST' }: OutgoingRequest,
  signal: AbortSignal,
): Promise<Response> {
  // Thirty times as fast as handing them over in a list.
  const sent = new Headers()
  for (const [name, value] of headers) sent.append(name, value)
  const how = { method, headers: sent, redirect: 'manual', signal } as const
  // The bytes that were signed; and a text would bring a content type of its own.
  return post(url, method === 'POST' ? { ...how, body: utf8.encode(body) } : how)
}

/** A response after the deadline: nobody wants it, but its connection must be let go. */
function discard(responding: Promise<Response>): void {
  responding.then(
    (response) => cancel(response.body),
    () => {},
  )
}

interface Received {
  readonly request: OutgoingRequest
  readonly deadline: Deadline
  readonly durationMs: number
  readonly now: number
}

async function toOutcome(
  response: Response,
  { request, deadline, durationMs, now }: Received,
): Promise<Outcome> {
  const { wantsResponse, wantsAnswer } = request
  const statusCode = response.status
  if (statusCode === MULTI_STATUS && wantsAnswer) {
    deadline.pullForward(DELIVERY.drainMs)
    const reading = readBounded(response.body, BATCH_LIMITS.answerBytes)
    const answer = await deadline.within(reading).catch(() => EXPIRED)
    const read = { kind: 'delivered', statusCode, durationMs } as const
    return typeof answer === 'string' ? { ...read, answer } : read
  }
  if (response.ok) {
    if (!wantsResponse || response.body === null) {
      await drain(response, deadline)
      return { kind: 'delivered', statusCode, durationMs }
    }
    deadline.pullForward(DELIVERY.drainMs)
    const responseExcerpt = maskExcerpt(await readExcerpt(response.body, deadline), request)
    return { kind: 'delivered', statusCode, durationMs, responseExcerpt }
  }
  const excerpt = await readExcerpt(response.body, deadline)
  return {
    kind: 'failed',
    statusCode,
    durationMs,
    error: toStatusError(statusCode, excerpt),
    responseExcerpt: maskExcerpt(excerpt, request),
    retryAfterSeconds: parseRetryAfter(response.headers.get('retry-after'), now),
    responseFacts: toResponseFacts(response, request),
  }
}

function toStatusError(statusCode: number, body: string): string {
  const meaning = edgeMeaning(statusCode, body)
  const status = `The receiver responded with status ${statusCode}`
  if (meaning !== null) return `${status}, Cloudflare's for ${meaning}.`
  return isRedirect(statusCode) ? `${status}. Redirects are not followed.` : `${status}.`
}

function isRedirect(statusCode: number): boolean {
  return statusCode >= 300 && statusCode < 400
}
