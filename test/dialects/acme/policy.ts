import { NEVER_SUSPENDING } from '../../../src/engine/attempt/failure-handling.ts'
import type { FailureHandling } from '../../../src/engine/model/index.ts'

/** Acme's guide, "Retries": three more tries, a minute apart (checked …). Its API shows no suspension. */
export const policy = {
  ...NEVER_SUSPENDING,
  retry: { type: 'linear', intervalSeconds: 60, attempts: 3 },
} satisfies FailureHandling
