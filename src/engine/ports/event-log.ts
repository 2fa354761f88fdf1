// What a tenant published, to which of its webhooks, what came of it at first, and its jobs.

import type {
  Attempt,
  DayUsage,
  DeliveryStatus,
  ErasureRequest,
  Event,
  FirstOutcome,
  HourActivity,
  JobProgress,
  KeptDelivery,
  LogActivity,
  LoggedEvent,
  Scope,
  UnmatchedWebhook,
  WebhookWithTenant,
} from '../model/index.ts'
import type { DeliveredSince, DeliveredSpan } from './delivered-since.ts'
import type { EventQuery, LogPage, PullPage, PullQuery } from './event-pages.ts'
import type { AttemptQuery, MonitorState } from './webhook-monitor.ts'

/** What makes repeating a publish harmless: a producer's key, and the SHA-256 (hex) of what it stands for. */
export interface DeduplicationKey {
  readonly key: string
  readonly contentHash: string
}

/** An event that is handed in. */
export interface Submission {
  readonly event: Event
  readonly key: DeduplicationKey | null
}

export interface AcceptRequest {
  readonly submissions: readonly Submission[]
  /** The key of all of them together. */
  readonly requestKey: DeduplicationKey | null
  /**
   * Of a request of which other logs have accepted a part: the answers of all of it, null where these submissions follow in
   * order. They are kept with the request's key.
   */
  readonly elsewhere?: readonly (SubmissionAnswer | null)[]
  /** Deliveries that the caller takes on, in whole events and one at least; the event log sees to the others. */
  readonly most: number
  /** Somebody was told that they are accepted: as many of them may wait for their time as there are. */
  readonly isPromised?: boolean | undefined
}

/** An accepted event with the webhooks that it is for and that nobody has taken care of. */
export interface AcceptedDelivery {
  readonly event: Event
  readonly webhooks: readonly KnownWebhook[]
  /** It was accepted before: whoever did may be sending it. */
  readonly mayHaveBegun: boolean
}

/** A webhook as the event log knows it. */
export interface KnownWebhook extends WebhookWithTenant {
  /** Its monitor counts failures, or slow responses: it must hear of successes, too. */
  readonly isTroubled: boolean
  /** Its events wait in its monitor (`MonitorState`). */
  readonly isHeld: boolean
}

/** What was delivered to a webhook at once. */
export interface Successes {
  readonly delivered: number
  /** Milliseconds of each attempt, as a histogram writes them (primitives/histogram.ts). */
  readonly latencies: readonly number[]
  readonly lastSuccessAt: number | null
}

/** The id that a submission goes by. A duplicate's is the earlier event's. */
export interface SubmissionAnswer {
  readonly id: string
  readonly duplicate: boolean
}

/** What a key stands for, by its name: of its kind (`event:`, `request:`), and what the producer gave. */
export interface KeyClaim {
  readonly name: string
  readonly contentHash: string
  /** The event's id; of a request the answers of all of it. */
  readonly answer: string
}

/** What became of a claim that is not new: what the key stands for; or when that was erased, after this was published: it stands for nothing. */
export type FormerClaim = KeyClaim & { readonly erasedAt?: number }

export type Acceptance =
  | {
      readonly kind: 'accepted'
      /** One for each submission, in order. */
      readonly answers: readonly SubmissionAnswer[]
      /** What is to be sent. Duplicates are not among them. */
      readonly deliveries: readonly AcceptedDelivery[]
    }
  /** The request's key stands for another request; or too many scheduled events wait (`SCHEDULING`). */
  | { readonly kind: 'mismatch' | 'full' }
  /** The key of this submission stands for an event with other content. */
  | { readonly kind: 'conflict'; readonly index: number }
  | { readonly kind: 'no_tenant' }

/** A job as the tenant's log lists it. */
export interface JobEntry {
  readonly id: string
  readonly kind: 'resend' | 'replay' | 'erase'
  /** Null: it is about no single webhook. */
  readonly webhookId: string | null
  readonly createdAt: number
  /** Null: its webhook's monitor knows. */
  readonly progress: JobProgress | null
}

/** Which of the events that a webhook wants a replay sends. */
export interface ReplayFilter {
  /** Bounds of the time of acceptance: `since` inclusive, `until` exclusive; null: until now. */
  readonly since: number
  readonly until: number | null
  readonly onlyTypes?: readonly string[] | undefined
  /** Only events of this channel, with this tag. */
  readonly onlyChannel?: string | undefined
  readonly onlyTag?: string | undefined
  /** Only what the monitor shows as one of these. */
  readonly onlyStatuses?: readonly DeliveryStatus[] | undefined
  /** Only what was answered last by a status code of this hundred, as 500; 0: by none. What was never attempted is left out. */
  readonly onlyCodeClass?: number | undefined
  /** Leave out what the monitor shows as delivered. */
  readonly onlyMissing: boolean
}

export interface ReplayRequest extends ReplayFilter {
  readonly webhookId: string
  readonly eventTypes: readonly string[]
  readonly scope: Scope
  /** Those of the webhook; absent: none. */
  readonly channels?: readonly string[] | undefined
  readonly until: number
}

/** Which of a tenant's webhooks an event was not for, in order of their ids. */
export interface UnmatchedQuery {
  readonly eventId: string
  /** Only webhooks of these owners, null being nobody; all when it is left out. */
  readonly owners?: readonly (string | null)[] | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** What a request caused, as far as one answer carries it. */
export interface RequestEvents {
  readonly items: readonly LoggedEvent[]
  /** Whether others follow. */
  readonly more: boolean
}

/** What was accepted, by day. */
export interface Usage {
  /** From when on every day is counted: what was asked for, or later where an earlier version, which did not count, wrote meanwhile. */
  readonly since: number
  /** Days on which something was accepted, newest first. */
  readonly days: readonly DayUsage[]
}

/** What a tenant published. */
export interface EventLog {
  /**
   * Accepts events, all or none, unless keys of theirs belong to several shards and one of those fails: then the repetition
   * accepts the rest. They are durably stored and can be read when it resolves, with the webhooks that they are
   * for at that time; what is scheduled when its time comes. Idempotent by the events' ids and by their keys (`PUBLISH.deduplicationSeconds`). When it rejects, they may
   * have been accepted.
   */
  accept(tenantId: string, request: AcceptRequest): Promise<Acceptance>
  /** What keys stand for, by their names, in order; null for nothing. */
  findKeys(tenantId: string, names: readonly string[]): Promise<readonly (KeyClaim | null)[]>
  /**
   * Has keys stand for what they are claimed for, unless they stand for something: that is what it resolves with, in order, null where
   * the claim is new. No event is accepted by it. Nor has one by which a copy came of what was erased.
   */
  claimKeys(tenantId: string, claims: readonly KeyClaim[]): Promise<readonly (FormerClaim | null)[]>
  /** Notes what became of first sendings. A delivery that was noted as delivered stays so. */
  record(outcomes: readonly FirstOutcome[]): Promise<void>
  /** What was noted of these deliveries, in order; null for nothing. */
  firstOutcomes(
    keys: readonly { readonly eventId: string; readonly webhookId: string }[],
  ): Promise<readonly (FirstOutcome | null)[]>
  /**
   * Keeps how deliveries of a webhook stood, for its monitor, which is about to forget them because it was deleted: as long as their
   * events, and harmless to repeat.
   */
  keepDeliveries(webhookId: string, deliveries: readonly KeptDelivery[]): Promise<void>
  /** What was kept of an event's deliveries to these webhooks, in order; null for nothing. */
  keptDeliveries(
    eventId: string,
    webhookIds: readonly string[],
  ): Promise<readonly (KeptDelivery | null)[]>
  /** The attempts that were noted as delivered at once, newest first. A page may be short, or empty, and yet go on. */
  firstAttempts(
    webhookId: string,
    query: AttemptQuery,
  ): Promise<{ readonly items: readonly Attempt[]; readonly nextCursor: string | null }>
  /** What was noted as delivered at once since a time (Unix milliseconds). */
  successes(webhookId: string, since: number): Promise<Successes>
  /** What was delivered to a webhook at once since a time (Unix milliseconds), by hour; how long it took is good to 5 %. */
  deliveredByHour(webhookId: string, since: number): Promise<readonly HourActivity[]>
  /** Notes how a webhook fares, unless something newer is known. */
  noteState(webhookId: string, state: MonitorState): Promise<void>
  /**
   * Webhooks of the tenant are about to be changed. Resolves with the epoch in which the change may be written; until it is
   * confirmed, or that epoch is over, nothing is accepted without reading them afresh. `isFenced`: the epoch that the
   * last call gave was over.
   */
  announce(tenantId: string, changeId: string, isFenced: boolean): Promise<number>
  /** The change was written, or will never be. */
  confirm(changeId: string): Promise<void>
  /** Notes webhooks to which these events were sent later. Events that are not there are passed over. */
  addWebhooks(eventIds: readonly string[], webhookIds: readonly string[]): Promise<void>
  find(id: string): Promise<LoggedEvent | null>
  /** Has a scheduled event be for nobody, unless it is `gone`: accepted already. Null: there is no such event. */
  cancelScheduled(id: string): Promise<'cancelled' | 'gone' | null>
  /**
   * The webhooks of the tenant, those that exist now, to which the event was never sent, and why not: as they were when it was
   * accepted. None for an event that is not there.
   */
  unmatched(
    tenantId: string,
    query: UnmatchedQuery,
  ): Promise<{ readonly items: readonly UnmatchedWebhook[]; readonly nextCursor: string | null }>
  /** `limit` or as many as one answer carries (`PAGE.answerBytes`). */
  list(query: EventQuery): Promise<LogPage>
  /**
   * The events that consumers of a webhook read themselves, behind a position: whoever goes on with the page's gets each once and
   * misses none. Nothing is written by it. Looks through `PULL.rows` rows at most.
   */
  pull(query: PullQuery): Promise<PullPage>
  /**
   * Oldest first, behind the event `after`, `LOG.requestEvents` or as many as one answer carries (`PAGE.answerBytes`), which
   * `share` logs share; 1 unless told.
   */
  listByRequest(requestId: string, after: string | null, share?: number): Promise<RequestEvents>
  /** The totals of each day (UTC) from that of `since` (Unix milliseconds) on. An event counts once, on the day on which the log accepted it. */
  usage(since: number): Promise<Usage>
  /** What was delivered at once and ended in a span of the last seconds, to whichever webhook. */
  delivered(span: DeliveredSpan): Promise<DeliveredSince>
  /**
   * What was accepted, and delivered at once, on these days (their beginnings), by hour: of each shard. And how many webhooks were
   * failing, of those that are not suspended, and how many are held, as their monitors told last.
   */
  activity(days: readonly number[]): Promise<LogActivity>
  /**
   * Starts a job that sends logged events again, in the background and durably. `busy` when as many replays are under
   * way as a tenant may have (`LOG.replays`). Asked again under the same id it does nothing anew.
   */
  replay(tenantId: string, jobId: string, request: ReplayRequest): Promise<'started' | 'busy'>
  /**
   * Starts a job that expunges the content of events accepted until now, here and in the monitors of their webhooks, in the background
   * and durably. Of events by their ids nothing is here any more when it resolves. What comes in later, and was published before, has no
   * content either. Asked again under the same id it does nothing anew.
   */
  erase(tenantId: string, jobId: string, request: ErasureRequest): Promise<void>
  /**
   * Those of some events that an erasure was about, by their ids: whoever has one from a queue asks, whether the log still knows it or
   * not.
   */
  erasedAmong(events: readonly Pick<Event, 'id' | 'scope'>[]): Promise<readonly string[]>
  /** Notes a job that a webhook's monitor is about to be asked for, so that it is found here. */
  noteJob(tenantId: string, entry: JobEntry): Promise<void>
  /** The jobs of the tenant, newest first, below the id `before`. */
  jobs(page: {
    readonly limit: number
    readonly before: string | null
  }): Promise<readonly JobEntry[]>
  job(id: string): Promise<JobEntry | null>
  /** Stops a replay where it is; false when it is not running here. */
  cancelJob(id: string): Promise<boolean>
  /** Forgets what was kept long enough. */
  sweep(): Promise<void>
  /** Forgets everything and refuses later events. */
  purge(): Promise<void>
  /** Undoes a purge: begins anew, with nothing, for another tenant of the same id. */
  revive(): Promise<void>
}
