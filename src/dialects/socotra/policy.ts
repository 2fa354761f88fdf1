// What happens to a failed delivery when a webhook says nothing about it: nothing.

import { DEFAULT_FAILURE_HANDLING } from '../../engine/attempt/failure-handling.ts'
import type { FailureHandling, TriggerPattern } from '../../engine/model/index.ts'

/** The vendor cannot name redirections: they are triggers where `4xx` is one. */
export function toModelTriggers(named: readonly TriggerPattern[]): readonly TriggerPattern[] {
  const others = named.filter((trigger) => trigger !== '3xx')
  return others.includes('4xx') ? ['3xx', ...others] : others
}

/** The triggers as the vendor names them. */
export function toNamedTriggers(triggers: readonly TriggerPattern[]): readonly TriggerPattern[] {
  return triggers.filter((trigger) => trigger !== '3xx')
}

/** Webhooks feature guide, "Failure Handling": no retry, no alert, no suspension, nothing diverted (checked 2026-11-22). */
export const policy = {
  ...DEFAULT_FAILURE_HANDLING,
  triggers: toModelTriggers(['4xx', '5xx', 'timeout']),
  retry: null,
  divert: false,
  suspend: null,
  alertUrl: null,
} satisfies FailureHandling
