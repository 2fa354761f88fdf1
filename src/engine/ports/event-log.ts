// What a tenant published, and its jobs.

import type { JobProgress, LoggedEvent, Scope } from '../model/index.ts'

/** A job as the tenant's log lists it. */
export interface JobEntry {
  readonly id: string
  readonly kind: 'resend' | 'replay'
  readonly webhookId: string
  readonly createdAt: number
  /** Null: its webhook's monitor knows. */
  readonly progress: JobProgress | null
}

export interface EventQuery {
  /** Leave out the events that Hookline publishes itself. */
  readonly withoutSystem?: boolean | undefined
  readonly type?: string | undefined
  /** Bounds of the time of acceptance, exclusive, Unix milliseconds. */
  readonly after?: number | undefined
  readonly before?: number | undefined
  /** Newest first unless told. Oldest first, `nextCursor` also leads to what will be published after the last item. */
  readonly order?: 'newest' | 'oldest' | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface ReplayRequest {
  readonly webhookId: string
  readonly eventTypes: readonly string[]
  readonly scope: Scope
  /** Bounds of the time of acceptance: `since` inclusive, `until` exclusive. */
  readonly since: number
  readonly until: number
  /** Only these of the webhook's types. */
  readonly onlyTypes?: readonly string[] | undefined
  /** Leave out what the monitor shows as delivered. */
  readonly onlyMissing: boolean
}

/** What a request caused, as far as one answer carries it. */
export interface RequestEvents {
  readonly items: readonly LoggedEvent[]
  /** Whether others follow. */
  readonly more: boolean
}

/** What a tenant published. */
export interface EventLog {
  /** Idempotent by event id. */
  append(tenantId: string, events: readonly LoggedEvent[]): Promise<void>
  /** Notes webhooks to which these events were sent later. Events that are not there are passed over. */
  addWebhooks(eventIds: readonly string[], webhookIds: readonly string[]): Promise<void>
  find(id: string): Promise<LoggedEvent | null>
  /** `limit` or as many as one answer carries (`PAGE.answerBytes`). */
  list(
    query: EventQuery,
  ): Promise<{ readonly items: readonly LoggedEvent[]; readonly nextCursor: string | null }>
  /**
   * Oldest first, behind the event `after`, `LOG.requestEvents` or as many as one answer carries (`PAGE.answerBytes`).
   */
  listByRequest(requestId: string, after: string | null): Promise<RequestEvents>
  /**
   * Starts a job that sends logged events again, in the background and durably. `busy` when as many replays are under
   * way as a tenant may have (`LOG.replays`). Asked again under the same id it does nothing anew.
   */
  replay(tenantId: string, jobId: string, request: ReplayRequest): Promise<'started' | 'busy'>
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
  /** Forgets everything and refuses later events. */
  purge(): Promise<void>
  /** Undoes a purge: begins anew, with nothing, for another tenant of the same id. */
  revive(): Promise<void>
}
