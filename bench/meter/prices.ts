// What counts come to on the price list, and what lines of the log cost beside.

import { PRICES } from '../../src/prices.ts'
import type { Counts } from './counts.ts'

const DOCS = 'https://developers.cloudflare.com'

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
export const LINES: readonly (keyof Counts & keyof typeof PRICES)[] = [
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
