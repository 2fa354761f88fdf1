// One request to `POST /v1/events`, and what its answer means.

import type { AcceptedEvent } from './event.ts'
import { type Issue, isForGood, PublishError } from './failure.ts'
import { LONGEST_TIMER_MS } from './repeat.ts'

export interface Request {
  readonly url: URL
  readonly token: string
  /** One event, or an array of up to 1,000, as JSON. */
  readonly body: string
  readonly idempotencyKey: string
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>
}

/** The URL of the operation, of a deployment's own: `https://hooks.example.com`, with or without `/v1`. */
export function eventsUrl(base: string | URL): URL {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '')}/v1/events`
  return url
}

/** Rejects with a PublishError. */
export async function postOnce(request: Request): Promise<readonly AcceptedEvent[]> {
  const { url, token, body, idempotencyKey, timeoutMs, signal } = request
  const timeout = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_TIMER_MS))
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': idempotencyKey,
  }
  const answer = await (async () => {
    const { fetch } = request
    const response = await fetch(url, {
      ...{ method: 'POST', headers, body },
      // A key goes nowhere that it was not meant for.
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    return { response, text: await response.text() }
  })().catch((cause: unknown) => {
    const why = timeout.aborted ? `no answer within ${timeoutMs} ms` : messageOf(cause)
    throw new PublishError(`Hookline could not be reached: ${why}.`, { isRefusal: false, cause })
  })
  return readAnswer(answer.response, answer.text)
}

function readAnswer(response: Response, text: string): readonly AcceptedEvent[] {
  const { status, headers } = response
  const body = readJson(text)
  if (status === 202 && isRecord(body) && Array.isArray(body.events)) return body.events
  const problem = isRecord(body) && typeof body.code === 'string' ? body : null
  const code = problem === null ? null : String(problem.code)
  const detail = problem === null ? null : problem.detail
  const said = typeof detail === 'string' ? detail : `The answer was ${status}, not Hookline's.`
  const retryAfterSeconds = secondsOf(headers.get('retry-after'))
  throw new PublishError(said, {
    ...{ code, status, errors: issuesOf(problem), retryAfterSeconds },
    // What says when to come again is none, whatever it is. What is not Hookline's own may come from something in between, of
    // which only a 4xx is about the request.
    isRefusal: retryAfterSeconds === null && (isForGood(code) ?? !isPassing(status)),
  })
}

/** Statuses that say nothing of the request itself (RFC 9110, RFC 6585, RFC 8470). 2xx without an answer of ours may have been it. */
function isPassing(status: number): boolean {
  return status < 300 || status >= 500 || [408, 425, 429].includes(status)
}

function issuesOf(problem: Readonly<Record<string, unknown>> | null): readonly Issue[] {
  if (!Array.isArray(problem?.errors)) return []
  return problem.errors.filter(
    (one): one is Issue =>
      isRecord(one) && typeof one.path === 'string' && typeof one.message === 'string',
  )
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function secondsOf(retryAfter: string | null): number | null {
  if (retryAfter === null) return null
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter)
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? null : Math.max(0, (at - Date.now()) / 1_000)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
}
