// What becomes of one delivery now, whichever consumer brought it. In: what brought the delivery, its target as it is now,
// and what its monitor knows; out: an action. Next: batch.ts, which carries actions out.

import { timeOf } from '../../primitives/ids.ts'
import { INVOCATION, QUEUE } from '../../tuning.ts'
import { retriesOf } from '../attempt/disposition.ts'
import { accepts, type Target } from '../attempt/target.ts'
import { waitedOut } from '../health/pause.ts'
import type { RunState } from '../model/index.ts'
import { batchOf, hasEnded, isPaused, isPull, JOINT_RUN, rateOf } from '../model/index.ts'
import type { Role } from '../ports/index.ts'
import { later } from './backoff.ts'
import type { DeliveryTask } from './delivery-task.ts'

/**
 * How its monitor says that a delivery stands; `unknown` when it was not asked or cannot be reached; `unanswered` when it did not
 * respond in time, and may later.
 */
export type KnownState = RunState | 'unknown' | 'unanswered'

interface Deferral {
  readonly kind: 'defer'
  readonly delaySeconds: number
  /** Attempts of the run made so far. */
  readonly attempts: number
  readonly role: Role
  /** Why it must wait though it is due; null when it is not due yet, or its turn comes in another queue. */
  readonly unavailable: string | null
}

export type NextAction =
  /**
   * `attempts` of its run were made for certain. `retryIndex` may have been made; it chooses the delay of the next retry. `isRated`: its
   * request takes a permit.
   */
  | {
      readonly kind: 'attempt'
      readonly attempts: number
      readonly retryIndex: number
      readonly isRated?: true
      /** It goes with others in one request: what it is there is to be found out, and then it waits for them. */
      readonly isPart?: true
    }
  /** It comes again. */
  | Deferral
  /** It waits in its webhook's monitor: its receiver asked for a pause, or its owner, or it has a rate. `attempts` of its run were made. */
  | { readonly kind: 'hold'; readonly attempts: number }
  /** It is kept, or dropped, as its owner wants. */
  | { readonly kind: 'skip'; readonly trigger: 'disabled' | 'suspended' | 'paused' | 'rate' }
  /** Its event is under way in another run: that one makes its next attempt now, in place of this one's first. */
  | { readonly kind: 'join'; readonly isKept: boolean }
  /** It is not begun: nothing asks for it any more, or another run took it on. `isKept`: its monitor waits to hear of it. */
  | { readonly kind: 'withdraw'; readonly isKept: boolean }
  /** It ended already, or its webhook is gone, or nothing is sent to that, or another message carries it. */
  | { readonly kind: 'done' }

/** Decides about a delivery (docs/contracts/delivery.md, "Retries", "Suspension" and "Guarantees"). */
export function nextAction(task: DeliveryTask, known: KnownState, now: number): NextAction {
  const { target, run } = task
  if (target === null || isPull(target.webhook)) return { kind: 'done' }
  // A silent monitor may know that the delivery is done, so that this one waits, for up to `freshAfterAttempts` arrivals.
  const isPatient = !task.isQueued || task.arrivals < QUEUE.freshAfterAttempts
  if (known === 'unanswered' && isPatient) return untilAnswered(task)
  // Nobody sends what may have been erased without having been told that it was not.
  if (typeof known === 'string' && task.mayBeErased) return untilAnswered(task)
  const state = typeof known === 'string' ? null : known
  const isKept = state?.isKept === true
  if (task.isUnmatched && !hasBegun(task, state) && !accepts(target, task.event)) {
    const isUnclear = state === null && task.arrivals > 1
    return isUnclear ? defer(task, state, backoffOf(task)) : { kind: 'withdraw', isKept }
  }
  // The monitor told of another run of the event, so that this one has not begun: the one under way takes it on.
  if (state !== null && state.run !== run && !hasEnded(state.status)) {
    return stopOf(target) ?? { kind: 'join', isKept }
  }
  if (state !== null && hasEnded(state.status)) {
    return isKept ? { kind: 'withdraw', isKept } : { kind: 'done' }
  }
  const isBehind = state !== null && state.attempts > task.attempts
  if (isBehind && givesWay(task)) return { kind: 'done' }
  const stop = stopOf(target)
  if (stop !== null) return stop
  const waitMs = dueAt(task, state, now) - now
  if (waitMs > 0) return defer(task, state, waitMs / 1_000)
  const isWaiting = isPaused(target.webhook)
  if (isWaiting && waitedOut(task.event, now)) return { kind: 'skip', trigger: 'paused' }
  const hasRate = rateOf(target.webhook) !== null
  const isRated = hasRate || state?.isRated === true
  if (isRated && waitedOut(task.event, now)) return { kind: 'skip', trigger: 'rate' }
  const goesFirst = !task.isQueued && (target.isHeld === true || hasRate)
  const isPart = run !== JOINT_RUN && batchOf(target.webhook) !== null
  if (isPart && target.unavailableReason === null) {
    return { kind: 'attempt', ...attemptsOf(task, target, state), isPart }
  }
  if (isWaiting || state?.status === 'held' || goesFirst) {
    return { kind: 'hold', attempts: attemptsMade(task, state) }
  }
  if (target.unavailableReason !== null) {
    return defer(task, state, backoffOf(task), target.unavailableReason)
  }
  // Of the queue of its own lane, a slow receiver holds nobody up.
  if (task.lane !== 'slow' && target.webhook.lane === 'slow') return defer(task, state, 0)
  return { kind: 'attempt', ...attemptsOf(task, target, state), ...(isRated && { isRated }) }
}

/** Whether another message's progress ends this one; when it came before, the progress may be its own. */
export function givesWay({ role, arrivals }: Pick<DeliveryTask, 'role' | 'arrivals'>): boolean {
  return role === 'duplicate' && arrivals === 1
}

function hasBegun(task: DeliveryTask, state: RunState | null): boolean {
  const isKnown = state !== null && state.run === task.run && state.attempts > 0
  return isKnown || task.attempts > 0
}

/** What becomes of anything for a webhook that takes nothing now; null when it does. */
function stopOf({ webhook: { enabled, suspendedAt } }: Target): NextAction | null {
  if (!enabled) return { kind: 'skip', trigger: 'disabled' }
  return suspendedAt === null ? null : { kind: 'skip', trigger: 'suspended' }
}

/** How long it waits for what is out of reach. */
function backoffOf({ isQueued, arrivals }: DeliveryTask): number {
  return later({ attempts: isQueued ? arrivals : 1 }).delaySeconds
}

function untilAnswered(task: DeliveryTask): NextAction {
  const { isQueued, role } = task
  if (!isQueued) return defer(task, null, 0)
  // One that came before may have made progress of its own, to which a message in its place must not give way.
  const isFirm = role === 'duplicate' && !givesWay(task)
  return { ...defer(task, null, backoffOf(task)), role: isFirm ? 'watchdog' : role }
}

function defer(
  task: DeliveryTask,
  state: RunState | null,
  delaySeconds: number,
  unavailable: string | null = null,
): Deferral {
  const attempts = attemptsMade(task, state)
  return { kind: 'defer', delaySeconds, attempts, role: nextRole(task, state), unavailable }
}

/**
 * The role of the message in which a delivery comes again: that of one whose monitor is asked, because the receiver may have asked for
 * a pause by then. One that gets its first message may repeat another: if the monitor answered, the new one is a duplicate. If it did
 * not, an attempt may have been reported by a batch that died before it handed the retry over, so that it must be a watchdog.
 */
function nextRole({ isQueued }: DeliveryTask, state: RunState | null): Role {
  return isQueued || state === null ? 'watchdog' : 'duplicate'
}

/**
 * When the next attempt is due (Unix milliseconds). A message that a resend caused is due at once, until an attempt was made
 * since. Another message of the same delivery follows some seconds behind it, in case that one is lost; so does a first
 * delivery that comes again, behind the message that its first pass sent.
 */
function dueAt(task: DeliveryTask, state: RunState | null, now: number): number {
  if (state === null) return 0
  const { carrier, attempts, nextAttemptAt } = state
  const marginMs = INVOCATION.duplicateMarginSeconds * 1_000
  if (!task.isQueued && state.status === 'failing')
    return Math.max(nextAttemptAt ?? 0, now) + marginMs
  if (carrier !== null && carrier !== task.carrier) {
    return (nextAttemptAt ?? timeOf(carrier)) + marginMs
  }
  const isAsked = task.carrier !== null && attempts <= task.attempts
  return isAsked ? 0 : (nextAttemptAt ?? 0)
}

function attemptsMade(task: DeliveryTask, state: RunState | null): number {
  return Math.max(state?.attempts ?? 0, task.attempts)
}

/**
 * Attempts made so far. Without the monitor each arrival may have been one, or may not: such a count paces the retries, and
 * neither ends them nor is written down.
 */
function attemptsOf(task: DeliveryTask, { failureHandling }: Target, state: RunState | null) {
  const attempts = attemptsMade(task, state)
  const assumed = state || !task.isQueued ? attempts : task.attempts + task.arrivals - 1
  const retries = retriesOf(failureHandling.retry)
  return { attempts, retryIndex: Math.min(assumed, Math.max(attempts, retries - 1)) }
}
