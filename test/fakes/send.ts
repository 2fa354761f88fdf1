// Requests that reach receivers in memory, which answer as the test says, in its time.

import { MULTI_STATUS, type Outcome } from '../../src/engine/model/index.ts'
import type { CheckTarget, OutgoingRequest, Send } from '../../src/engine/ports/index.ts'
import { parseAllowedRate } from '../../src/platform/outgoing/allowed-rate.ts'
import { parseRetryAfter } from '../../src/platform/outgoing/retry-after.ts'
import type { ReceiverAnswer } from '../contracts/send.ts'

export interface MemoryReceivers {
  /** What the receiver of a request answers, once it has it. */
  readonly receive: (request: OutgoingRequest) => ReceiverAnswer
  readonly checkTarget: CheckTarget
  /** The sender's own clock, by which it reads a `Retry-After`. */
  readonly clock: () => number
  readonly wait: (ms: number) => Promise<void>
}

/** Milliseconds until an answer that comes at once. */
const AT_ONCE_MS = 20

export function createMemorySend({ receive, checkTarget, clock, wait }: MemoryReceivers): Send {
  return async (request) => {
    const refusal = checkTarget(request.url)
    if (refusal !== null) return { ...failure(null), error: refusal, durationMs: 0 }
    const answer = receive(request)
    const { status, retryAfter = null, allowedRate = null, allowedOrigin, afterMs = 0 } = answer
    const allowedPerMinute = parseAllowedRate(allowedRate)
    const isOptions = request.method === 'OPTIONS'
    const allowed = {
      ...(allowedPerMinute !== undefined && { allowedPerMinute }),
      ...(isOptions && allowedOrigin !== undefined && { allowedOrigin }),
    }
    const waitedMs = Math.min(afterMs, request.timeoutMs)
    if (waitedMs > 0) await wait(waitedMs)
    const durationMs = waitedMs || AT_ONCE_MS
    if (afterMs >= request.timeoutMs) return { ...failure(null), durationMs }
    if (status !== null && status >= 200 && status < 300) {
      const isTold = request.wantsAnswer && status === MULTI_STATUS && answer.text !== undefined
      const told = isTold && { answer: answer.text }
      return { kind: 'delivered', statusCode: status, durationMs, ...allowed, ...told }
    }
    const retryAfterSeconds = parseRetryAfter(retryAfter, clock())
    return { ...failure(status), durationMs, retryAfterSeconds, ...allowed }
  }
}

/** A request that failed, with a status or without any answer. */
export function failure(statusCode: number | null): Outcome & { readonly kind: 'failed' } {
  return {
    kind: 'failed',
    statusCode,
    durationMs: AT_ONCE_MS,
    error: 'It failed.',
    responseExcerpt: null,
    retryAfterSeconds: null,
  }
}
