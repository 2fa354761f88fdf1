// The numbers that storage and its copies run by: units, and where each comes from. Those of everybody stand in src/tuning.ts.

const KB = 1_000
const DAY = 24 * 60 * 60

/** What became of first deliveries, in the object of their tenant (outcome-store.ts); ours. */
export const OUTCOMES = {
  /** Milliseconds after its end in which an attempt that delivered is noted, clocks that differ included; ours. */
  notedMs: 10_000,
  /**
   * What waits in one table until it is moved to segments, and what one call adds: a read goes through as many rows, and
   * moving them takes 20 to 40 ms, in which the object serves nobody else.
   */
  tableRows: 1_000,
  tableOutcomes: 4_000,
  tableChars: 1_000 * KB,
  /** Milliseconds for which a table is added to: what it has is forgotten together, by so much too late. */
  tableMs: 3 * DAY * 1_000,
  /** Outcomes, of a table that is added to no more, from which it is moved; the three rows of less cost more than it. */
  worthMoving: 250,
  /** Characters of one row of a segment: what is read to find one outcome. */
  segmentChars: 96 * KB,
  /** Rows of segments that one page of attempts reads, and then says where it goes on. */
  pageRows: 1_000,
} as const

/** What objects tell of what they counted (told-activity.ts); ours. */
export const TOLD = {
  /** Events of two hours from which they are told within an hour; what is less is told once a day. */
  worthAnHour: 500,
  /** Milliseconds that an alarm may ring late, or be tried again. */
  lateMs: 60_000,
  /** Milliseconds for which a day is told by the weekly sweep, where no later event has it told. */
  sweptMs: 8 * DAY * 1_000,
} as const

/** What an isolate knows of the webhooks that event logs told of (of its 128 MB); ours. */
export const CLIENT = {
  /** Tenants of which any are known. */
  tenants: 500,
  /** Versions of webhooks of one tenant, of a few KB each. */
  webhooks: 1_000,
} as const

/** What a tenant's event log knows of its webhooks; ours. */
export const COPY = {
  /** Milliseconds for which a change may be announced and not confirmed, before the event log stops waiting for it. */
  announcedMs: 10_000,
} as const

/** What an event log keeps of former versions of webhooks, and of the deliveries of deleted ones; ours. */
export const HISTORY = {
  /** Former versions of one webhook, and their characters together (the largest has some 60,000). */
  versions: 100,
  chars: 200_000,
  /** Events of one call of a deleted webhook's monitor, reports that it reads for one, and calls (an invocation may make 1,000). */
  events: 1_000,
  reports: 200,
  calls: 500,
} as const

/** D1 (https://developers.cloudflare.com/d1/platform/limits/): one `json_each` parameter instead of 100 bound ones. */
export const D1 = {
  /** Characters of one `json_each` parameter, from which a look-up is split; D1 takes 2 MB a string. */
  parameterChars: 600_000,
  /** Milliseconds a lost update waits at most before its second try, doubled for every further one; ours. */
  updateBackoffMs: 20,
  maxUpdateBackoffMs: 1_000,
  /** Rows one statement of a pruning looks through, so that it does not hold the database; ours. */
  pruneStepRows: 10_000,
} as const
