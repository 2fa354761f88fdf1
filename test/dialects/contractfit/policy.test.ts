// The vendor's "upcoming extensions": when an attempt is made again, and when no more.

import { describe, expect, it } from 'vitest'
import { policy } from '../../../src/dialects/contractfit/policy.ts'
import { dispositionOf } from '../../../src/engine/attempt/disposition.ts'
import type { Outcome } from '../../../src/engine/model/index.ts'
import { printedDelays } from './vendor-page.ts'

const answered = (statusCode: number | null): Outcome => ({
  kind: 'failed',
  statusCode,
  durationMs: 1,
  error: 'It failed.',
  responseExcerpt: null,
  retryAfterSeconds: null,
})
const disposed = (outcome: Outcome, attempt: number) =>
  dispositionOf({ outcome, attempt, failureHandling: policy }, { delayScale: 1, random: 0 })

describe('Contract.fit’s retries', () => {
  it.each(printedDelays.map((delaySeconds, index) => [index + 1, delaySeconds] as const))(
    'make attempt %i again after %i s',
    (attempt, delaySeconds) => {
      expect(disposed(answered(500), attempt)).toEqual({ kind: 'retry', delaySeconds })
    },
  )

  it('end with the tenth attempt, and the event is kept', () => {
    expect(disposed(answered(500), 10)).toEqual({ kind: 'divert', trigger: 500 })
  })

  const failures = [300, 301, 302, 304, 307, 400, 401, 404, 408, 410, 418, 429, 500, 502, 503, 599]

  it.each([...failures, 101, 600, 999, null])('follow on the answer %s', (statusCode) => {
    expect(disposed(answered(statusCode), 1)).toEqual({ kind: 'retry', delaySeconds: 2 })
  })

  it('do not follow on a success', () => {
    const delivered = { kind: 'delivered', statusCode: 204, durationMs: 1 } as const
    expect(disposed(delivered, 1)).toEqual({ kind: 'done' })
  })
})
