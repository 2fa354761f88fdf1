// How long anything is waited for. A component that hangs is worse than one that fails: whoever waits for it holds
// everything that waits behind.

import { EngineError } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import { aroundCalls } from '../../primitives/around-calls.ts'
import { guardEach, type Ports } from '../ports/index.ts'

/** What work came to, or null when it did not in time. */
export type Answer<T> = { readonly value: T } | null

/** A point in time after which nothing is begun any more, nor waited for. */
export interface Cutoff {
  readonly over: Promise<void>
  readonly isOver: () => boolean
}

/** Waits for work for at most `ms` milliseconds; the work itself goes on. Rejects when it does so in time. */
export async function withTimeout<T>(
  work: Promise<T>,
  ms: number,
  { timer }: Pick<Ports, 'timer'>,
  deadline?: Cutoff,
): Promise<Answer<T>> {
  const { over, stop } = timer(ms)
  const isLate = () => null
  try {
    return await Promise.race([
      work.then((value) => ({ value })),
      over.then(isLate),
      ...(deadline ? [deadline.over.then(isLate)] : []),
    ])
  } finally {
    stop()
  }
}

/**
 * The same ports, but no call of a store, queue or object is waited for longer than `ms`, nor beyond the deadline, after which none
 * is made: then it is `unavailable`.
 */
export function withTimeouts(ports: Ports, ms: number, deadline?: Cutoff): Ports {
  const unavailable = (component: string, when: string) =>
    new EngineError('unavailable', `The ${component} did not respond ${when}.`, {
      retryAfterSeconds: PUBLISH.retryAfterSeconds,
    })
  const remote = guardEach(ports, (component, port) =>
    aroundCalls(port, async (call) => {
      if (deadline?.isOver()) throw unavailable(component, 'in time')
      const answer = await withTimeout(Promise.resolve(call()), ms, ports, deadline)
      if (answer) return answer.value
      throw unavailable(component, deadline?.isOver() ? 'in time' : `within ${ms} ms`)
    }),
  )
  return { ...ports, ...remote }
}
