// What is to be done about a delivery that a message brings. In: the webhook as it is now, what the log knows; out: an
// Intent. Next: attempt, or record.

import type { DeliveryState, Trigger, Webhook } from '../model.ts'
import type { DeliveryMessage } from '../ports.ts'
import { SUSPENDED_MESSAGE } from './record.ts'

export type Intent =
  /** Try it; so many attempts of its run were made. */
  | { readonly kind: 'attempt'; readonly attempts: number }
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
  /** Unix milliseconds. */
  readonly now: number
}

/** Decides about a delivery (contracts/delivery.md, "failureHandling" 1 and 3, and "Guarantees"). */
export function intentOf({ webhook, state, message, arrivals, now }: Situation): Intent {
  if (webhook === null || hasEnded(state)) return { kind: 'nothing' }
  const attempts = Math.max(state?.attempts ?? arrivals - 1 + message.attempts, message.attempts)
  const givesWay = message.standing === 'repetition' && arrivals === 1
  if (givesWay && state !== null && state.attempts > message.attempts) return { kind: 'nothing' }
  if (!webhook.enabled) {
    return { kind: 'skip', trigger: 'disabled', message: 'The webhook is disabled.' }
  }
  if (webhook.suspendedAt !== null) {
    return { kind: 'skip', trigger: 'suspended', message: SUSPENDED_MESSAGE }
  }
  const waitMs = (state?.nextAttemptAt ?? 0) - now
  if (waitMs > 0) return { kind: 'wait', delaySeconds: waitMs / 1_000 }
  return { kind: 'attempt', attempts }
}

function hasEnded(state: DeliveryState | null): boolean {
  return state !== null && state.status !== 'pending' && state.status !== 'failing'
}
