// What an outcome means to a webhook's triggers. In: an Outcome; out: its class. Next: dispose.

import type { Outcome, Trigger, TriggerPattern } from '../model.ts'

export type OutcomeClass =
  | { readonly kind: 'delivered' }
  /** 410: the receiver says that it is gone for good. */
  | { readonly kind: 'gone'; readonly trigger: Trigger }
  /** A trigger covers it. */
  | { readonly kind: 'failed'; readonly trigger: Trigger }
  /** No trigger covers it. */
  | { readonly kind: 'ignored'; readonly trigger: Trigger }

/** The class of an outcome under a webhook's triggers. */
export function classify(outcome: Outcome, triggers: readonly TriggerPattern[]): OutcomeClass {
  if (outcome.kind === 'delivered') return { kind: 'delivered' }
  const trigger = outcome.statusCode ?? 'timeout'
  if (isGone(outcome.statusCode, triggers)) return { kind: 'gone', trigger }
  return {
    kind: triggers.some((pattern) => covers(pattern, trigger)) ? 'failed' : 'ignored',
    trigger,
  }
}

/**
 * Whether an answer says that the receiver is gone for good (contracts/delivery.md, rule 3). Triggers that name 410 itself
 * take it for a failure like any other.
 */
export function isGone(statusCode: number | null, triggers: readonly TriggerPattern[]): boolean {
  return statusCode === 410 && !triggers.includes(410)
}

function covers(pattern: TriggerPattern, trigger: number | 'timeout'): boolean {
  if (pattern === trigger) return true
  return typeof trigger === 'number' && pattern === `${Math.floor(trigger / 100)}xx`
}
