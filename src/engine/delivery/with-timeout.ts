// How long anything is waited for. A component that hangs is worse than one that fails: whoever waits for it holds
// everything that waits behind.

import { EngineError } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import { aroundCalls } from '../../primitives/around-calls.ts'
import { guardEach, type Ports } from '../ports/index.ts'

/** What work came to, or null when it did not in time. */
export type Answer<T> = { readonly value: T } | null

/** Waits for work for at most `ms` milliseconds; the work itself goes on. Rejects when it does so in time. */
export async function withTimeout<T>(
  work: Promise<T>,
  ms: number,
  { timer }: Pick<Ports, 'timer'>,
): Promise<Answer<T>> {
  const { over, stop } = timer(ms)
  try {
    return await Promise.race([work.then((value) => ({ value })), over.then(() => null)])
  } finally {
    stop()
  }
}

/** The same ports, but no call of a store, queue or object is waited for longer than `ms`: then it is `unavailable`. */
export function withTimeouts(ports: Ports, ms: number): Ports {
  const remote = guardEach(ports, (component, port) =>
    aroundCalls(port, async (call) => {
      const answer = await withTimeout(Promise.resolve(call()), ms, ports)
      if (answer) return answer.value
      throw new EngineError('unavailable', `The ${component} did not respond within ${ms} ms.`, {
        retryAfterSeconds: PUBLISH.retryAfterSeconds,
      })
    }),
  )
  return { ...ports, ...remote }
}
