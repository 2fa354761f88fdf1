// The numbers that Hookline runs by, and those of the platform it runs on: units, and where each comes from.

const KB = 1_000
const KIB = 1_024
const MINUTE = 60
const DAY = 24 * 60 * 60

/** Cloudflare Queues (https://developers.cloudflare.com/queues/platform/limits/). */
export const QUEUE = {
  /**
   * Bytes billed as one operation (https://developers.cloudflare.com/queues/platform/pricing/): the size a message is
   * packed up to.
   */
  packBytes: 64 * KB,
  /** Bytes of a message beside its body, kept free in a pack; Cloudflare's documentation says about 100. */
  messageOverheadBytes: 200,
  /** Messages handed over in one step, of up to 128 KB each: what is surely taken within `INVOCATION.callMs`; ours. */
  stepMessages: 50,
  /** Messages in one `sendBatch`. */
  batchMessages: 100,
  /** Bytes in one `sendBatch`: 256 KB less metadata. */
  batchBytes: 240 * KB,
  /** Largest `delaySeconds`. */
  maxDelaySeconds: DAY,
  /** `message.attempts` from which a delivery is sent anew instead of retried (`max_retries` is 100). */
  freshAfterAttempts: 90,
  /** Age in seconds from which a delivery is sent anew: retention is 4 days. */
  freshAfterSeconds: 2 * DAY,
  /** Longest retention a queue can be given. */
  maxRetentionSeconds: 14 * DAY,
  /** Seconds before a message is tried again because a component was down; doubled each time, up to the maximum. */
  unavailableDelaySeconds: 10,
  maxUnavailableDelaySeconds: 15 * MINUTE,
} as const

/** Asking a receiver whether it wants to be sent to (docs/verification.md); ours. */
export const VERIFICATION = {
  /** Milliseconds that it has to answer: whoever saves the webhook waits for it. */
  timeoutMs: 10_000,
  /** Random bytes of a challenge, which is told in hex. */
  tokenBytes: 24,
} as const

/** One consumer invocation. */
export const INVOCATION = {
  /**
   * Requests waiting for headers at the same time. The platform's six connections of an invocation carry sends to queues
   * as well (Cloudflare, "Workers limits"): the sixth is for them, or six receivers that hang would keep what must be
   * handed over from being stored.
   */
  concurrency: 5,
  /**
   * Attempts the events consumer makes itself at most; the rest is for a later batch. The batch window bounds the time:
   * this bounds what a batch may hold in memory, and its subrequests (of 10,000).
   */
  attempts: 5_000,
  /**
   * Deliveries that a batch takes on, unless the variable FAN_OUT says otherwise: what can be handed over within
   * `callMs`, and a fraction of the 128 MB; ours. An event is never divided, so that one alone may have more.
   */
  fanOut: 5_000,
  /**
   * Tenants of one publish whose event logs are asked at the same time; ours. Calls of Durable Objects are none of the six connections
   * (Cloudflare, "Workers limits"); 1,000 tenants are asked in 20 turns.
   */
  tenantsAtOnce: 50,
  /**
   * Milliseconds from the start of a batch for which it waits for answers, and then for what is written down about
   * them: together the 2 s for which a batch holds its slot, whoever hangs.
   */
  attemptMs: 1_500,
  /** Milliseconds, of these, after which no attempt is begun, so that those under way can still be answered. */
  lastStartMs: 1_200,
  /** An attempt begun within so many milliseconds and unanswered at the end of the batch is a slow one. */
  earlyMs: 500,
  /**
   * Milliseconds for which a batch waits for webhooks in the slow lane once all others have answered, so that a healthy
   * one's retry behind it waits no longer; ours. The second where a batch brings more deliveries than it has connections,
   * because then others queue up behind it. And seconds until those of the slow lane come again that had no turn.
   */
  slowLaneMs: 300,
  crowdedLaneMs: 100,
  slowLaneDelaySeconds: 5,
  /** Consumers hand on what has finished at the end. */
  waveMs: Number.POSITIVE_INFINITY,
  urgentMs: Number.POSITIVE_INFINITY,
  recordMs: 500,
  /** Milliseconds, of the first ones, for which a monitor is asked what became of a delivery. */
  askMs: 500,
  /**
   * Milliseconds for which a batch waits for what all of it needs (a store, a queue, an event log); then it
   * comes again. Far above what a healthy component takes, so that load alone does not double the work.
   */
  callMs: 5_000,
  /** Bytes of events that reports under way carry together: each has its own copy, of the 128 MB; ours. */
  reportBytes: 8_000_000,
  /**
   * Webhooks that one event of a message may be limited to, when a batch did not get to them: 36 characters each, beside
   * 100 KB of event in 128 KB of message.
   */
  continuationWebhooks: 250,
  /** Seconds added to a webhook's timeout before its watchdog message looks at the delivery again. */
  watchdogMarginSeconds: 3,
  /** Seconds a message that may be a repetition lets the other one go first. */
  duplicateMarginSeconds: 10,
  /** Seconds after an event's acceptance in which its first attempt may be under way, and its monitor not know; ours. */
  firstAttemptSeconds: 60,
} as const

/** First attempts made by the invocation that published; milliseconds are from the start of the publish (engine/delivery/publish-time.ts). */
export const FIRST_ATTEMPTS = {
  /** How many a publish makes itself, unless the variable FIRST_ATTEMPTS says otherwise; the rest is for the queue; ours. */
  most: 1_000,
  /** Milliseconds from the start: what is begun by then and unanswered at the end is slow. */
  earlyMs: 16_000,
  /** After which no attempt is begun: those under way have a default timeout's time, or nearly. */
  lastStartMs: 8_000,
  /** For which answers are waited for; then a message of the deliveries queue sees to the rest. */
  attemptMs: 18_000,
  /** Between two notes of what has ended, while more is under way: each costs a call and a row. */
  waveMs: 1_000,
  /** From the end of what a monitor must hear of, a failure above all, until it does, with what else ends meanwhile; ours. */
  urgentMs: 25,
} as const

/** Messages that nobody can process, as they are kept (docs/contracts/native.md, "RPC and queue"). */
export const DEAD_LETTER = {
  /** Why it was one may have named what is erased. */
  erasedReason: 'What stood here was erased.',
  /**
   * Characters of a message: the 128 KB of the largest one (Cloudflare, "Queues limits"), so that text is kept whole.
   * What bytes or `structuredClone` carry may be longer as text. Far below the 2 MB that D1 takes as a string or row
   * (Cloudflare, "D1 limits"), at three bytes each.
   */
  bodyChars: 128 * KIB,
  /** Of one that is no text, so many characters of names and texts, and values, are written out to see how long it is; ours. */
  written: { chars: 500_000, members: 128 * KIB },
  /** Characters of what was wrong with it; ours. */
  reasonChars: 1_000,
} as const

/** Outgoing requests (docs/contracts/delivery.md). */
export const DELIVERY = {
  /** Milliseconds until response headers must have arrived. */
  timeoutMs: 15_000,
  minTimeoutMs: 1_000,
  maxTimeoutMs: 30_000,
  /** Bytes of a response that are read. */
  responseBytes: 16 * KIB,
  /** Milliseconds a delivered answer's body may take, so that its connection can be used again; ours. */
  drainMs: 500,
  /** Bytes of a failed response that are kept. */
  excerptBytes: 1_024,
  /** Characters of a response header that is kept, and of an address in it; ours. A longer address is not kept. */
  headerChars: 100,
  addressChars: 300,
  /** Seconds a delay may be at most, `Retry-After` included. */
  maxDelaySeconds: DAY,
  /** Upper bound of the random part of a delay, as a fraction of it. */
  jitter: 0.1,
  /** Standard Webhooks' recommended schedule, in seconds: about 75 h. */
  scheduleSeconds: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
  /** Default suspension: seconds without a success, and distinct failed events. */
  suspendAfterSeconds: 5 * DAY,
  suspendAfterFailures: 10,
} as const

/** Lanes (docs/contracts/delivery.md, "Lanes"): when a webhook leaves the fast lane and when it comes back; ours. */
export const LANE = {
  /** Milliseconds from which an answer is slow: those for which a batch waits. */
  slowMs: 1_500,
  /** Consecutive slow answers that move a webhook to the slow lane. */
  slowAfter: 2,
  /** Consecutive quicker answers that bring it back. */
  fastAfter: 5,
} as const

/** Receivers that ask for less, or do not answer (docs/contracts/delivery.md, "Hold"); ours, but for what an outage can take. */
export const HOLD = {
  /** Seconds of a pause for which nobody said how long: of a receiver that does not answer, or is on hold already. */
  pauseSeconds: 5,
  /** Attempts in a row, begun within so many seconds, that a receiver leaves unanswered before it is on hold: who gets few is spared nothing. */
  silentAttempts: 10,
  silentSeconds: MINUTE,
  /** Milliseconds after which as many, unanswered as yet, keep their webhook from first attempts of the same isolate. */
  silentMs: 3_000,
  /** Seconds after a pause in which the retries that it put off come; then a hold that nothing came of is over. */
  graceSeconds: MINUTE,
  /** Deliveries of one webhook under way at a time, at most: also of those that its monitor knows in memory. */
  mostUnderWay: 4_096,
  /** Sent in one step. */
  stepDeliveries: 100,
  /** Seconds after which what was sent and not heard of any more waits again: longer than its message waits for a component. */
  answerSeconds: 16 * MINUTE,
  /** How often a delivery is sent and not heard of before its monitor asks whether the webhook is still there. */
  doubtedAfter: 3,
  /** Characters of what waits for one webhook (an object has 10 GB): what is more waits in the deliveries queue. */
  chars: 1_000_000_000,
} as const

/** Webhooks with a rate (docs/contracts/delivery.md, "Rate"); ours. */
export const RATE = {
  /**
   * Milliseconds for which a permit may be used: what comes later asks once more, for longer. Each counts as used at the end of
   * that, so that of a rate per second a tenth is given up, and nothing of one per minute.
   */
  validMs: [100, 500],
  /** The same of a test, whose asker waits for it. */
  testValidMs: 5_000,
  /** Milliseconds after which a request whose end nobody reports has ended: the longest timeout, and half of it again. */
  attemptMs: 45_000,
  /** Into so many parts the time of a window is divided: what was sent in one of them counts as sent at its end. */
  places: 100,
  /** Milliseconds between two looks at what waits. */
  lookMs: 100,
  /** Milliseconds of the way through the queue that are reckoned with at most. */
  mostLatencyMs: 10_000,
  /** Seconds for which counts what a receiver says that it allows. */
  allowedSeconds: DAY,
} as const

/** The log of events and attempts. */
export const LOG = {
  /** Milliseconds a packed row of events may span, so that an event is found in a bounded scan. */
  packSpanMs: 60_000,
  /** Milliseconds of one table of events: what it has is forgotten together, by so much too late. */
  periodMs: 5 * DAY * 1_000,
  /** Days up to which an event that says for how long it is kept is forgotten on the day after; ours. */
  exactDays: 7,
  /** Bytes of one packed row (a row may have 2 MB). */
  packBytes: 1_000 * KB,
  /** Ids of appended events an EventLog keeps in memory (of its 128 MB, about 100 bytes each); ours. */
  recentIds: 50_000,
  /** Events shown of one request: as many as one publish holds; ours, the vendor's page names no bound. */
  requestEvents: 1_000,
  /** Milliseconds clocks may differ between two machines. */
  clockSkewMs: 60_000,
  /** Seconds of the window of `health`. */
  healthWindowSeconds: DAY,
  /** Replays of a tenant that may be under way, so that asking a thousand times does not send everything a thousand times; ours. */
  replays: 20,
  /** Events whose state one question to a webhook monitor is about, so that no other caller of it waits long; ours. */
  askedEvents: 200,
  /** Characters of packed rows from which a replay reads no more at once (of 128 MB); ours. */
  readChars: 5_000_000,
  /** Messages a background job sends in one step. */
  jobStepMessages: 100,
  /** Diverted events that a resend marks at once, so that no other caller of the webhook monitor waits long; ours. */
  claimedEvents: 1_000,
  /** Times so many pending deliveries that one call cancels; ours. */
  cancelSteps: 50,
  /** Pages of events that one call reads on while none of theirs is its user's to see; ours. */
  unseenPages: 10,
} as const

/**
 * Attempts as they happen, in milliseconds: between two looks, until an attempt that ended counts as written down, how far back a look
 * reaches, how long a monitor is asked once its webhook was in trouble, and of silence in a stream. `attempts` of each source and
 * `monitors` are what one look asks for; ours.
 */
export const TAIL = {
  ...{ stepMs: 2_000, lagMs: 3_000, reachMs: 60_000, calmMs: 30_000, heartbeatMs: 15_000 },
  ...{ attempts: 100, monitors: 10, streamSeconds: 15 * MINUTE },
} as const

/**
 * Webhooks whose consumers read their events themselves (docs/pulling.md): rows of a log that one look goes through, looks that one
 * call takes while it finds nothing, and the milliseconds between two looks of a call that waits, doubled each time; ours.
 */
export const PULL = {
  ...{ rows: 1_000, looks: 10 },
  ...{ firstPauseMs: 250, mostPauseMs: 5_000 },
  /** Milliseconds by which the position of whoever has read everything stays behind the clock: more than clocks may differ by. */
  idleMs: 600_000,
} as const

/** Looking at the components (`GET /v1/health`, `GET /v1/status`); ours. */
export const DIAGNOSTICS = {
  /** Milliseconds after which a component that does not answer counts as unreachable. */
  timeoutMs: 2_000,
  /** Milliseconds for which an isolate answers `/v1/health` without looking again. */
  healthCacheMs: 5_000,
  /** Webhooks at each end of their order whose sealed secrets a look compares with SECRETS_KEY; ours. */
  sealedAtEachEnd: 100,
} as const

/** Secrets at rest. */
export const VAULT = {
  /** Characters of opened texts and their sealed forms kept per isolate (of its 128 MB); ours. */
  cacheChars: 8_000_000,
  /** Webhooks whose secrets one step of a re-encryption seals anew: some 3 MB at their largest; ours. */
  resealedAtOnce: 50,
  /** Seconds after which to try again when secrets cannot be opened: somebody has to put the key back; ours. */
  retryAfterSeconds: 60,
} as const
