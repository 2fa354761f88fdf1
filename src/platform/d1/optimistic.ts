// Optimistic concurrency: read, decide, write only if nobody else did meanwhile, else again after a random moment.

import { EngineError } from '../../errors.ts'
import { WEBHOOK } from '../../limits.ts'
import { D1 } from '../../tuning.ts'

/** What a write came to that another one was faster than. */
export const LOST = Symbol('lost')

/** The first result that is not LOST. Throws `unavailable` after `WEBHOOK.updateTries`. */
export async function untilWon<Result>(
  write: () => Promise<Result | typeof LOST>,
): Promise<Result> {
  for (let tries = 0; tries < WEBHOOK.updateTries; tries += 1) {
    if (tries > 0) await scheduler.wait(backoffMs(tries))
    const result = await write()
    if (result !== LOST) return result
  }
  throw new EngineError(
    'unavailable',
    'Too many requests are changing this object at the same time. Try again later.',
    {
      retryAfterSeconds: 1,
    },
  )
}

/** Random, so that those who lost together do not meet again. */
function backoffMs(tries: number): number {
  return Math.random() * Math.min(D1.updateBackoffMs * 2 ** tries, D1.maxUpdateBackoffMs)
}
