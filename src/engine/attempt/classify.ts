// What an outcome means to a webhook's triggers. In: an Outcome; out: its class. Next: disposition.

import type { Outcome, Trigger, TriggerPattern } from '../model/index.ts'

type OutcomeClass =
  | { readonly kind: 'delivered' }
  /** 410: the receiver says that it is gone for good. */
  | { readonly kind: 'gone'; readonly trigger: Trigger }
  /** A trigger covers it. */
  | { readonly kind: 'failed'; readonly trigger: Trigger }
  /** A failure all the same, which the owner's triggers leave out: it is not retried. */
  | { readonly kind: 'excluded'; readonly trigger: Trigger }

/** The class of an outcome under a webhook's triggers. */
export function classify(outcome: Outcome, triggers: readonly TriggerPattern[]): OutcomeClass {
  if (outcome.kind === 'delivered') return { kind: 'delivered' }
  const trigger = triggerOf(outcome.statusCode)
  if (isGone(outcome.statusCode, triggers)) return { kind: 'gone', trigger }
  return {
    kind: triggers.some((pattern) => covers(pattern, trigger)) ? 'failed' : 'excluded',
    trigger,
  }
}

/**
 * What a failed attempt counts as (docs/contracts/delivery.md, "What counts as delivered"): its status, or `timeout` where
 * no final response came. A status below 200 only announces one (RFC 9110, section 15.2).
 */
export function triggerOf(statusCode: number | null): number | 'timeout' {
  return statusCode === null || statusCode < 200 ? 'timeout' : statusCode
}

/**
 * Whether a response says that the receiver is gone for good (docs/contracts/delivery.md, "Suspension"). Triggers that
 * name 410 itself take it for a failure like any other.
 */
export function isGone(statusCode: number | null, triggers: readonly TriggerPattern[]): boolean {
  return statusCode === 410 && !triggers.includes(410)
}

function covers(pattern: TriggerPattern, trigger: number | 'timeout'): boolean {
  if (pattern === trigger) return true
  if (typeof trigger !== 'number') return false
  // RFC 9110, section 15: a status outside 100 to 599 is treated like a 5xx.
  return pattern === (trigger > 599 ? '5xx' : `${Math.floor(trigger / 100)}xx`)
}
