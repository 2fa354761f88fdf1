// What surfaces and consumers may ask of the engine.

import type { Administration } from './api/administration.ts'
import type { Audit } from './api/audit.ts'
import type { Consumers } from './api/consumers.ts'
import type { Jobs } from './api/jobs.ts'
import type { Notices } from './api/notices.ts'
import type { PortalLinks } from './api/portal-links.ts'
import type { AcceptedEvent, ManyTenants, PublishOptions } from './api/publishing.ts'
import type { Pulling } from './api/pulling.ts'
import type { RepeatedCalls } from './api/repeated-calls.ts'
import type { Sessions } from './api/sessions.ts'
import type { System } from './api/system.ts'
import type {
  ActivityNow,
  Attempt,
  DayReport,
  DeliveryState,
  DivertedEvent,
  EventDraft,
  EventTypes,
  HealthReport,
  HourActivity,
  JobReceipt,
  LoggedEvent,
  Principal,
  PullConsumer,
  SigningSecret,
  UnmatchedWebhook,
  Webhook,
  WebhookDraft,
  WebhookOutline,
} from './model/index.ts'
import type {
  AttemptQuery,
  AttemptTo,
  DivertedQuery,
  EventQuery,
  PendingFilter,
  ReplayFilter,
  RequestEvents,
  UnmatchedQuery,
  WebhookFilter,
  WebhookPage,
  WebhookRef,
} from './ports/index.ts'

export type { Administration } from './api/administration.ts'
export type { Audit } from './api/audit.ts'
export type { Consumers, InboundMessage, Verdict } from './api/consumers.ts'
export type { Jobs } from './api/jobs.ts'
export type { PortalLinkState, PortalLinks } from './api/portal-links.ts'
export type { Pulled, PulledItem } from './api/pulling.ts'
export type { RepeatedCalls } from './api/repeated-calls.ts'
export type { BegunSession, Sessions } from './api/sessions.ts'
export type {
  System,
  SystemHealth,
  SystemMetrics,
  SystemStatus,
  SystemSummary,
} from './api/system.ts'

/** How one event fares at one webhook. */
export interface EventDelivery extends DeliveryState {
  /** Of the webhook as it is now; null when it was deleted. */
  readonly url: string | null
  /** Of the response to the last attempt; null without one. */
  readonly statusCode: number | null
  /** What went wrong at the last attempt, as a sentence; null if nothing did, or there was none. */
  readonly error: string | null
  /** As a sentence: why it ended without being delivered, or why it waits although it is due; else null. */
  readonly reason: string | null
  readonly webhookId: string
}

export interface Events {
  /**
   * Accepts events, all or none: durably stored when it resolves, in the order given. Throws `conflict` when a
   * deduplication key stands for other content, `unavailable` when nothing could be stored.
   */
  publish(
    tenantId: string,
    drafts: readonly EventDraft[],
    options?: PublishOptions,
  ): Promise<readonly AcceptedEvent[]>
  list(
    tenantId: string,
    query: EventQuery,
  ): Promise<{ readonly items: readonly LoggedEvent[]; readonly nextCursor: string | null }>
  /** Throws `not_found`. */
  get(tenantId: string, id: string): Promise<LoggedEvent>
  /**
   * Has a scheduled event be for nobody; asked again it does nothing anew. Throws `not_found`, and `conflict` for one that has been
   * accepted, or never waited.
   */
  cancel(tenantId: string, id: string): Promise<LoggedEvent>
  /** The id of the event that has this deduplication key, as long as that is remembered; null when there is none. */
  findId(tenantId: string, deduplicationKey: string): Promise<string | null>
  /**
   * How the event fares at each webhook it matched, in order of the webhooks' ids; none once that is kept no longer
   * (`RETENTION.attemptSeconds`). Throws `not_found`.
   */
  deliveries(tenantId: string, id: string): Promise<readonly EventDelivery[]>
  /**
   * The webhooks to which the event was never sent, those that exist now, and why not, in order of their ids. `owners`: only
   * webhooks of these. Throws `not_found`.
   */
  unmatched(
    tenantId: string,
    id: string,
    page: Omit<UnmatchedQuery, 'eventId'>,
  ): Promise<{ readonly items: readonly UnmatchedWebhook[]; readonly nextCursor: string | null }>
  /** Removes the content of events, and has their webhooks' monitors do so, in a job. Throws `not_found`, `forbidden` for a user's key. */
  expunge(tenantId: string, ids: readonly string[]): Promise<void>
  /** Oldest first, behind the event `after` if there is one. */
  listByRequest(tenantId: string, requestId: string, after: string | null): Promise<RequestEvents>
  /** What happened on each day that is still kept, newest first; none for a user, because it is not counted by user. */
  usage(tenantId: string): Promise<readonly DayReport[]>
  /** What happened in each of the last 24 hours, oldest first, the present one being the last; none for a user. */
  activity(tenantId: string): Promise<ActivityNow>
  /**
   * Sends the event again: to one webhook, or to all that match it now, of these only to those that are `among` them.
   * Throws `not_found`, and `conflict` for one that has no content any more, was cancelled, or is scheduled. Returns how many.
   */
  resend(
    tenantId: string,
    id: string,
    webhookId: string | null,
    among?: (webhook: Webhook) => boolean,
  ): Promise<number>
}

/** Somebody who looks again and again. */
export interface Watch {
  /** What ended since a time (Unix milliseconds; null: nothing yet) that is known by now, oldest first. */
  next(since: number | null): Promise<WatchedAttempts>
}

interface WatchedAttempts {
  readonly attempts: readonly AttemptTo[]
  /** From when on the next look goes on. */
  readonly until: number
  /** Attempts are left out: there were too many, or nobody looked for too long. */
  readonly isBehind: boolean
}

/** A request as its receiver gets it. */
interface ShownRequest {
  readonly url: string
  /** `open` may be shown to whoever sees the webhook, `signature` to whoever may have it sign, `secret` to nobody. */
  readonly headers: readonly {
    readonly name: string
    readonly value: string
    readonly kind: 'open' | 'signature' | 'secret'
  }[]
  readonly body: string
}

/** What an attempt sent, as it would be built today. */
export interface SentRequest {
  /** At the time of the attempt. */
  readonly asSent: ShownRequest
  /** The same at present, so that its receiver takes its signature. */
  readonly asSentNow: ShownRequest
  /** When the webhook was last changed, if that was after the attempt: what was sent may have been another. */
  readonly webhookChangedAt: number | null
}

export interface Webhooks extends Pulling {
  /** Throws `conflict` when the unique key is taken, `invalid` with path `url` when the target is refused. */
  create(tenantId: string, draft: WebhookDraft): Promise<Webhook>
  find(ref: WebhookRef): Promise<Webhook | null>
  /** Throws `not_found`. */
  get(ref: WebhookRef): Promise<Webhook>
  /** In order of creation. */
  list(filter: WebhookFilter, page: WebhookPage): Promise<readonly Webhook[]>
  /** The same for answers that show nothing of what is encrypted at rest: that stays closed. */
  listOutlines(filter: WebhookFilter, page: WebhookPage): Promise<readonly WebhookOutline[]>
  /** The ids alone of all of them, in order. */
  listIds(filter: WebhookFilter): Promise<readonly string[]>
  count(filter: WebhookFilter): Promise<number>
  /**
   * Changes a webhook atomically: `change` gets the present one and returns what it shall be; it may be asked
   * again when another update came between. Throws `not_found`, `invalid`, `conflict`, and what `change` throws.
   */
  update(ref: WebhookRef, change: (current: Webhook) => WebhookDraft): Promise<Webhook>
  /** Nothing is sent to it afterwards. Throws `not_found`. Returns what was deleted. */
  delete(ref: WebhookRef): Promise<Webhook>
  /**
   * Makes `secret` (or a new one of the present kind) the current one; the former signs until the grace ends. Throws
   * `limit_reached` rather than end one that is valid (`SIGNING.keptSecrets`).
   */
  rotateSecret(
    ref: WebhookRef,
    options: { readonly secret: string | null; readonly gracePeriodSeconds: number },
  ): Promise<SigningSecret>
  /** Lifts a suspension; without one it does nothing. Throws `not_found`. */
  resume(ref: WebhookRef): Promise<void>
  /** Asks its receiver again whether it wants to be sent to; what that says counts. Throws `not_found`, `conflict` where nobody is asked. */
  verify(ref: WebhookRef): Promise<Webhook>
  /** Goes on with a key of its order that is blocked. Throws `not_found`, also where it is not. */
  skipBlocked(ref: WebhookRef, key: string): Promise<void>
  /** Sends one event now, outside of retries, log and health, whatever the webhook's status. Throws `not_found`. */
  test(
    ref: WebhookRef,
    event: { readonly type: string | null; readonly data: string | null },
  ): Promise<Attempt>
  /**
   * An example of a type in the version that the webhook gets, as JSON text: of the catalogue's, or made up from its schema; null
   * where nothing is known of it. `index`: which one. Throws `not_found`, `invalid`.
   */
  example(
    ref: WebhookRef,
    asked: { readonly type: string; readonly index: number },
  ): Promise<string | null>
  attempts(
    ref: WebhookRef,
    query: AttemptQuery,
  ): Promise<{ readonly items: readonly Attempt[]; readonly nextCursor: string | null }>
  /**
   * What an attempt sent. Throws `not_found`, also once the event is kept no longer; `conflict` where its content was expunged or cannot
   * be expressed (any more), `unavailable` where no request can be made.
   */
  sentRequest(ref: WebhookRef, attempt: Pick<Attempt, 'id' | 'eventId'>): Promise<SentRequest>
  /** Attempts to all webhooks of the tenant as they happen. */
  watch(tenantId: string): Watch
  /** Forgets what the response to an attempt said (`responseExcerpt`), where it is kept. Throws `not_found` for the webhook. */
  expungeAttempt(ref: WebhookRef, attempt: Pick<Attempt, 'id' | 'eventId'>): Promise<void>
  /**
   * `suspendsAt`: when the present failures will suspend it if no success comes; null when nothing points there. `latestFailure`:
   * the attempt that failed last, since the last success, while that is kept.
   */
  health(ref: WebhookRef): Promise<
    HealthReport & {
      readonly suspendsAt: number | null
      readonly latestFailure: Attempt | null
      readonly webhook: Webhook
      /** Of a webhook whose events are read; null of one to which they are sent. */
      readonly consumers: readonly PullConsumer[] | null
    }
  >
  /** What was sent to it in each of the last 24 hours, oldest first. */
  activity(ref: WebhookRef): Promise<readonly HourActivity[]>
  diverted(
    ref: WebhookRef,
    page: {
      readonly limit: number
      readonly cursor?: string | undefined
      readonly offset?: number | undefined
    },
  ): Promise<{ readonly items: readonly DivertedEvent[]; readonly nextCursor: string | null }>
  /** These three throw `not_found`. */
  getDiverted(ref: WebhookRef, eventId: string): Promise<DivertedEvent>
  deleteDiverted(ref: WebhookRef, eventId: string): Promise<void>
  resendOneDiverted(ref: WebhookRef, eventId: string): Promise<JobReceipt>
  /** Starts a job that sends diverted events again. */
  resendDiverted(ref: WebhookRef, query: DivertedQuery): Promise<JobReceipt>
  /**
   * Ends what is pending of a webhook: what waits, or is to be tried again. Returns how many; `more` when there may be others, for which
   * it is asked again. Throws `not_found`.
   */
  cancel(
    ref: WebhookRef,
    filter: PendingFilter,
  ): Promise<{ readonly cancelled: number; readonly more: boolean }>
  /** Starts a job that sends logged events again. Throws `limit_reached`. */
  replay(ref: WebhookRef, filter: ReplayFilter): Promise<JobReceipt>
}

/** What of the engine knows webhooks, or what was sent to them. */
export interface Seen {
  readonly webhooks: Webhooks
  readonly events: Events
  readonly jobs: Jobs
}

export interface Engine extends Seen, ManyTenants {
  readonly repeatedCalls: RepeatedCalls
  readonly sessions: Sessions
  readonly portalLinks: PortalLinks
  readonly notices: Notices
  readonly administration: Administration
  readonly audit: Audit
  readonly eventTypes: EventTypes
  readonly consumers: Consumers
  readonly system: System
  /** The webhooks and events that a caller may see: what surfaces are given of them. */
  seenBy(principal: Principal): Seen
}
