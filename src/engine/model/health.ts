// How a webhook fares: the counts that decide suspension and lane.

import type { Batching } from './batching.ts'
import type { OrderBacklog, Ordering } from './order.ts'
import type { AllowedRate, Throttle } from './rate.ts'
import type { Lane, Pause } from './webhook.ts'

/** The counts that decide suspension and lane. `version` grows with every change of `MonitorState`. */
export interface Health {
  readonly version: number
  readonly consecutiveFailures: number
  /** Start of the first failed attempt since the last success. */
  readonly failingSince: number | null
  /** Distinct events that failed at least once since the last success. */
  readonly failedEvents: number
  /** Distinct events whose retries ended since the last success. */
  readonly exhaustedEvents: number
  readonly lastSuccessAt: number | null
  readonly suspendedAt: number | null
  readonly suspendedReason: SuspensionReason | null
  /** What was told of the present failing before a suspension. */
  readonly toldFailing: readonly FailingNotice[]
  readonly lane: Lane
  /** Consecutive responses that speak for the other lane. */
  readonly laneStreak: number
  /** Null: the last attempt was answered, however. */
  readonly silence: Silence | null
  /** Null while its events are sent as they come. */
  readonly hold: Hold | null
  /** The last one that it was told of; null: of none. */
  readonly pause: Pause | null
  /** The last one that it was told of; absent: of none. */
  readonly throttle?: Throttle | undefined
  /** The last one that it was told of; absent: of none. */
  readonly ordering?: Ordering | undefined
  /** The last one that it was told of; absent: of none. */
  readonly batching?: Batching | undefined
  /** What its receiver asked for; absent: nothing, or not lately. */
  readonly allowed?: AllowedRate | undefined
}

/** Attempts in a row that nobody answered: refused connections, broken ones, and those of which the time was over. */
export interface Silence {
  /** Start of the first of those that are counted, Unix milliseconds. */
  readonly since: number
  readonly attempts: number
}

/**
 * A receiver is left alone for a while: its events wait in the webhook's monitor, and are sent after that at a pace that it keeps up
 * with.
 */
export interface Hold {
  readonly reason: (typeof HOLD_REASONS)[number]
  /** When there was reason for it for the first and for the last time, Unix milliseconds. */
  readonly since: number
  readonly askedAt: number
  /** When the pause is over. */
  readonly until: number
  /** Deliveries that may be under way at a time once it is. */
  readonly pace: number
  /** It took something that was sent after there was reason for the last time. */
  readonly isAnswering: boolean
}

/** It asked for that (`Retry-After` of a 429 or 503), or answers nothing, or is not to get all at once that waited for another reason. */
export const HOLD_REASONS = ['asked', 'no_answer', 'catching_up'] as const

/** Why a webhook that fails is told of: it has failed for an hour, or for half of the time that suspends it. */
export type FailingNotice = 'first_hour' | 'half_time'

type SuspensionReason = 'failing' | 'gone'

/** What a webhook's health shows, over the last 24 h. */
export interface HealthReport {
  readonly health: Health
  /** Deliveries that wait because of its hold, its pause, its rate or its batch, those that were sent and have no answer included. */
  readonly waiting: number
  /** Of these, what was sent and has no answer. */
  readonly underWay: number
  /** Of these, what waits for others of its batch. */
  readonly forOthers: number
  readonly order: OrderBacklog
  readonly totals: {
    readonly delivered: number
    readonly failed: number
    readonly diverted: number
    readonly unsendable: number
  }
  /** Milliseconds; null without a delivered attempt. */
  readonly latencyMs: { readonly p50: number | null; readonly p95: number | null }
}
