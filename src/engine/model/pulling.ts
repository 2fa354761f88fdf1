// Webhooks whose consumers read their events themselves: how far one came.

/** Webhooks whose consumers read their events themselves (docs/pulling.md); ours. */
export const PULLING = {
  /** Milliseconds for which a call may wait for events. */
  waitMs: 30_000,
  /** Named consumers of one webhook, and characters of a name. */
  consumers: 20,
  consumerChars: 64,
  /** Seconds without a pull after which a webhook may be deleted. */
  idleSeconds: { min: 900, max: 30 * 24 * 60 * 60 },
  /** Milliseconds for which a pull is not noted again: a write for each would cost more than the pull. */
  notedMs: 300_000,
  /** Webhooks deleted in one go of the sweep; ours. */
  idleTogether: 20,
} as const

/** What a consumer may be called, as a pattern. */
export const CONSUMER_NAME = `[A-Za-z0-9._-]{1,${PULLING.consumerChars}}`

/** A consumer that keeps its position here. */
export interface PullConsumer {
  readonly name: string
  /** Behind which it goes on: of each log of its tenant the number up to which it has read. */
  readonly position: string
  readonly committedAt: number
}

/** Until when (Unix milliseconds) a reader at a position has read everything: where it is furthest behind. */
export function readUntil(position: string): number {
  return Math.floor(Math.min(...position.split('_').map(Number)) / 1_000)
}
