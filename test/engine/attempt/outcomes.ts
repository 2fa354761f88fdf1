// Outcomes and failure handlings that tables start from.

import type { FailureHandling, Outcome } from '../../../src/engine/model/index.ts'

type Failed = Extract<Outcome, { kind: 'failed' }>

export const delivered: Outcome = { kind: 'delivered', statusCode: 200, durationMs: 10 }

/** An answer with this status, or none for null. */
export function failed(statusCode: number | null, fields: Partial<Failed> = {}): Outcome {
  return {
    kind: 'failed',
    statusCode,
    durationMs: 10,
    error: 'It failed.',
    responseExcerpt: null,
    retryAfterSeconds: null,
    ...fields,
  }
}

/** The platform's default with a short schedule. */
export const handling: FailureHandling = {
  triggers: ['3xx', '4xx', '5xx', 'timeout'],
  retry: { type: 'schedule', delaysSeconds: [5, 300] },
  divert: true,
  suspend: { afterSeconds: 432_000, afterFailures: 10 },
  alertUrl: null,
  timeoutMs: 15_000,
}
