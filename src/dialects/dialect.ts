// The contract of a dialect: one vendor's webhook API, inbound and outbound. README.md beside this file teaches
// how to write one; test/dialects/conformance.ts is the suite that every implementation runs.

import type { Hono } from 'hono'
import type { DialectRuntime } from '../engine/ports/index.ts'
import type { SurfaceEnv } from '../http/surface.ts'

/** The outbound half (`wire`, `policy`) is what the consumers use; the rest is for the app that mounts it. */
export interface Dialect extends DialectRuntime {
  /** Stored with every webhook made on this surface; never changes. */
  readonly id: string
  /** The vendor's name for people. */
  readonly title: string
  /** Where `routes` is mounted: a path without a trailing slash. */
  readonly basePath: string
  /** Inbound: a complete Hono sub-app from `createSurface`, errors and unknown paths in the vendor's shape included. */
  readonly routes: Hono<SurfaceEnv>
}
