// How much a tenant publishes, by day.

import { byteLength } from '../../primitives/framed-json.ts'
import { RETENTION } from '../../retention.ts'
import type { LoggedEvent } from './event.ts'

/** What was accepted on a day (UTC). */
export interface DayTotals {
  readonly events: number
  /** One for each webhook that an event matched when it was accepted. */
  readonly deliveries: number
  /** Of the events' data, of all versions, in UTF-8. */
  readonly bytes: number
  /** Of the events those with data that was not valid under its schema, of which their types only warn. */
  readonly invalid: number
}

export interface DayUsage extends DayTotals {
  /** When the day began, Unix milliseconds. */
  readonly day: number
}

/** The same with what came of deliveries on this day, whenever their events were accepted. */
export interface DayReport extends DayUsage {
  /** Attempts that delivered, and that failed. */
  readonly delivered: number
  readonly failed: number
  /** What Cloudflare bills for it, in US dollars (`PRICES`). */
  readonly dollars: number
}

export const NO_TOTALS: DayTotals = { events: 0, deliveries: 0, bytes: 0, invalid: 0 }

/** From when on usage is shown, Unix milliseconds: for as long as events are kept. */
export function usageStart(now: number): number {
  return now - RETENTION.eventSeconds * 1_000
}

/** The totals once these events are accepted, too. */
export function addEvents(totals: DayTotals, events: readonly LoggedEvent[]): DayTotals {
  return events.reduce(
    (sum, { webhookIds, data, versions = [], invalid = false }) =>
      addTotals(sum, {
        events: 1,
        deliveries: webhookIds.length,
        bytes: versions.reduce(
          (bytes, range) => bytes + byteLength(range.data ?? ''),
          byteLength(data),
        ),
        invalid: invalid ? 1 : 0,
      }),
    totals,
  )
}

export function addTotals(one: DayTotals, other: DayTotals): DayTotals {
  return {
    events: one.events + other.events,
    deliveries: one.deliveries + other.deliveries,
    bytes: one.bytes + other.bytes,
    invalid: one.invalid + other.invalid,
  }
}
