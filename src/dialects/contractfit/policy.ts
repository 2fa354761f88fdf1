// Contract.fit's failure handling.

import { NEVER_SUSPENDING } from '../../engine/attempt/failure-handling.ts'
import type { FailureHandling } from '../../engine/model/index.ts'

/**
 * "Anything besides a succes status code" is attempted again after 2^n seconds, with "a maximum of 10 attempts"
 * (docs/contracts/contractfit.md, "Failure handling"): the first and nine more, 2, 4, … 512 s apart. Suspension is not the
 * vendor's: its API could neither show nor lift one.
 */
export const policy = {
  ...NEVER_SUSPENDING,
  retry: { type: 'exponential', intervalSeconds: 2, attempts: 9 },
} satisfies FailureHandling
