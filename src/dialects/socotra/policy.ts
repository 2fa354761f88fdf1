// What happens to a failed delivery when a webhook says nothing about it: nothing.

import type { FailureHandling } from '../../engine/model.ts'
import { DEFAULT_FAILURE_HANDLING } from '../../engine/pipeline/failure-handling.ts'

/** Webhooks feature guide, "Failure Handling": no retry, no alert, no suspension, nothing diverted (checked 2026-11-22). */
export const policy = {
  ...DEFAULT_FAILURE_HANDLING,
  triggers: ['4xx', '5xx', 'timeout'],
  retry: null,
  divert: false,
  suspend: null,
  alertUrl: null,
} satisfies FailureHandling
