import type { FailureHandling } from '../../../src/engine/model.ts'
import { NEVER_SUSPENDING } from '../../../src/engine/pipeline/failure-handling.ts'

/** Acme's guide, "Retries": three more tries, a minute apart (checked …). Its API shows no suspension. */
export const policy = {
  ...NEVER_SUSPENDING,
  retry: { type: 'linear', intervalSeconds: 60, attempts: 3 },
} satisfies FailureHandling
