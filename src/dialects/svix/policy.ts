// What happens to failed attempts of Svix's endpoints.

import { DEFAULT_FAILURE_HANDLING } from '../../engine/attempt/failure-handling.ts'
import type { FailureHandling } from '../../engine/model/index.ts'

/**
 * "Immediately, 5 seconds, 5 minutes, 30 minutes, 2 hours, 5 hours, 10 hours, 10 hours", each following the failure before it
 * (docs.svix.com/retries). What fails for five days is disabled, which is the default here, too.
 */
export const policy = {
  ...DEFAULT_FAILURE_HANDLING,
  retry: { type: 'schedule', delaysSeconds: [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000] },
} satisfies FailureHandling
