// What a run of the benchmark leaves, in results.json.

import type { Counts } from './meter/counts.ts'
import type { StateFolder } from './state-folder.ts'
import type { Spread } from './statistics.ts'

export interface Results extends Measured {
  readonly at: string
  /** The commit it was measured at; `+` when files differed from it. */
  readonly commit: string
  readonly machine: {
    readonly cores: number
    readonly storage: StateFolder['storage']
    readonly seconds: number
  }
  /** What was to be reached, and whether it was. */
  readonly verdicts: readonly Verdict[]
}

export interface Measured {
  readonly speed: Speed
  /** The calm run first. */
  readonly isolation: readonly IsolationRun[]
  readonly neighbour: NeighbourResult
  readonly readable: ReadableResult
  readonly cost: readonly Cost[]
  readonly growth: readonly Growth[]
}

export interface Cost {
  readonly what: string
  readonly events: number
  readonly deliveriesPerEvent: number
  readonly dollarsPerMillionEvents: number
  /** Times what the floor Worker costs for as many single publishes. */
  readonly timesFloor: number
  /** Messages of all queues in a batch, on average. */
  readonly messagesPerBatch: number
  readonly counts: Counts
}

/** Who is measured side by side: Hookline, and what does a part of its work (docs/benchmarks.md). */
export type Contender = 'floor' | 'bare' | 'direct' | 'hookline' | 'shaped' | 'signed' | 'former'

export interface Latency {
  readonly who: Contender
  /** Milliseconds until a publish is answered. */
  readonly answered: Spread
  /** Milliseconds from the call of publish to the receipt. */
  readonly received: Spread
}

export interface Burst extends Latency {
  readonly deliveriesPerSecond: number
  /** CPU of the whole local runtime for each delivery; null where the system does not tell. */
  readonly cpuMsPerDelivery: number | null
  /** Requests beyond one for each event and webhook. */
  readonly duplicates: number
}

export interface Speed {
  /** One publish after another. */
  readonly idle: readonly Latency[]
  readonly single: readonly Burst[]
  /** To ten webhooks. */
  readonly fanOut: readonly Burst[]
  /** Fifty events a publish. */
  readonly packs: readonly Burst[]
}

export interface Growth {
  readonly along: 'fan-out' | 'tenants' | 'webhooks that do not match' | 'payload KB'
  readonly value: number
  readonly events: number
  readonly dollarsPerMillionEvents: number
  readonly msPerDelivery: number
  readonly databaseRowsReadPerEvent: number
}

/** The healthy webhooks of a tenant, once its troubled ones were answered or given up for the first time; milliseconds. */
export interface IsolationSide {
  /** From the call of publish to the receipt. */
  readonly firstAttempts: Spread
  /** The median of the first third of the time, and of the last one. */
  readonly medianAtFirst: number
  readonly medianAtLast: number
  /** Receipts that they are owed and did not get. */
  readonly missing: number
  /** By how much retries were later than they were due. */
  readonly retriesLate: Spread
  readonly retries: number
  /** Retries that had not come when the run ended. */
  readonly retriesMissing: number
}

export interface IsolationRun {
  /** What a fifth of the webhooks do; null for the calm run. */
  readonly trouble: string | null
  /** Milliseconds from the first publish that are left out. */
  readonly settledAfterMs: number
  /** Webhooks of the same tenant, and of another one. */
  readonly within: IsolationSide
  readonly between: IsolationSide
}

export interface NeighbourResult {
  /** What the expensive tenant published, and in how many seconds that was answered. */
  readonly bytes: number
  readonly events: number
  readonly seconds: number
  /** Milliseconds from publish to receipt of the other tenant's events. */
  readonly before: Spread
  readonly beside: Spread
}

/** How often which status was answered. */
export interface ReadableResult {
  readonly events: number
  readonly afterAnswer: Readonly<Record<string, number>>
  readonly whileReceived: Readonly<Record<string, number>>
}

export interface Verdict {
  readonly what: string
  readonly measured: number
  readonly bound: 'at least' | 'at most'
  readonly limit: number
  readonly passed: boolean
  /** Whether the run fails with it; the others are the machine's as well as ours: told, and no more. */
  readonly isRequired: boolean
}
