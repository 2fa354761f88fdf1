// Calls that may be repeated without doing again what they do: the first one's answer is everybody's. In: a call and what it does;
// out: what it was answered, now or before.

import { EngineError } from '../../errors.ts'
import { IDEMPOTENCY } from '../../limits.ts'
import type { RepeatedAnswer, RepeatedCalls } from '../api/repeated-calls.ts'
import type { Ports } from '../ports/index.ts'

export function createRepeatedCalls({
  clock,
  idempotency,
  timer,
}: Pick<Ports, 'clock' | 'idempotency' | 'timer'>): RepeatedCalls {
  return {
    async once({ key, contentHash }, answer) {
      const claim = { key, contentHash, owner: crypto.randomUUID() }
      const givenUpAt = clock() + IDEMPOTENCY.waitMs
      let since = clock()
      for (;;) {
        const now = clock()
        since = now
        const expiresAt = now + IDEMPOTENCY.underWayMs
        const held = await idempotency.claim(claim, { now, expiresAt })
        if (held === null) break
        if (held.contentHash !== contentHash) throw otherRequest()
        if (held.answer !== null) return held.answer
        if (now >= givenUpAt) throw underWay()
        await timer(IDEMPOTENCY.lookMs).over
      }
      let given: RepeatedAnswer
      try {
        given = await answer()
      } catch (error) {
        // What failed may be tried again at once. If this fails, too, the claim ends by itself.
        await idempotency.release(claim)
        throw error
      }
      const { text, contentOf } = given
      const until = clock() + IDEMPOTENCY.rememberedSeconds * 1_000
      const about = contentOf === null ? null : { tenantId: contentOf, since }
      await idempotency.complete(claim, text, until, about)
      return text
    },
  }
}

function otherRequest(): EngineError {
  const message =
    'This Idempotency-Key was already used for a different request. Use a new key for each request, and reuse one only to retry the same request.'
  return new EngineError('idempotency_mismatch', message)
}

function underWay(): EngineError {
  const message = 'A request with this Idempotency-Key is still being processed. Try again later.'
  return new EngineError('unavailable', message, { retryAfterSeconds: 1 })
}
