// The webhook monitor, one per webhook: what it is asked, and what it knows.

import type {
  Attempt,
  Batching,
  DeliveryState,
  DivertedEvent,
  Event,
  Health,
  HealthReport,
  HourActivity,
  JobProgress,
  Ordering,
  Pause,
  Run,
  RunState,
  Throttle,
  Webhook,
} from '../model/index.ts'
import type { DeliverMessage } from './deliver-message.ts'
import type { Report } from './monitor-report.ts'
import type { WebhookRef } from './stores.ts'

/** What a webhook's monitor has decided. `version` grows with each change of it. */
export interface MonitorState extends Pick<Health, 'version' | 'suspendedAt' | 'lane'> {
  /** It counts failures, or responses that may move the webhook to another lane: it must hear of successes, too. */
  readonly isTroubled: boolean
  /** Its receiver, or its owner, asked for a pause, or for so much in a time: what comes for it goes to its monitor, and waits there. */
  readonly isHeld: boolean
}

/** What is heard of a webhook's rate beside the reports. */
export interface ToldRate {
  readonly throttle?: Throttle | undefined
  /** Requests a minute that its receiver allows; null: as many as there are. */
  readonly allowedPerMinute?: number | null | undefined
}

export interface DeliveryKey {
  readonly eventId: string
  readonly run: Run
}

/** What brings a delivery, and asks how that stands. */
export interface AskedDelivery extends DeliveryKey {
  /** That of its message (`DeliverMessage`). */
  readonly turn?: number | undefined
}

/** Somebody has a request that could be sent now, and may it be? */
export interface PermitRequest extends DeliveryKey {
  /** Milliseconds for which the permit is used or not: what was not sent by then is not sent with it. */
  readonly validMs: number
  /** That of the webhook, as whoever asks has read it. */
  readonly throttle?: Throttle | undefined
  /** `until` of a permit that was not used. */
  readonly returned?: number | undefined
  /** It is for a person, and waits for nothing. */
  readonly isTest?: true
}

export type PermitAnswer =
  /** `until`: when it counts as used (Unix milliseconds of the monitor). */
  | { readonly kind: 'granted'; readonly until: number }
  /** Its monitor has it wait, in its place. */
  | { readonly kind: 'waits' }
  /** It does not wait there: it is to be handed over. */
  | { readonly kind: 'unknown' }
  /** Of a test: there is none, and there may be one from then on (Unix milliseconds). */
  | { readonly kind: 'full'; readonly from: number }

/** Events that a log accepted for a webhook with an order, in that order. */
export interface OrderedDeliveries {
  readonly ref: WebhookRef
  /** Which log: its numbers ascend. */
  readonly log: string
  readonly webhook: Pick<Webhook, 'name' | 'pins'>
  readonly deliveries: readonly {
    readonly number: number
    readonly event: Event
    /** That of the webhook when the event was accepted. */
    readonly ordering: Ordering
  }[]
}

export interface AttemptQuery {
  /** Only those of this event. */
  readonly eventId?: string | undefined
  readonly outcome?: Attempt['outcome'] | undefined
  /** Bounds of `at`, exclusive. */
  readonly after?: number | undefined
  readonly before?: number | undefined
  readonly limit: number
  /** From an earlier answer. */
  readonly cursor?: string | undefined
}

export interface DivertedQuery {
  /** Only this one. */
  readonly eventId?: string | undefined
  /** Bounds of `divertedAt`; `since` inclusive, `until` exclusive. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly eventTypes?: readonly string[] | undefined
}

/** Which deliveries that are pending are meant; all that no field leaves out. */
export interface PendingFilter {
  readonly eventIds?: readonly string[] | undefined
  readonly eventTypes?: readonly string[] | undefined
  /** Bounds of the time at which the event was accepted, exclusive, Unix milliseconds. */
  readonly after?: number | undefined
  readonly before?: number | undefined
}

/** When the last attempt of an event was made (Unix milliseconds), and the status code that it was answered with; null: none came. */
export interface LastAnswer {
  readonly at: number
  readonly statusCode: number | null
}

/** One webhook's health, attempts and diverted events. Everything of one report is written together. */
export interface Monitor {
  /** `isNew`: this report changed the state. */
  report(report: Report): Promise<MonitorState & { readonly isNew: boolean }>
  /**
   * What is known of these deliveries, in order. A first run that is open counts as delivered once any run was; of
   * a run that has not begun, the one of its event that is under way. While the webhook is on hold or paused, what is open and not
   * released is `held`; what was released, and is carried by another message, is `withdrawn`.
   */
  states(keys: readonly AskedDelivery[]): Promise<readonly RunState[]>
  /** What is known of these events over all their runs, in order. */
  statesOfEvents(eventIds: readonly string[]): Promise<readonly DeliveryState[]>
  /** The last attempt of each of these events that it was told of, in order; null: it knows of none. */
  lastAnswers(eventIds: readonly string[]): Promise<readonly (LastAnswer | null)[]>
  attempts(
    query: AttemptQuery,
  ): Promise<{ readonly items: readonly Attempt[]; readonly nextCursor: string | null }>
  /** `latencies`: milliseconds of each delivered attempt, as a histogram writes them (primitives/histogram.ts). */
  health(): Promise<
    Pick<HealthReport, 'health' | 'totals' | 'waiting' | 'underWay' | 'forOthers' | 'order'> & {
      readonly latencies: readonly number[]
    }
  >
  /** When the oldest event was accepted that it waits to deliver, Unix milliseconds; null: none. */
  oldestUndelivered(): Promise<number | null>
  /** What reports told since a time (Unix milliseconds), by hour. */
  activity(since: number): Promise<readonly HourActivity[]>
  /** Lifts a suspension, and ends the pause of a hold; `resumed` is false when there was no suspension. */
  resume(
    tenantId: string,
    webhookId: string,
  ): Promise<{ readonly state: MonitorState; readonly resumed: boolean }>
  /** The webhook is paused, or is no more, has another rate or order, or none any more; who is late changes nothing. */
  notePause(pause: Pause): Promise<MonitorState>
  /** The webhook has another rate, or none any more (who is late changes nothing); or its receiver allows one. Resolves with the state after it. */
  noteRate(told: ToldRate): Promise<MonitorState>
  noteOrdering(ordering: Ordering): Promise<MonitorState>
  noteBatching(batching: Batching): Promise<MonitorState>
  /**
   * Takes deliveries that come one after the other, durably; none twice. Resolves with the number up to which it has taken all of that
   * log, which may be none of these where it has no room now.
   */
  lineUp(deliveries: OrderedDeliveries): Promise<number>
  /** Goes on with a key that is blocked; false where it is not. */
  skipBlocked(key: string): Promise<boolean>
  /**
   * The deliveries that go together in the joint delivery of this id and have not ended, in order of acceptance, with what brings each;
   * none: nothing is left to be sent.
   */
  partsOf(jointId: string): Promise<readonly DeliverMessage[]>
  /** Whether a request of a webhook with a rate may be sent now; if it may not, what was released for it waits again. */
  permit(ask: PermitRequest): Promise<PermitAnswer>
  /** A request that had a permit has ended, and no report tells of it: that of a test. */
  endRequest(key: DeliveryKey): Promise<void>
  /**
   * Ends, as dropped, what waits or is to be tried again, `LOG.claimedEvents` of it at a time, from where an earlier answer says; a
   * null `next` is the end. What a receiver is being sent at this moment ends as that does, and is not tried again.
   */
  cancel(
    filter: PendingFilter,
    from: string | null,
  ): Promise<{ readonly cancelled: number; readonly next: string | null }>
  /**
   * Newest first, `limit` or as many as one answer carries (`PAGE.answerBytes`); a null `nextCursor` ends the list.
   * `offset` is for surfaces that page by number.
   */
  diverted(page: {
    readonly limit: number
    readonly cursor?: string | undefined
    readonly offset?: number | undefined
  }): Promise<{ readonly items: readonly DivertedEvent[]; readonly nextCursor: string | null }>
  /**
   * Forgets what it keeps of the content of these events: what is diverted, what waits because of a hold, excerpts of responses. What
   * was not ended ends as `erased`, and what is reported of them later is kept without content. Can be repeated.
   */
  erase(eventIds: readonly string[]): Promise<void>
  /** Forgets what the response to one attempt of an event said, if it is kept. Can be repeated. */
  eraseExcerpt(eventId: string, attemptId: string): Promise<void>
  findDiverted(eventId: string): Promise<DivertedEvent | null>
  deleteDiverted(eventId: string): Promise<boolean>
  /**
   * Sends an event again, durably: joins the run that is under way, whose next attempt is made now, or begins one.
   * `wasMatched`: the event was published to this webhook. False, and nothing is sent, when that is all that is known of it:
   * then its first attempt is on its way. `isChosen`: somebody chose the webhook, whatever its filter says.
   */
  resend(
    ref: WebhookRef,
    event: Event,
    asked: { readonly wasMatched: boolean; readonly isChosen: boolean },
  ): Promise<boolean>
  /**
   * Starts a job that sends diverted events again, in the background and durably; each joins the run of it that is under
   * way. Returns how many; null when they are more than `LOG.claimedEvents`, and only the job's end will tell. Asked again
   * under the same id it does nothing anew.
   */
  resendDiverted(ref: WebhookRef, jobId: string, query: DivertedQuery): Promise<number | null>
  /** A job of this webhook; null for one that is not known (any more). */
  job(id: string): Promise<JobProgress | null>
  /** Stops a job where it is; false when it is not running. */
  cancelJob(id: string): Promise<boolean>
  /**
   * The webhook is about to be deleted. Should whoever does that die before it is purged, this monitor finds out by itself
   * that the webhook is gone, and forgets everything.
   */
  expectDeletion(ref: WebhookRef): Promise<void>
  /**
   * Forgets everything and refuses later reports. After `expectDeletion` its tenant's event log is told first how its deliveries stood.
   */
  purge(): Promise<void>
}
