// What a run of the benchmark leaves, in results.json.

import type { Counts } from './meter/counts.ts'
import type { StateFolder } from './state-folder.ts'
import type { Spread } from './statistics.ts'

export interface Results {
  readonly at: string
  /** The commit it was measured at; `+` when files differed from it. */
  readonly commit: string
  readonly machine: {
    readonly cores: number
    readonly storage: StateFolder['storage']
    readonly seconds: number
  }
  readonly cost: readonly Cost[]
  readonly speed: Speed
  readonly isolation: IsolationResult
  readonly growth: readonly Growth[]
  /** What was to be reached, and whether it was. */
  readonly verdicts: readonly Verdict[]
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

export interface Throughput {
  readonly eventsPerSecond: number
  /** CPU of the local runtime for each delivery; null where the system does not tell. */
  readonly cpuMsPerDelivery: number | null
}

export interface Latency {
  /** Milliseconds until a publish is answered. */
  readonly answered: Spread
  /** Milliseconds from the call of publish to the receipt. */
  readonly received: Spread
}

/** Who is measured side by side: what nobody can be below, what the design would be at best, and what there is. */
export type Contender = 'floor' | 'bare' | 'hookline'

export interface Comparison extends Readonly<Record<Contender, Latency>> {
  /** Median from publish to receipt, times the floor Worker's. */
  readonly receivedTimesFloor: Readonly<Record<Exclude<Contender, 'floor'>, number>>
}

/** Single publishes and those of fifty. */
export interface Paces {
  readonly single: Throughput
  readonly packs: Throughput
  /** Events per second, times those of the floor Worker's single publishes. */
  readonly singleTimesFloor: number
  readonly packsTimesFloor: number
}

export interface Speed {
  readonly throughput: {
    readonly floor: Throughput
    readonly bare: Paces
    readonly hookline: Paces
  }
  readonly idle: Comparison
  readonly loaded: Comparison & { readonly publishesPerSecond: number }
}

export interface Growth {
  readonly along: 'fan-out' | 'tenants' | 'webhooks that do not match' | 'payload KB'
  readonly value: number
  readonly events: number
  readonly dollarsPerMillionEvents: number
  readonly msPerDelivery: number
  readonly databaseRowsReadPerEvent: number
}

export interface IsolationRun {
  /** Milliseconds from the call of publish to the receipt, at healthy webhooks. */
  readonly received: Spread
  /** 99th percentile of events published after the first five seconds. */
  readonly settledP99: number
  /** Receipts that healthy webhooks are owed and did not get. */
  readonly missing: number
  /** Milliseconds by which retries were later than they were due, at most. */
  readonly retryLateMax: number
  readonly retries: number
  /** Retries that had not come when the round ended. */
  readonly retriesMissing: number
}

export interface Verdict {
  readonly what: string
  readonly measured: number
  readonly bound: 'at least' | 'at most'
  readonly limit: number
  readonly passed: boolean
  /** What the bare Worker comes to, where it is measured. */
  readonly bare?: number
}

export interface IsolationResult {
  readonly calm: IsolationRun
  readonly troubled: IsolationRun
}
