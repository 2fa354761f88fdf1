// Repeating what failed: how often, after what pause. That it is harmless is up to whoever calls: the same keys each time.

import { PublishError } from './failure.ts'

export interface Repetition {
  /** Tries in all; 1: none is repeated. */
  readonly tries: number
  /** Milliseconds before the second try; doubled before each later one, and drawn from the upper half of that. */
  readonly firstPauseMs: number
  /** The longest pause, also of those that Hookline asks for. */
  readonly longestPauseMs: number
  readonly signal: AbortSignal | undefined
}

/** Does it until it succeeds. Rejects with the first refusal, with the last failure, or when the signal is aborted. */
export async function repeat<T>(
  attempt: () => Promise<T>,
  { tries, firstPauseMs, longestPauseMs, signal }: Repetition,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    signal?.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      // Aborted by the caller: its reason, not what the abort looks like from here.
      signal?.throwIfAborted()
      if (!(error instanceof PublishError) || error.isRefusal || number >= tries) throw error
      const own = firstPauseMs * 2 ** (number - 1) * (0.5 + Math.random() / 2)
      const asked = (error.retryAfterSeconds ?? 0) * 1_000
      await pause(Math.min(Math.max(own, asked), longestPauseMs), signal)
    }
  }
}

/** Milliseconds of the longest timer, some 25 days: of a longer one runtimes make one of a millisecond, or an error. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let left = ms
  for (; left > LONGEST_TIMER_MS; left -= LONGEST_TIMER_MS) await rest(LONGEST_TIMER_MS, signal)
  await rest(left, signal)
}

function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
