// Events that consumers of a webhook read themselves.

import type { LoggedEvent } from '../model/index.ts'
import type { OutgoingRequest, WebhookRef } from '../ports/index.ts'

/** An event as it would have been sent. */
export interface PulledItem {
  readonly event: LoggedEvent
  /** Its headers, without those that the webhook's owner configured, and its body. Null: there is none. */
  readonly request: Pick<OutgoingRequest, 'headers' | 'body'> | null
  /** Why there is none, as a sentence; null where there is one. */
  readonly error: string | null
  /** Where a consumer stands behind it. */
  readonly cursor: string
}

export interface Pulled {
  /** In the order in which they were accepted. */
  readonly items: readonly PulledItem[]
  /** Behind all that was looked through; the next call goes on from here, also where there is nothing yet. */
  readonly cursor: string
  /** Whether there is more by now: a page may be short, or empty, and yet go on. */
  readonly more: boolean
}

interface Pull {
  /** Where it goes on; absent: from the oldest event that is kept. */
  readonly cursor?: string | undefined
  /** In place of a cursor: from where the consumer of this name stands. */
  readonly consumer?: string | undefined
  /** In place of both: what was accepted before (Unix milliseconds) is passed over. */
  readonly since?: number | undefined
  readonly limit: number
  /** Milliseconds for which it waits while there is nothing. */
  readonly waitMs: number
  /** Which of the events are shown; all unless told. */
  readonly wants?: ((event: LoggedEvent) => boolean) | undefined
}

/** All of them throw `not_found`, and `conflict` for a webhook to which its events are sent. */
export interface Pulling {
  /** Throws `invalid` for what is no cursor, `gone` for one that is older than what is kept. */
  pull(ref: WebhookRef, asked: Pull): Promise<Pulled>
  /** The cursor of a webhook behind what was accepted before a time (Unix milliseconds). Throws `invalid` for one that has not come. */
  cursorAt(ref: WebhookRef, since: number): Promise<string>
  /** Keeps where a named consumer stands. Throws `invalid`, and `limit_reached` for one too many. */
  commitPull(
    ref: WebhookRef,
    at: { readonly consumer: string; readonly cursor: string },
  ): Promise<void>
  /** Forgets a named consumer. Throws `not_found`. */
  deletePullConsumer(ref: WebhookRef, name: string): Promise<void>
}
