// What is to be done about a delivery that a message brings. In: the webhook as it is now, what the log knows; out: an
// Intent. Next: attempt, or report.ts.

import { timeOf } from '../../primitives/ids.ts'
import { INVOCATION } from '../../tuning.ts'
import type { RunState, Trigger, Webhook } from '../model/index.ts'
import { hasEnded } from '../model/index.ts'
import type { DeliveryMessage } from '../ports/index.ts'
import { later } from './backoff.ts'
import { DISABLED_MESSAGE, SUSPENDED_MESSAGE } from './report.ts'

export type Intent =
  /** Try it; so many attempts of its run were made for sure, and so many may have been: those choose the delay. */
  | { readonly kind: 'attempt'; readonly attempts: number; readonly retryIndex: number }
  /** Not yet due. */
  | { readonly kind: 'wait'; readonly delaySeconds: number }
  /** Keep it, or drop it, as the webhook wants. */
  | { readonly kind: 'skip'; readonly trigger: Trigger; readonly message: string }
  /** Its event is under way in another run: that one makes its next attempt now, in place of this one's first. */
  | { readonly kind: 'join' }
  /** It ended already, or its webhook is gone, or another message carries it. */
  | { readonly kind: 'nothing' }
  /** It has no cause any more, and is not begun. */
  | { readonly kind: 'withdraw' }

interface Situation {
  /** Null when it was deleted. */
  readonly webhook: Pick<Webhook, 'enabled' | 'suspendedAt'> | null
  /** Whether the event means anything to the webhook; what has begun goes on even if it does not. */
  readonly isAccepted: boolean
  /** Null when the log was not asked or cannot be reached. */
  readonly state: RunState | null
  readonly message: Pick<
    DeliveryMessage & { kind: 'deliver' },
    'run' | 'attempts' | 'standing' | 'carrier'
  >
  /** How often the message came, this time included. */
  readonly arrivals: number
  /** Retries that the webhook's policy allows. */
  readonly retries: number
  /** Unix milliseconds. */
  readonly now: number
}

/** Decides about a delivery (docs/contracts/delivery.md, "Retries", "Suspension" and "Guarantees"). */
export function intentOf(situation: Situation): Intent {
  const { webhook, isAccepted, state, message, arrivals, now } = situation
  if (webhook === null) return { kind: 'nothing' }
  if (!isAccepted && !hasBegun(situation)) {
    const isUnclear = state === null && arrivals > 1
    return isUnclear
      ? { kind: 'wait', delaySeconds: later({ attempts: arrivals }).delaySeconds }
      : { kind: 'withdraw' }
  }
  // Known of its event alone, so that its own run has not begun: one that is under way takes it on.
  const isOther = state !== null && state.run !== message.run
  if (isOther && !hasEnded(state.status)) return isStopped(webhook) ?? { kind: 'join' }
  if (state !== null && hasEnded(state.status)) return { kind: 'nothing' }
  const isBehind = state !== null && state.attempts > message.attempts
  if (isBehind && givesWay(message, arrivals)) return { kind: 'nothing' }
  const stopped = isStopped(webhook)
  if (stopped) return stopped
  const waitMs = dueAt(situation) - now
  if (waitMs > 0) return { kind: 'wait', delaySeconds: waitMs / 1_000 }
  return { kind: 'attempt', ...attemptsOf(situation) }
}

function hasBegun({ state, message }: Situation): boolean {
  const isKnown = state !== null && state.run === message.run && state.attempts > 0
  return isKnown || message.attempts > 0
}

/** What becomes of anything for a webhook that takes nothing now; null when it does. */
function isStopped({ enabled, suspendedAt }: NonNullable<Situation['webhook']>): Intent | null {
  if (!enabled) return { kind: 'skip', trigger: 'disabled', message: DISABLED_MESSAGE }
  if (suspendedAt === null) return null
  return { kind: 'skip', trigger: 'suspended', message: SUSPENDED_MESSAGE }
}

/**
 * When the next attempt is due (Unix milliseconds). For the message that somebody's wish for a resend brought that is at
 * once, until an attempt was made since. Another message of the same delivery follows some seconds behind it, for the case
 * that it is lost.
 */
function dueAt({ state, message }: Situation): number {
  if (state === null) return 0
  const { carrier, attempts, nextAttemptAt } = state
  const follows = carrier !== null && carrier !== message.carrier
  if (follows) {
    return (nextAttemptAt ?? timeOf(carrier)) + INVOCATION.repetitionMarginSeconds * 1_000
  }
  const isAsked = message.carrier !== undefined && attempts <= message.attempts
  return isAsked ? 0 : (nextAttemptAt ?? 0)
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
  return { attempts, retryIndex: Math.min(assumed, Math.max(attempts, retries - 1)) }
}
