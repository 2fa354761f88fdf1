// How a webhook fares: the counts that decide suspension and lane.

import type { Lane } from './webhook.ts'

/** The counts that decide suspension and lane. `version` grows with every change of `suspendedAt` or `lane`. */
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
  readonly lane: Lane
  /** Consecutive responses that speak for the other lane. */
  readonly laneStreak: number
}

type SuspensionReason = 'failing' | 'gone'

/** What a webhook's health shows, over the last 24 h. */
export interface HealthReport {
  readonly health: Health
  readonly totals: {
    readonly delivered: number
    readonly failed: number
    readonly diverted: number
    readonly unsendable: number
  }
  /** Milliseconds; null without a delivered attempt. */
  readonly latencyMs: { readonly p50: number | null; readonly p95: number | null }
}
