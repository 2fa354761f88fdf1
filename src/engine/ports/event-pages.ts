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

/** What the consumers of one webhook read themselves. */
export interface PullQuery {
  readonly webhookId: string
  /** What was accepted before that (Unix milliseconds) is passed over where there is no position. */
  readonly since: number
  /** Behind which it goes on, as a page told: of each log, as far as it knows them; null: from `since` on. */
  readonly position: string | null
  readonly limit: number
  /** How many logs share one answer (`PAGE.answerBytes`); 1 unless told. */
  readonly share?: number | undefined
}

/** Some of them, in the order in which they were accepted. */
export interface PullPage {
  readonly items: readonly {
    readonly event: LoggedEvent
    /** Where a reader stands behind it. */
    readonly position: string
  }[]
  /** Where a reader stands behind everything that was looked through: also where none of it was for the webhook. */
  readonly position: string
  /** Whether there is more to look through: a page may be short, or empty, and yet go on. */
  readonly more: boolean
}

/** A page of events. */
export interface LogPage {
  readonly items: readonly LoggedEvent[]
  /** Where a reader stands behind each of them, as a cursor says it. */
  readonly positions: readonly string[]
  readonly more: boolean
  readonly nextCursor: string | null
}
