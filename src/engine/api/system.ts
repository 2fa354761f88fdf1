// How Hookline itself fares.

import type { Activity, Header, PublicJwk } from '../model/index.ts'
import type { ComponentState, Population } from '../ports/index.ts'

/** `degraded`: some component cannot be reached or used. */
export type SystemHealth = 'ok' | 'degraded'

export interface SystemStatus {
  readonly health: SystemHealth
  readonly components: readonly ComponentState[]
  /** Age of the oldest message that waits in a queue; null when none waits or the platform does not tell. */
  readonly oldestUndeliveredMs: number | null
}

/** How Hookline itself fares. */
export interface System {
  /** From a look that may be 5 s old, so that asking often costs nothing. */
  health(): Promise<SystemHealth>
  /** From a look of its own. */
  status(): Promise<SystemStatus>
  /** What all tenants' objects have told, how many there are of what, and what waits. */
  metrics(): Promise<SystemMetrics>
  /** The same of today, for who looks at all tenants. */
  summary(): Promise<SystemSummary>
  /** What verifies the HTTP signatures of this deployment, those that sign first; throws `not_found` where it has none. */
  publicKeys(): Promise<readonly PublicJwk[]>
  /** The headers that bind these keys to the authority that was asked for them. */
  signDirectory(authority: string): Promise<readonly Header[]>
}

export interface SystemSummary {
  /** What was told of the present day (UTC). */
  readonly today: Activity
  readonly population: Population
  /** As `SystemStatus` has it. */
  readonly oldestUndeliveredMs: number | null
}

export interface SystemMetrics {
  /** Since the deployment began to count. */
  readonly total: Activity
  readonly population: Population
  readonly components: readonly ComponentState[]
  /** Jobs of the deployment that run. */
  readonly deploymentJobs: number
}
