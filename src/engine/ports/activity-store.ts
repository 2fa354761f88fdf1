// What objects hand over of what they counted, so that nobody need ask all of them.

import type { Activity, DayActivity, WebhookStatus } from '../model/index.ts'

/** How many there are, in the whole deployment. */
export interface Population {
  readonly tenants: number
  readonly webhooks: Readonly<Record<WebhookStatus, number>>
  readonly deadLetters: number
  /** Jobs of tenants that were begun in the time for which jobs are kept. */
  readonly tenantJobs: number
}

export interface ActivityStore {
  /** Notes what a source counted on a day; in place of what it told of that day before. */
  tell(tenantId: string, day: DayActivity): Promise<void>
  /** What was told of these days (their beginnings), by all sources of the tenant. */
  ofTenant(tenantId: string, days: readonly number[]): Promise<readonly DayActivity[]>
  /** All that was ever told, of all tenants. Days that were closed when a source told of them are not counted. */
  total(): Promise<Activity>
  population(): Promise<Population>
  /** The same, and what all tenants told of a day (its beginning), by one call. */
  summary(day: number): Promise<{ readonly today: Activity; readonly population: Population }>
  /**
   * Closes the days before that which begins at `until` (Unix milliseconds): what was told of them is added up, once, and counts in
   * `total` also when it is forgotten. Forgets those before the day `forget`.
   */
  close(until: number, forget: number): Promise<void>
}
