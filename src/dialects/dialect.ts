// The contract of a dialect: one vendor's webhook API, inbound and outbound. README.md beside this file teaches
// how to write one; test/dialects/conformance.ts is the suite that every implementation runs.

import type { DialectRuntime } from '../engine/ports/index.ts'
import type { MountedSurface } from '../http/create-surface.ts'

/** The outbound half (`wire`, `policy`) is what the consumers use; the rest is for the app that mounts it. */
export interface Dialect extends DialectRuntime, MountedSurface {
  /** Stored with every webhook made on this surface; never changes. */
  readonly id: string
  /** The vendor's name for people. */
  readonly title: string
}
