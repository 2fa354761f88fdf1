// For how long what Hookline keeps is kept, and how it goes: units, meaning and source of each number.

const MINUTE = 60
const DAY = 24 * 60 * 60

/** Retention (docs/contracts/delivery.md, "Retention"). */
export const RETENTION = {
  attemptSeconds: 30 * DAY,
  divertedSeconds: 30 * DAY,
  eventSeconds: 30 * DAY,
  deadLetterSeconds: 30 * DAY,
  auditSeconds: 90 * DAY,
  /** Seconds between two cleanings of a webhook monitor. */
  sweepSeconds: DAY,
  /** Event logs that one run of the cron cleans at once, and at most (of 10,000 subrequests). */
  sweptTogether: 20,
  sweptTenants: 9_000,
  /** Seconds after which a Durable Object tries again to send what its queue did not take; ours. */
  outboxSeconds: 10,
  /** Seconds after which a webhook that was about to be deleted, and is still there, counts as not deleted; ours. */
  deletionSeconds: MINUTE,
  /** Milliseconds a Durable Object waits for a queue or another object, before it tries again later; ours. */
  answerMs: 10_000,
  /** Expired rows removed from D1 in one statement; ours. */
  pruneRows: 100_000,
  /** Entries of the audit removed in one statement; ours. */
  auditRows: 5_000,
} as const

/** What was accepted, and what became of it. */
export const ACCEPTED = {
  /**
   * Milliseconds after its acceptance in which an event may still be on its way with the invocation that published it
   * (`FIRST_ATTEMPTS`), with room to spare; what is not noted then is sent on.
   */
  underWayMs: 60_000,
  /** Seconds between two looks for what was not noted. */
  lookSeconds: 5 * MINUTE,
} as const

/** What objects told of what they counted; ours. */
export const ACTIVITY = {
  /** Days until one is closed: its sources have told all of it by then. */
  openDays: 2,
  /** Days for which it is kept by tenant: as usage is shown, and one that began before it. */
  keptDays: 32,
} as const
