// The contract of a dialect: one vendor's webhook API, inbound and outbound. README.md beside this file teaches
// how to write one; test/dialects/conformance.ts is the suite that every implementation runs.

import type { Hono } from 'hono'
import type { EngineErrorCode } from '../engine/errors.ts'
import type { FailureHandling } from '../engine/model.ts'
import type { Wire } from '../engine/ports.ts'
import type { SurfaceEnv } from '../http/surface.ts'

/** HTTP status and whatever word the vendor has for an engine error. Exhaustive, or it does not compile. */
export type ErrorTable<Word> = Readonly<
  Record<EngineErrorCode, readonly [status: number, word: Word]>
>

export interface Dialect {
  /** Stored with every webhook made on this surface; never changes. */
  readonly id: string
  /** The vendor's name for people. */
  readonly title: string
  /** Where `routes` is mounted: a path without a trailing slash. */
  readonly basePath: string
  /** Inbound: a complete Hono sub-app, errors and unknown paths in the vendor's shape included. */
  readonly routes: Hono<SurfaceEnv>
  /** Outbound: what a receiver gets. */
  readonly wire: Wire
  /** Outbound: failure handling of a webhook that has none of its own, as data with its source. */
  readonly policy: FailureHandling
}
