// What to do after an attempt. In: an Outcome, which attempt it was, the webhook's failure handling; out: a
// Disposition. Next: delivery/report.ts.

import { DELIVERY } from '../../tuning.ts'
import type { Disposition, FailureHandling, Outcome, RetryStrategy } from '../model/index.ts'
import { classify } from './classify.ts'

/** Statuses that ask for less, and whose `Retry-After` counts (docs/contracts/delivery.md, "Hold"). */
const RETRY_AFTER_STATUSES: readonly (number | null)[] = [429, 503]

/** Whether a status asks for less. */
export function asksForLess(statusCode: number | null): boolean {
  return RETRY_AFTER_STATUSES.includes(statusCode)
}

interface Attempted {
  readonly outcome: Outcome
  /** 1 for the first attempt of its run. */
  readonly attempt: number
  /** The same as far as it may be: it chooses the delay, within the schedule, and ends nothing. */
  readonly retryIndex?: number
  readonly failureHandling: FailureHandling
}

interface Chance {
  readonly delayScale: number
  /** In [0, 1): the place within the jitter. */
  readonly random: number
}

/** Done, retry after some seconds, divert, or drop (docs/contracts/delivery.md, "Giving up"). */
export function dispositionOf(
  { outcome, attempt, retryIndex = attempt, failureHandling }: Attempted,
  chance: Chance,
): Disposition {
  const meaning = classify(outcome, failureHandling.triggers)
  const givenUp = { kind: failureHandling.divert ? 'divert' : 'drop' } as const
  switch (meaning.kind) {
    case 'delivered':
      return { kind: 'done' }
    case 'excluded':
      return { ...givenUp, trigger: meaning.trigger, excluded: true }
    case 'gone':
      return { ...givenUp, trigger: meaning.trigger }
    case 'failed': {
      const scheduled = scheduledDelay(failureHandling.retry, attempt)
      if (scheduled === null) return { ...givenUp, trigger: meaning.trigger }
      const paced = scheduledDelay(failureHandling.retry, retryIndex) ?? scheduled
      return { kind: 'retry', delaySeconds: delaySeconds(paced, askedDelay(outcome), chance) }
    }
  }
}

/** Seconds between attempt `attempt` and the next, before scale and jitter; null when there is no next. */
export function scheduledDelay(retry: RetryStrategy | null, attempt: number): number | null {
  if (retry === null) return null
  if (retry.type === 'schedule') return retry.delaysSeconds[attempt - 1] ?? null
  if (attempt > retry.attempts) return null
  const factor = retry.type === 'exponential' ? 2 ** (attempt - 1) : 1
  return Math.min(retry.intervalSeconds * factor, DELIVERY.maxDelaySeconds)
}

/** Retries that a strategy allows after the first attempt. */
export function retriesOf(retry: RetryStrategy | null): number {
  if (retry === null) return 0
  return retry.type === 'schedule' ? retry.delaysSeconds.length : retry.attempts
}

/** Seconds for which a receiver asks to be left alone, before scale; 0 when it does not. */
export function askedDelay(outcome: Outcome): number {
  if (outcome.kind === 'delivered' || !asksForLess(outcome.statusCode)) return 0
  return Math.min(outcome.retryAfterSeconds ?? 0, DELIVERY.maxDelaySeconds)
}

/**
 * `max(scheduled, asked)`, scaled, plus up to 10 % of it, never earlier and at most 24 h. In whole seconds where there
 * are some within these bounds, because the queue would round up beyond them.
 */
function delaySeconds(scheduled: number, asked: number, { delayScale, random }: Chance): number {
  const due = Math.max(scheduled, asked) * delayScale
  const jittered = Math.min(
    due * (1 + DELIVERY.jitter * random),
    Math.max(due, DELIVERY.maxDelaySeconds),
  )
  const whole = Math.floor(jittered)
  return whole >= due ? whole : jittered
}
