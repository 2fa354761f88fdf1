// What an event log tells of the last seconds, for who watches.

import type { Attempt } from '../model/index.ts'

/** When attempts ended (Unix milliseconds), `after` excluded and `until` included. */
export interface DeliveredSpan {
  readonly after: number
  readonly until: number
  readonly limit: number
}

/** An attempt, and to which webhook. */
export interface AttemptTo {
  readonly webhookId: string
  readonly attempt: Attempt
}

export interface DeliveredSince {
  /** The newest of them, in no order. */
  readonly attempts: readonly AttemptTo[]
  /** Others were there, or may have been. */
  readonly isCut: boolean
  /** Webhooks whose monitors know what else was attempted in that time. */
  readonly troubled: readonly string[]
}
