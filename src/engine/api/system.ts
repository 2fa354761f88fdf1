// How Hookline itself fares.

import type { ComponentState } from '../ports/index.ts'

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
}
