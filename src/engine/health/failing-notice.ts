// Whether a webhook that keeps failing is to be told of before it is suspended. In: its Health and the end of its latest failed
// attempt; out: what to tell, and the Health that notes it. Each is told once until a success, or a resume, ends the failing.

import type { FailingNotice, Health } from '../model/index.ts'
import { suspendsAt as dueSuspension, type SuspensionRules } from './health.ts'

/** Milliseconds of failing after which it is told of for the first time; DELAY_SCALE multiplies them; ours. */
const FIRST_MS = 60 * 60 * 1_000

interface Decision {
  readonly health: Health
  /** What is to be told now, the graver one where both are due; null: nothing. */
  readonly notice: FailingNotice | null
  readonly suspendsAt: number | null
}

/**
 * What is due by `failedAt`, the end of a failed attempt: the first hour of failing, and half of the time until the suspension, once
 * enough events failed for one. Of a webhook that is suspended nothing is: that is told already.
 */
export function nextFailingNotice(
  health: Health,
  failedAt: number,
  rules: SuspensionRules,
): Decision {
  const suspendsAt = dueSuspension(health, rules)
  const { failingSince, suspendedAt, toldFailing } = health
  if (failingSince === null || suspendedAt !== null) {
    return { health, notice: null, suspendsAt }
  }
  const firstAt = failingSince + FIRST_MS * rules.delayScale
  const halfAt = suspendsAt === null ? null : (failingSince + suspendsAt) / 2
  const due: readonly FailingNotice[] = [
    ...(firstAt <= failedAt ? ['first_hour' as const] : []),
    ...(halfAt !== null && halfAt <= failedAt ? ['half_time' as const] : []),
  ]
  const untold = due.filter((one) => !toldFailing.includes(one))
  const notice = untold.at(-1) ?? null
  if (notice === null) return { health, notice, suspendsAt }
  return {
    health: { ...health, toldFailing: [...toldFailing, ...untold] },
    notice,
    suspendsAt,
  }
}
