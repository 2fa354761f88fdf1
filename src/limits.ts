// What callers may send and configure: units, and where each number comes from.

const KB = 1_000
const KIB = 1_024
const MIB = 1_024 * 1_024
const DAY = 24 * 60 * 60

/** Publishing (docs/contracts/native.md, "Publishing events" and "Deduplication"). */
export const PUBLISH = {
  /** Bytes of one publish request. */
  requestBytes: 4 * MIB,
  /** Events in one publish request. */
  events: 1_000,
  /** Channels of an event, and characters of one (docs/contracts/native.md, "Publishing events"). */
  channels: 10,
  channelChars: 128,
  /** Tags of an event, and characters of one. */
  tags: 5,
  tagChars: 128,
  /** Bytes of one event as UTF-8 JSON. */
  eventBytes: 100 * KB,
  /** Characters of `type`. */
  typeChars: 256,
  /** Characters of a producer's deduplication key. */
  idChars: 256,
  /** Entries in `scope`. */
  scopeEntries: 16,
  /** Characters of a name in `scope`; ours. */
  scopeNameChars: 64,
  /** Characters of a value in `scope`; ours. */
  scopeValueChars: 512,
  /** Characters of a CloudEvent's `source`, a part of its deduplication key; ours. */
  sourceChars: 512,
  /**
   * Members and elements of one publish request, at all levels, payloads included; ours. A parsed one takes some 60 bytes
   * of the isolate's 128 MB.
   */
  members: 500_000,
  /** Levels of nesting accepted in a JSON body; ours, far below what a recursive parser survives. */
  jsonDepth: 100,
  /** Seconds a deduplication key is remembered. */
  deduplicationSeconds: DAY,
  /** Seconds a producer should wait after 503; ours. */
  retryAfterSeconds: 5,
} as const

/** For how long events are kept, in days (docs/contracts/delivery.md, "Retention"); ours. */
export const RETENTION_DAYS = { min: 1, max: 90, unlessTold: 30 } as const

/** Webhooks that wait because their owners want it so (docs/contracts/delivery.md, "Paused webhooks"); ours. */
export const PAUSE = {
  /**
   * Seconds after its acceptance for which an event waits, then it is diverted: a day less than events are kept, so that it can be
   * resent.
   */
  waitSeconds: 29 * DAY,
  /** Seconds after which the monitor of a paused webhook for which something waits looks whether it still is one. */
  lookSeconds: 60 * 60,
} as const

/** `rate` of a webhook, and what a receiver may allow (docs/contracts/delivery.md, "Rate"); ours. */
export const RATE_LIMITS = { perSecond: 65_535, perMinute: 100_000, concurrency: 100 } as const

/** What one call may cancel (docs/contracts/delivery.md, "Paused webhooks"); ours. */
export const CANCEL = { eventIds: 1_000 } as const

/** Events that are published before their time (docs/scheduling.md); ours. */
export const SCHEDULING = {
  /** Seconds from now to the latest time. */
  aheadSeconds: 30 * DAY,
  /** Events that wait in one event log, and bytes of them: a tenth of what an object may hold. */
  events: 100_000,
  bytes: 1_000_000_000,
} as const

/** What one erasure may be about (docs/contracts/native.md, "Erasure"); ours. */
export const ERASURE = { eventIds: 1_000 } as const

/** The catalogue of event types (docs/event-types.md); all of it ours. */
export const CATALOGUE = {
  /** Types in the catalogue. */
  types: 2_000,
  /** Characters of all definitions together, as JSON: an isolate keeps them in memory, beside what it compiles of them. */
  chars: 4_000_000,
  /** Characters of a version's name. */
  versionChars: 32,
  /** Versions of one type, and versions of data in one event. */
  versions: 20,
  /** Characters of a schema as JSON. */
  schemaChars: 64_000,
  /** Levels of nesting of a schema as JSON, so that what evaluates it stays far from the end of the stack. */
  schemaDepth: 50,
  /** Examples of one type, and characters of all of them as JSON. */
  examples: 10,
  exampleChars: 100_000,
  /** Feature flags of whom types are shown to. */
  flags: 100,
  /** Characters of a pattern, and states of what is compiled of it. */
  patternChars: 500,
  patternStates: 1_000,
  /**
   * Steps of checking (src/engine/catalogue/steps.ts) that one event may take under all versions of its type, and all events of a
   * request together. Measured (Node.js 20, one of two shared cores): a step takes 0.1 to 0.6 µs, and up to 1.5 µs in patterns made to
   * be slow, so that an event takes 0.15 s at most, or 0.4 s with such patterns, and a request ten times that. An ordinary event of 1 KB,
   * with three patterns in each line, takes some 500 steps a version; 80 KB of those lines 41,900, and 4 MiB of them 2,180,000.
   */
  eventSteps: 250_000,
  requestSteps: 2_500_000,
  /** Bytes of a request that saves types, and members and elements in it at all levels. */
  requestBytes: 2 * MIB,
  members: 100_000,
  /** Times the pin of a webhook may change while events of the time are kept. */
  pins: 100,
  /** Milliseconds for which an isolate may go on with a catalogue that has been changed. */
  cacheMs: 10_000,
} as const

/** Calls that may be repeated under an `Idempotency-Key`, but for publishing. */
export const IDEMPOTENCY = {
  /** Characters of a key. */
  keyChars: 256,
  /** Seconds for which an answer is remembered. */
  rememberedSeconds: DAY / 2,
  /** Milliseconds after which a call that was never answered no longer keeps others from being made; ours. */
  underWayMs: 60_000,
  /** Milliseconds for which a repetition waits for the first, and between two looks; ours. */
  waitMs: 10_000,
  lookMs: 100,
} as const

/** Any other request body; ours, far above the largest legal configuration. */
export const REQUEST = {
  bodyBytes: 512 * KIB,
  /** Issues shown of a refused input, so that 1,000 bad events do not make a huge answer. */
  shownIssues: 100,
  /** Members and elements of such a body, at all levels. */
  members: 2_000,
} as const

/** Lists (docs/contracts/native.md, "Lists"). */
export const PAGE = {
  limit: 50,
  maxLimit: 250,
  /**
   * Bytes of the events of one page, in memory: a Durable Object's answer may have 32 MiB
   * (https://developers.cloudflare.com/workers/runtime-apis/rpc/). Whatever one publish holds fits; ours.
   */
  answerBytes: 10_000_000,
} as const

/** What the administrator names. */
export const NAMES = {
  /** Characters of a tenant's name (docs/contracts/native.md, "Administration"), and of other names; ours. */
  chars: 200,
  /** Characters of a template's description; ours. */
  descriptionChars: 2_000,
} as const

/** Tenants, as the product that runs Hookline has them (docs/contracts/native.md, "Tenants"). */
export const TENANT = {
  /** Bytes of a tenant's metadata as JSON. */
  metadataBytes: 4 * KIB,
  /** Milliseconds for which a freed uid is nobody's. */
  uidRestMs: 10_000,
  /** Milliseconds for which it may be cached whose a uid is: less than it rests, by what clocks and a look may differ. */
  cacheMs: 8_000,
  /** Ids and uids cached per isolate; ours. */
  cacheEntries: 10_000,
  /** Seconds a caller should wait when tenants cannot be looked up; ours. */
  retryAfterSeconds: 5,
} as const

/** Credentials. */
export const KEYS = {
  /** Milliseconds a key may be cached (docs/contracts/native.md, "Administration": revocation works within 5 s). */
  cacheMs: 4_000,
  /** Keys cached per isolate; ours. */
  cacheEntries: 1_000,
  /** Seconds a caller should wait when keys cannot be looked up; ours. */
  retryAfterSeconds: 5,
  /** Bytes of randomness in a key's secret. */
  secretBytes: 32,
  /**
   * Seconds a caller over its rate should wait: the `period` of [[ratelimits]] in wrangler.toml, after which the
   * count begins anew. The binding does not tell how much of it is left.
   */
  ratePeriodSeconds: 60,
} as const

/** The deployment's pages; ours. */
export const CONSOLE = {
  /** Seconds after which whoever signed in has to do so again: a working day. */
  sessionSeconds: 12 * 60 * 60,
  /** Bytes of a form: the payload of a test event, percent-encoded, and more. */
  formBytes: 512 * KIB,
} as const

/** Links for customers (docs/portal.md); ours. */
export const PORTAL_LINK = {
  /** Seconds for which a link may be opened. */
  minSeconds: 60,
  maxSeconds: 7 * DAY,
  unlessToldSeconds: 60 * 60,
} as const

/**
 * Mails that ask whether an address may get notices: at most so many in so many seconds, to one address, for one tenant and in all
 * (docs/contracts/delivery.md, "Notices by e-mail"); ours.
 */
export const CONFIRMATION_MAILS = [
  { of: 'tenant', most: 1, seconds: 60 },
  { of: 'tenant', most: 5, seconds: 60 * 60 },
  { of: 'address', most: 5, seconds: DAY },
  { of: 'deployment', most: 300, seconds: 60 * 60 },
] as const

/** Web pages of other origins (CORS); ours. */
export const CROSS_ORIGIN = {
  /** Seconds a browser may remember the answer to a preflight. */
  preflightSeconds: 600,
} as const

/** Webhook configuration (docs/contracts/README.md, "Targets" and "Custom headers"). */
export const WEBHOOK = {
  /** Webhooks of one tenant, unless the variable WEBHOOKS_PER_TENANT says otherwise; ours. */
  perTenant: 1_000,
  urlChars: 2_048,
  headers: 50,
  headerNameChars: 256,
  headerValueChars: 4_096,
  /**
   * Characters of the names and values of all headers together; ours: common servers refuse 8 to 32 KB of them, and one
   * event may make a batch open those of every webhook of a tenant.
   */
  headersChars: 16_000,
  nameChars: 200,
  /** Characters of a description; ours. */
  descriptionChars: 2_000,
  /** Channels of one webhook. */
  channels: 10,
  /** Event types of one webhook; ours. */
  eventTypes: 200,
  /** Parts of a prefix such as `a.b.*`, the star aside: how many an event's type is looked up under; ours. */
  prefixParts: 10,
  /** Seconds both secrets sign after a rotation: default and maximum. */
  graceSeconds: DAY,
  maxGraceSeconds: 7 * DAY,
  /** Times an update is tried again when another one came between; ours. */
  updateTries: 50,
} as const

/** Which URLs may be targets (docs/contracts/README.md, "Targets"). */
export const TARGET = {
  /**
   * Ports of protocols that an HTTP request could be taken for (Fetch Standard, section 2.9, "bad port"); ours to
   * refuse, as browsers do.
   */
  badPorts: [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1_719, 1_720, 1_723, 2_049, 3_659, 4_045, 4_190, 5_060, 5_061, 6_000, 6_566, 6_665,
    6_666, 6_667, 6_668, 6_669, 6_679, 6_697, 10_080,
  ],
  /** Milliseconds until a resolver must have answered both questions about a name; ours. */
  lookUpMs: 3_000,
  /** Seconds after which configuring makes sense again when it did not; ours. */
  lookUpRetryAfterSeconds: 5,
  /** Bytes of one answer of a resolver; ours, far above any for one name. */
  lookUpBytes: 64 * KIB,
} as const

/** Signing secrets. */
export const SIGNING = {
  /** Bytes of a `whsec_` key (Standard Webhooks 1.0, "Signature scheme": 192 to 512 bits). */
  minHmacBytes: 24,
  maxHmacBytes: 64,
  /** Bytes of a generated `whsec_` key; ours. */
  generatedHmacBytes: 32,
  /** Characters of a secret without prefix: the longest that a vendor's surface takes. */
  textChars: 512,
  /** Secrets that sign at once, the newest included; a rotation to one more is refused. Ours. */
  keptSecrets: 10,
  /** Imported keys kept per isolate; ours. */
  cachedKeys: 1_000,
} as const

/** What `failureHandling` may say (docs/contracts/delivery.md, "Failure handling"). */
export const FAILURE_HANDLING = {
  /** Status codes that can be a trigger; ours: 2xx is success and 1xx is no answer. */
  minTriggerStatus: 300,
  maxTriggerStatus: 599,
  /** Every status code once and the four patterns. */
  maxTriggers: 304,
  /** Retries after the first try. */
  maxRetries: 100,
  /** Bounds of `suspend`; ours. */
  maxSuspendSeconds: 365 * DAY,
  maxSuspendFailures: 1_000,
} as const
