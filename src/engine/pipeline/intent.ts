// What is to be done about a delivery that a message brings. In: the webhook as it is now, what the log knows; out: an
// Intent. Next: attempt, or record.

import type { DeliveryState, Trigger, Webhook } from '../model.ts'
import type { DeliveryMessage } from '../ports.ts'
import { DISABLED_MESSAGE, SUSPENDED_MESSAGE } from './record.ts'

export type Intent =
  /** Try it; so many attempts of its run were made for sure, and so many may have been: they pace the next retry. */
  | { readonly kind: 'attempt'; readonly attempts: number; readonly pace: number }
  /** Not yet due. */
  | { readonly kind: 'wait'; readonly delaySeconds: number }
  /** Keep it, or drop it, as the webhook wants. */
  | { readonly kind: 'skip'; readonly trigger: Trigger; readonly message: string }
  /** It ended already, or its webhook is gone, or another message carries it. */
  | { readonly kind: 'nothing' }

interface Situation {
  /** Null when it was deleted. */
  readonly webhook: Pick<Webhook, 'enabled' | 'suspendedAt'> | null
  /** Null when the log was not asked or cannot be reached. */
  readonly state: DeliveryState | null
  readonly message: Pick<DeliveryMessage & { kind: 'deliver' }, 'attempts' | 'standing'>
  /** How often the message came, this time included. */
  readonly arrivals: number
  /** Retries that the webhook's policy allows. */
  readonly retries: number
  /** Unix milliseconds. */
  readonly now: number
}

/** Decides about a delivery (contracts/delivery.md, "failureHandling" 1 and 3, and "Guarantees"). */
export function intentOf(situation: Situation): Intent {
  const { webhook, state, message, arrivals, now } = situation
  if (webhook === null || hasEnded(state)) return { kind: 'nothing' }
  const isBehind = state !== null && state.attempts > message.attempts
  if (isBehind && givesWay(message, arrivals)) return { kind: 'nothing' }
  if (!webhook.enabled) {
    return { kind: 'skip', trigger: 'disabled', message: DISABLED_MESSAGE }
  }
  if (webhook.suspendedAt !== null) {
    return { kind: 'skip', trigger: 'suspended', message: SUSPENDED_MESSAGE }
  }
  const waitMs = (state?.nextAttemptAt ?? 0) - now
  if (waitMs > 0) return { kind: 'wait', delaySeconds: waitMs / 1_000 }
  return { kind: 'attempt', ...attemptsOf(situation) }
}

/** Whether another message's progress ends this one; when it came before, the progress may be its own. */
export function givesWay({ standing }: Pick<Situation['message'], 'standing'>, arrivals: number) {
  return standing === 'repetition' && arrivals === 1
}

/**
 * Attempts made so far. Without the log each arrival may have been one, or may not: such a count paces the retries, and
 * neither ends them nor is written down.
 */
function attemptsOf({ state, message, arrivals, retries }: Situation) {
  const attempts = Math.max(state?.attempts ?? 0, message.attempts)
  const assumed = state ? attempts : message.attempts + arrivals - 1
  return { attempts, pace: Math.min(assumed, Math.max(attempts, retries - 1)) }
}

function hasEnded(state: DeliveryState | null): boolean {
  return state !== null && state.status !== 'pending' && state.status !== 'failing'
}
