// Which failure handling a webhook has: its own, or its dialect's, or the platform's.

import { DELIVERY } from '../../tuning.ts'
import type { FailureHandling, Webhook } from '../model/index.ts'
import type { DialectRuntimes } from '../ports/index.ts'

/** The platform's default (docs/contracts/delivery.md, "Failure handling"): whatever is not a 2xx in time is retried. */
export const DEFAULT_FAILURE_HANDLING: FailureHandling = {
  triggers: ['3xx', '4xx', '5xx', 'timeout'],
  retry: { type: 'schedule', delaysSeconds: DELIVERY.scheduleSeconds },
  divert: true,
  suspend: {
    afterSeconds: DELIVERY.suspendAfterSeconds,
    afterFailures: DELIVERY.suspendAfterFailures,
  },
  alertUrl: null,
  timeoutMs: DELIVERY.timeoutMs,
}

/**
 * The default for a surface whose API neither shows nor lifts a suspension (docs/contracts/delivery.md, "Suspension"): it
 * never suspends, and a 410 is a failure like any other.
 */
export const NEVER_SUSPENDING: FailureHandling = {
  ...DEFAULT_FAILURE_HANDLING,
  triggers: [...DEFAULT_FAILURE_HANDLING.triggers, 410],
  suspend: null,
}

/** The failure handling that applies to a webhook. */
export function failureHandlingOf(
  webhook: Pick<Webhook, 'failureHandling' | 'dialect'>,
  dialectRuntimes: DialectRuntimes,
): FailureHandling {
  const policy = dialectRuntimes(webhook.dialect)?.policy ?? DEFAULT_FAILURE_HANDLING
  const own = webhook.failureHandling
  if (own === null) return policy
  return neverSuspends(policy) ? withoutSuspension(own) : own
}

/** Whether the surface has no suspension, whatever is written through another one. */
function neverSuspends({ suspend, triggers }: FailureHandling): boolean {
  return suspend === null && triggers.includes(410)
}

function withoutSuspension({ triggers, ...own }: FailureHandling): FailureHandling {
  const named = triggers.includes(410) ? triggers : [...triggers, 410]
  return { ...own, triggers: named, suspend: null }
}
