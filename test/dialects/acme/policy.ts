import type { FailureHandling } from '../../../src/engine/model.ts'
import { DEFAULT_FAILURE_HANDLING } from '../../../src/engine/pipeline/failure-handling.ts'

/** Acme's guide, "Retries": three more tries, a minute apart (checked …). */
export const policy = {
  ...DEFAULT_FAILURE_HANDLING,
  retry: { type: 'linear', intervalSeconds: 60, attempts: 3 },
} satisfies FailureHandling
