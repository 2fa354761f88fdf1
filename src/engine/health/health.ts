// How a webhook fares. In: its Health and what was observed; out: the next Health, suspension and lane included.

import { LANE } from '../../tuning.ts'
import {
  batchOf,
  type FailureHandling,
  type Health,
  type Hold,
  isPaused,
  rateOf,
} from '../model/index.ts'
import type { MonitorState } from '../ports/index.ts'

/** The health of a webhook that nothing was sent to yet. */
export const INITIAL_HEALTH: Health = {
  version: 0,
  consecutiveFailures: 0,
  failingSince: null,
  failedEvents: 0,
  exhaustedEvents: 0,
  lastSuccessAt: null,
  suspendedAt: null,
  suspendedReason: null,
  toldFailing: [],
  lane: 'fast',
  laneStreak: 0,
  silence: null,
  hold: null,
  pause: null,
}

/** What one attempt tells about its webhook. */
export interface Observation {
  /** `gone`: 410, where that is not a failure like any other. */
  readonly kind: 'delivered' | 'failed' | 'gone'
  /** Start of the attempt, Unix milliseconds. */
  readonly at: number
  readonly durationMs: number
  /** The event did not fail before since the last success. */
  readonly firstFailure: boolean
  /** No retry follows, and the event was not exhausted before since the last success. */
  readonly firstExhaustion: boolean
}

export interface SuspensionRules {
  readonly suspend: FailureHandling['suspend']
  readonly delayScale: number
}

/**
 * Whether a success changes more than the time of the last one: while failures are counted, a lane is about to change, or it is on hold, paused or has a rate. A
 * webhook that is not troubled need not have its successes told to its monitor, unless they are slow (`isSlow`).
 */
function isTroubled(health: Health): boolean {
  const { consecutiveFailures, failingSince, failedEvents, exhaustedEvents } = health
  const counts = consecutiveFailures > 0 || failedEvents > 0 || exhaustedEvents > 0
  if (waits(health)) return true
  return counts || failingSince !== null || health.lane === 'slow' || health.laneStreak > 0
}

/** Whether what comes for it waits in its monitor. */
export function waits(health: Pick<Health, 'hold' | 'pause' | 'throttle' | 'allowed'>): boolean {
  return health.hold !== null || isPaused(health) || isRated(health)
}

/** Whether something may wait for it though nobody has anything against it. */
export function mayWait(health: Pick<Health, 'throttle' | 'allowed' | 'batching'>): boolean {
  return isRated(health) || batchOf(health) !== null
}

/** Whether its requests take permits (rate.ts). */
export function isRated(health: Pick<Health, 'throttle' | 'allowed'>): boolean {
  return rateOf(health) !== null || health.allowed !== undefined
}

/** What others are told of it. */
export function toMonitorState(health: Health): MonitorState {
  const { version, suspendedAt, lane } = health
  return { version, suspendedAt, lane, isTroubled: isTroubled(health), isHeld: waits(health) }
}

/** Whether a response speaks for the slow lane. */
export function isSlow({ durationMs }: { readonly durationMs: number }): boolean {
  return durationMs >= LANE.slowMs
}

/** Health after an observation. `version` grows with `suspendedAt`, `lane` and whether it is troubled. */
export function nextHealth(health: Health, seen: Observation, rules: SuspensionRules): Health {
  const counted = nextCounts(health, seen)
  const moved = nextLane(counted, seen)
  const next = nextSuspension(moved, seen, rules)
  const changed =
    next.suspendedAt !== health.suspendedAt ||
    next.lane !== health.lane ||
    isTroubled(next) !== isTroubled(health)
  return changed ? { ...next, version: health.version + 1 } : next
}

/** Health with another hold. `version` grows when it begins and when it ends. */
export function withHold(health: Health, hold: Hold | null): Health {
  if (hold === health.hold) return health
  const isOther = (hold === null) !== (health.hold === null)
  return { ...health, hold, version: health.version + (isOther ? 1 : 0) }
}

function nextCounts(health: Health, seen: Observation): Health {
  if (seen.kind === 'delivered') {
    return {
      ...health,
      consecutiveFailures: 0,
      failingSince: null,
      failedEvents: 0,
      exhaustedEvents: 0,
      toldFailing: [],
      lastSuccessAt: Math.max(health.lastSuccessAt ?? 0, seen.at + seen.durationMs),
    }
  }
  return {
    ...health,
    consecutiveFailures: health.consecutiveFailures + 1,
    failingSince: Math.min(health.failingSince ?? seen.at, seen.at),
    failedEvents: health.failedEvents + (seen.firstFailure ? 1 : 0),
    exhaustedEvents: health.exhaustedEvents + (seen.firstExhaustion ? 1 : 0),
  }
}

/**
 * A webhook leaves its lane after enough consecutive responses that speak for the other one. What fails at once holds nobody up: one
 * that refuses some events, or all, stays where it is.
 */
function nextLane(health: Health, seen: Observation): Health {
  const good = !isSlow(seen)
  if (good === (health.lane === 'fast')) return { ...health, laneStreak: 0 }
  const laneStreak = health.laneStreak + 1
  const enough = health.lane === 'fast' ? LANE.slowAfter : LANE.fastAfter
  if (laneStreak < enough) return { ...health, laneStreak }
  return { ...health, lane: health.lane === 'fast' ? 'slow' : 'fast', laneStreak: 0 }
}

/**
 * Health after an attempt that outlasted a whole batch: such a webhook leaves the fast lane at once, because each
 * further batch with it would hold its slot to the end.
 */
export function unansweredHealth(health: Health): Health {
  if (health.lane === 'slow') return { ...health, laneStreak: 0 }
  return { ...health, lane: 'slow', laneStreak: 0, version: health.version + 1 }
}

function nextSuspension(health: Health, seen: Observation, rules: SuspensionRules): Health {
  if (health.suspendedAt !== null || seen.kind === 'delivered') return health
  const endedAt = seen.at + seen.durationMs
  if (seen.kind === 'gone') return { ...health, suspendedAt: endedAt, suspendedReason: 'gone' }
  const due = suspendsAt(health, rules)
  if (due === null || due > endedAt) return health
  return { ...health, suspendedAt: endedAt, suspendedReason: 'failing' }
}

/**
 * When the present failures suspend the webhook if no success comes (Unix milliseconds); null while too few events
 * failed. An event counts once it failed; with `afterSeconds` 0, where the first failure would do at once, only
 * once its retries ended (docs/contracts/delivery.md, "Suspension").
 */
export function suspendsAt(
  health: Pick<Health, 'failingSince' | 'failedEvents' | 'exhaustedEvents'>,
  { suspend, delayScale }: SuspensionRules,
): number | null {
  if (suspend === null || health.failingSince === null) return null
  const events = suspend.afterSeconds === 0 ? health.exhaustedEvents : health.failedEvents
  if (events < suspend.afterFailures) return null
  return health.failingSince + suspend.afterSeconds * 1_000 * delayScale
}

/** Health after an owner lifted the suspension: failures count from zero, in the lane it had. */
export function resumedHealth(health: Health): Health {
  return {
    ...health,
    version: health.version + 1,
    consecutiveFailures: 0,
    failingSince: null,
    failedEvents: 0,
    exhaustedEvents: 0,
    suspendedAt: null,
    suspendedReason: null,
    toldFailing: [],
    silence: null,
  }
}
