// How many events a receiver says that it has handled. No answer to a request tells: a receiver that handles an event twice, or
// one that it refuses, answers like a right one. So where its owner gives a second URL, that is asked between the checks.

import type { Finding } from './judge.ts'

/** The first number in what the URL answers to a GET, such as `3` or `{"handled":3}`; null without one. */
export async function readCount(url: URL, timeoutMs: number): Promise<number | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    const [digits] = /\d+/.exec(await response.text()) ?? []
    return response.ok && digits !== undefined ? Number(digits) : null
  } catch {
    return null
  }
}

/** Before all checks; every other moment is after a check. */
export const BEFORE = 'before'

/** The checks after which it is counted: what is between two of them decides. */
export const COUNTED_AFTER: readonly string[] = [
  'valid',
  // The same event twice more.
  'replay',
  // What is not judged by counts: events of other types and times.
  'ten-signatures',
  'two-at-once',
  // All that is to be refused.
  'get',
]

/** What counts after the checks of these names say; a sentence where they say nothing. */
export function judgeCounts(counts: ReadonlyMap<string, number>): readonly Finding[] | string {
  const between = (from: string, to: string) => (counts.get(to) ?? NaN) - (counts.get(from) ?? NaN)
  const first = between(BEFORE, 'valid')
  if (Number.isNaN(first)) return 'the URL of --observe did not answer with a number'
  if (first === 0) return 'no valid request was counted; name a type that is handled (--type)'
  const findings: Finding[] = []
  const again = first - 1 + (between('valid', 'replay') || 0)
  const atOnce = between('ten-signatures', 'two-at-once') - 1 || 0
  if (again > 0 || atOnce > 0) {
    findings.push({
      ...{ name: 'handled-once', severity: 'risky' },
      finding: 'handles an event again when it comes again: know it by its webhook-id',
      seen: again > 0 ? `${again} times more` : `${atOnce + 1} times, of two requests at once`,
    })
  }
  const forged = between('two-at-once', 'get')
  if (forged > 0) {
    findings.push({
      ...{ name: 'handled-forged', severity: 'wrong' },
      finding: 'handles requests that it should refuse: verify before anything else',
      seen: `${forged} of them`,
    })
  }
  return findings
}
