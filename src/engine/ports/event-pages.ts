// What a tenant published, as it is asked for page by page.

import type { LoggedEvent } from '../model/index.ts'

export interface EventQuery {
  /** Leave out the events that Hookline publishes itself. */
  readonly withoutSystem?: boolean | undefined
  /** Those that are scheduled and have not been accepted, or cancelled, and no others: by their times, the next one first. */
  readonly isScheduled?: boolean | undefined
  readonly type?: string | undefined
  /** Bounds of the time of acceptance, exclusive, Unix milliseconds. */
  readonly after?: number | undefined
  readonly before?: number | undefined
  /**
   * Newest first, by their ids, unless told. Oldest first is in the order in which they were accepted, and `nextCursor` also leads to what
   * will be: whoever goes on with it misses nothing, whatever its id.
   */
  readonly order?: 'newest' | 'oldest' | undefined
  readonly limit: number
  readonly cursor?: string | undefined
  /** How many logs share one answer (`PAGE.answerBytes`); 1 unless told. */
  readonly share?: number | undefined
}

/** A page of events. */
export interface LogPage {
  readonly items: readonly LoggedEvent[]
  /** Where a reader stands behind each of them, as a cursor says it. */
  readonly positions: readonly string[]
  readonly more: boolean
  readonly nextCursor: string | null
}
