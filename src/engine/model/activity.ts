// What came of a tenant's events, by hour: sums that each object counts of what it keeps, and hands over.

import { PRICES } from '../../prices.ts'
import { DAY_MS, HOUR_MS, startOfDay, startOfHour } from '../../primitives/time.ts'

/** Upper ends of the classes of durations, in milliseconds, as Prometheus counts them; a last class has what is longer. */
export const LATENCY_BOUNDS_MS = [
  25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000,
] as const

/** Sums of what happened. */
export interface Activity {
  /** Events that were accepted. */
  readonly events: number
  /** Of their data, in UTF-8. */
  readonly bytes: number
  /** Attempts that delivered. */
  readonly delivered: number
  readonly failed: number
  /** Deliveries that were given up. */
  readonly diverted: number
  /** What Cloudflare bills for it, in millionths of a US dollar (`PRICES`). */
  readonly microdollars: number
  /** Milliseconds that the delivered attempts took together. */
  readonly latencyMs: number
  /** Of these attempts how many took how long: one for each of `LATENCY_BOUNDS_MS`, and those beyond. */
  readonly latencies: readonly number[]
}

export interface HourActivity extends Activity {
  /** When the hour began, Unix milliseconds. */
  readonly hour: number
}

/** How many webhooks of a tenant are not as they should be. */
export interface Standing {
  readonly failing: number
  readonly held: number
  /** Of these the one that has been so for the longest time; null: none is. */
  readonly longest: string | null
}

/** What an event log knows of some days, and how webhooks stand. */
export interface LogActivity {
  readonly days: readonly DayActivity[]
  readonly standing: Standing
}

/** What a tenant did in the last hours, oldest first, and how its webhooks stand. */
export interface ActivityNow extends Omit<Standing, 'longest'> {
  /** When the oldest event was accepted that `longest` waits for, Unix milliseconds; null: for none. */
  readonly oldestUndeliveredAt: number | null
  readonly hours: readonly HourActivity[]
  /** The sums of the present day (UTC). */
  readonly today: Activity
}

/** Of a source what happened on a day: the hours of it in which something did, oldest first. */
export interface DayActivity {
  /** When the day (UTC) began, Unix milliseconds. */
  readonly day: number
  /** Who counted it: a shard of the event log (`LOG_SOURCE` and its id), or the monitor of a webhook, by the webhook's id. */
  readonly source: string
  readonly hours: readonly HourActivity[]
}

/** Hours that are shown. */
const HOURS = 24

/** How the sources begin that are event logs. */
export const LOG_SOURCE = 'log:'

export const NO_ACTIVITY: Activity = {
  ...{ events: 0, bytes: 0, delivered: 0, failed: 0, diverted: 0, microdollars: 0, latencyMs: 0 },
  latencies: Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0),
}

export function addActivity(one: Activity, other: Partial<Activity>): Activity {
  const sum = (of: Exclude<keyof Activity, 'latencies'>) => one[of] + (other[of] ?? 0)
  return {
    events: sum('events'),
    bytes: sum('bytes'),
    delivered: sum('delivered'),
    failed: sum('failed'),
    diverted: sum('diverted'),
    microdollars: sum('microdollars'),
    latencyMs: sum('latencyMs'),
    latencies: one.latencies.map((count, index) => count + (other.latencies?.[index] ?? 0)),
  }
}

/** One delivered attempt that took so many milliseconds, or as many as `count`. */
export function deliveredIn(durationMs: number, count = 1): Partial<Activity> {
  const found = LATENCY_BOUNDS_MS.findIndex((bound) => durationMs <= bound)
  const place = found === -1 ? LATENCY_BOUNDS_MS.length : found
  return {
    delivered: count,
    latencyMs: durationMs * count,
    latencies: NO_ACTIVITY.latencies.map((_, index) => (index === place ? count : 0)),
  }
}

/** Sums by hour, for whoever counts. */
export class HourlySums {
  private readonly sums = new Map<number, Activity>()

  /** `at`: any time of the hour, Unix milliseconds. */
  add(at: number, activity: Partial<Activity>): void {
    const hour = startOfHour(at)
    this.sums.set(hour, addActivity(this.sums.get(hour) ?? NO_ACTIVITY, activity))
  }

  /** Oldest first. */
  get hours(): readonly HourActivity[] {
    return [...this.sums]
      .map(([hour, sums]) => ({ hour, ...sums }))
      .toSorted((a, b) => a.hour - b.hour)
  }
}

/** The same hours of several sources, added up. */
export function sumHours(days: readonly DayActivity[]): readonly HourActivity[] {
  return addHours(days.map(({ hours }) => hours))
}

/** Lists of hours, added up. */
export function addHours(lists: readonly (readonly HourActivity[])[]): readonly HourActivity[] {
  const sums = new HourlySums()
  for (const { hour, ...counted } of lists.flat()) sums.add(hour, counted)
  return sums.hours
}

/** The last 24 hours and the present one of them, oldest first, whatever happened in them. */
export function lastHours(hours: readonly HourActivity[], now: number): readonly HourActivity[] {
  const first = firstHour(now)
  return Array.from({ length: HOURS }, (_, index) => {
    const hour = first + index * HOUR_MS
    return hours.find((one) => one.hour === hour) ?? { hour, ...NO_ACTIVITY }
  })
}

/** When the first of `lastHours` began. */
export function firstHour(now: number): number {
  return startOfHour(now) - (HOURS - 1) * HOUR_MS
}

/** The days (their beginnings) that the hours from `since` up to `until` are of, oldest first. */
export function daysBetween(since: number, until: number): readonly number[] {
  const first = startOfDay(since)
  const count = Math.floor((startOfDay(until) - first) / DAY_MS) + 1
  return Array.from({ length: Math.max(0, count) }, (_, index) => first + index * DAY_MS)
}

/** What an event log is billed for, in millionths of a dollar: requests that published, each with two calls, and rows. */
export function priceOfLog(requests: number, rows: number): number {
  const request = PRICES.requests.perMillion + 2 * PRICES.objectRequests.perMillion
  return requests * request + rows * PRICES.objectRowsWritten.perMillion
}

/** What a webhook's monitor is billed for: reports, each a call and a row, and retries, each a message and a batch of its own. */
export function priceOfMonitor(reports: number, retries: number): number {
  const report = PRICES.objectRequests.perMillion + PRICES.objectRowsWritten.perMillion
  const { queueWrites, queueReads, queueDeletes, invocations } = PRICES
  const retry = [queueWrites, queueReads, queueDeletes, invocations].reduce(
    (sum, { perMillion }) => sum + perMillion,
    0,
  )
  return reports * report + retries * retry
}
