// The price list of the Workers Paid plan beyond what its $5 a month include, and what counts come to on it. Read on
// 22 November 2026 in a stored copy of Cloudflare's documentation.

import type { Counts } from './counts.ts'

export interface Price {
  /** US dollars for a million. */
  readonly perMillion: number
  readonly what: string
  readonly source: string
}

const DOCS = 'https://developers.cloudflare.com'

/** A message is written, read and deleted; "an operation is counted for each 64 KB". */
const operation: Price = {
  perMillion: 0.4,
  what: 'queue operation',
  source: `${DOCS}/queues/platform/pricing/`,
}

export const PRICES: Readonly<Record<keyof Counts, Price>> = {
  requests: {
    perMillion: 0.3,
    what: 'Worker request (subrequests and service bindings are free)',
    source: `${DOCS}/workers/platform/pricing/`,
  },
  invocations: {
    perMillion: 0.3,
    // "Billing for consumers follows the Workers standard usage model meaning a developer is billed for the request and
    // for CPU time used in the request."
    what: 'batch of a queue, billed as a Worker request',
    source: `${DOCS}/queues/configuration/consumer-concurrency/#billing`,
  },
  queueWrites: operation,
  queueReads: operation,
  queueDeletes: operation,
  databaseRowsRead: {
    perMillion: 0.001,
    what: 'D1 row read',
    source: `${DOCS}/d1/platform/pricing/`,
  },
  databaseRowsWritten: {
    perMillion: 1,
    what: 'D1 row written',
    source: `${DOCS}/d1/platform/pricing/`,
  },
  objectRequests: {
    perMillion: 0.15,
    what: 'Durable Object request: every RPC call, every alarm that rings',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  objectRowsRead: {
    perMillion: 0.001,
    what: 'Durable Object row read',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  objectRowsWritten: {
    perMillion: 1,
    what: 'Durable Object row written; setting an alarm is one',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
}

/**
 * Workers Logs, from 1 December 2026 on; read on 26 November 2026 in a stored copy of the page. "Ingestion includes the event
 * body, the default enriched attributes, and custom attributes. Ingestion is pre-compression"; storage is the sum of each
 * day's most gigabytes, divided by 30. Not a line of the list above: what part of the lines is kept is the operator's choice.
 */
export const LOGS = {
  perGigabyteIngested: 0.25,
  perGigabyteMonthStored: 0.1,
  keptDays: 7,
  daysOfMonth: 30,
  /** Of every month. */
  includedGigabytes: { ingested: 50, monthStored: 12 },
  source: `${DOCS}/observability/pricing/`,
} as const

/** US dollars that logs cost for a million events, when one event comes to so many bytes of lines: to take in, and to keep. */
export function logDollarsPerMillion(bytesPerEvent: number): {
  readonly ingested: number
  readonly stored: number
} {
  const gigabytes = (bytesPerEvent * 1_000_000) / 1_000_000_000
  return {
    ingested: gigabytes * LOGS.perGigabyteIngested,
    stored: gigabytes * (LOGS.keptDays / LOGS.daysOfMonth) * LOGS.perGigabyteMonthStored,
  }
}

/** Lines of the price list, without a cast at every use. */
export const LINES: readonly (keyof Counts)[] = [
  'requests',
  'invocations',
  'queueWrites',
  'queueReads',
  'queueDeletes',
  'databaseRowsRead',
  'databaseRowsWritten',
  'objectRequests',
  'objectRowsRead',
  'objectRowsWritten',
]

/** US dollars that a million events cost when `events` of them counted this. */
export function dollarsPerMillion(counts: Counts, events: number): number {
  const dollars = LINES.reduce((sum, line) => sum + counts[line] * PRICES[line].perMillion, 0)
  return dollars / events
}
