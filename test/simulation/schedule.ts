// What docs/contracts/delivery.md says follows a request, written anew: the model's own reading of failureHandling.

import type { FailureHandling } from '../../src/engine/model/index.ts'
import { type Behaviour, CLOSED_MS, STATUS } from '../fakes/world.ts'
import type { Request } from './trace.ts'

export type Next =
  | { readonly kind: 'delivered' | 'excluded' | 'gone' | 'exhausted' }
  | { readonly kind: 'retry'; readonly delayMs: number }

const DAY_SECONDS = 86_400

/** What each receiver's answer is. */
export const ANSWERS = {
  ...STATUS,
  ok: 200,
  slow: 200,
  silent: 'timeout',
  hanging: 'timeout',
} as const satisfies Record<Behaviour, number | 'timeout'>

/** What follows a request that was the `attempt`th of its run. */
export function after({ sent: { behaviour }, config, skewMs }: Request, attempt: number): Next {
  const answer = ANSWERS[behaviour]
  const { triggers, retry } = config.policy
  if (answer === 200) return { kind: 'delivered' }
  if (answer === 410 && !triggers.includes(410)) return { kind: 'gone' }
  if (!triggers.includes(answer) && !triggers.includes(classOf(answer))) return { kind: 'excluded' }
  const scheduled = delayAfter(attempt, retry)
  if (scheduled === undefined) return { kind: 'exhausted' }
  // A date is read by the isolate's clock.
  const untilOpen = Math.ceil((CLOSED_MS - skewMs) / 1_000)
  const asked = { busy: 120, closing: untilOpen, absurd: DAY_SECONDS }
  const waits = { ...asked } as Partial<Record<Behaviour, number>>
  const delaySeconds = Math.min(DAY_SECONDS, Math.max(scheduled, waits[behaviour] ?? 0))
  return { kind: 'retry', delayMs: delaySeconds * 1_000 }
}

/** Whatever is not a 2xx in time is a failure: beyond 599 one like a 5xx, below 200 no response at all. */
function classOf(answer: number | 'timeout') {
  if (answer === 'timeout' || answer < 200) return 'timeout'
  if (answer > 599) return '5xx'
  return answer < 400 ? '3xx' : answer < 500 ? '4xx' : '5xx'
}

function delayAfter(attempt: number, retry: FailureHandling['retry']): number | undefined {
  if (retry === null) return undefined
  if (retry.type === 'schedule') return retry.delaysSeconds[attempt - 1]
  if (attempt > retry.attempts) return undefined
  if (retry.type === 'linear') return retry.intervalSeconds
  return Math.min(DAY_SECONDS, retry.intervalSeconds * 2 ** (attempt - 1))
}
