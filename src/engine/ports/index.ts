// What the engine needs from a platform. Each interface is implemented in `platform/` (and, for `Dialects`,
// in `dialects/`), and has one contract suite in `test/contracts/` that every implementation runs.

import type {
  Attempt,
  DeliveryState,
  DeploymentRequest,
  Disposition,
  DivertedEvent,
  Event,
  FailureHandling,
  Header,
  Health,
  HealthReport,
  JobProgress,
  Key,
  LoggedEvent,
  Outcome,
  Run,
  RunState,
  Scope,
  Subscriber,
  SystemEventType,
  Template,
  Tenant,
  Trigger,
  Webhook,
  WebhookOutline,
  WebhookSecrets,
  WebhookStatus,
} from '../model/index.ts'

/** Unix milliseconds. */
export type Clock = () => number

/** One structured line; never with secrets or payloads. */
export type Log = (line: { readonly event: string } & Readonly<Record<string, unknown>>) => void

// ---------------------------------------------------------------- stores (D1)

export interface TenantStore {
  /** False when the id is taken. */
  insert(tenant: Tenant): Promise<boolean>
  find(id: string): Promise<Tenant | null>
  /** In order of id, after `after`. */
  list(page: { readonly limit: number; readonly after: string | null }): Promise<readonly Tenant[]>
  /** Removes the tenant with its keys, webhooks and deduplication keys; false when there is none. */
  delete(id: string): Promise<boolean>
}

export interface KeyStore {
  insert(key: Key, secretHash: string): Promise<void>
  find(id: string): Promise<{ readonly key: Key; readonly secretHash: string } | null>
  list(
    tenantId: string,
    page: { readonly limit: number; readonly after: string | null },
  ): Promise<readonly Key[]>
  delete(tenantId: string, id: string): Promise<boolean>
}

export interface TemplateStore {
  /** False when the name is taken. */
  insert(template: Template): Promise<boolean>
  /** By id or by name. */
  find(idOrName: string): Promise<Template | null>
  /** In order of name. */
  list(page: { readonly limit: number; readonly offset: number }): Promise<{
    readonly items: readonly Template[]
    readonly count: number
  }>
}

export interface WebhookFilter {
  readonly tenantId: string
  readonly dialect?: string | undefined
  /** Null asks for those without an owner; undefined does not ask. */
  readonly owner?: string | null | undefined
  /** Any of these; null among them asks for those without an owner as well. */
  readonly owners?: readonly (string | null)[] | undefined
  readonly slot?: string | undefined
  readonly name?: string | undefined
  readonly status?: WebhookStatus | undefined
  readonly enabled?: boolean | undefined
  readonly suspended?: boolean | undefined
  /** Enabled and not suspended; false asks for all others. */
  readonly active?: boolean | undefined
  /** Any of these, compared with the webhook's own entries as they are written. */
  readonly eventTypes?: readonly string[] | undefined
}

export interface WebhookPage {
  readonly limit: number
  /** Exclusive lower bound of the id. */
  readonly after?: string | undefined
  readonly offset?: number | undefined
}

/** One question of `match`: who wants this type with this scope? */
export interface Topic {
  readonly tenantId: string
  readonly type: string
  readonly scope: Scope
}

export type WebhookRef = Pick<Webhook, 'tenantId' | 'id'>

export interface WebhookStore {
  /**
   * `full` when the tenant has `most` webhooks already, `conflict` when the slot is taken, `no_tenant` when the tenant
   * is not there (any more). However many come at once, there are never more than `most`.
   */
  insert(webhook: Webhook, most?: number): Promise<'inserted' | 'full' | 'conflict' | 'no_tenant'>
  find(ref: WebhookRef): Promise<Webhook | null>
  /** As `update` shows it to `change`: who looks into secrets that cannot be opened is told why. */
  findChangeable(ref: WebhookRef): Promise<Webhook | null>
  /** In order of creation (of id). */
  list(filter: WebhookFilter, page: WebhookPage): Promise<readonly Webhook[]>
  /** The same, without reading or opening secrets. */
  listOutlines(filter: WebhookFilter, page: WebhookPage): Promise<readonly WebhookOutline[]>
  /** The ids alone of all of them, in order. */
  listIds(filter: WebhookFilter): Promise<readonly string[]>
  count(filter: WebhookFilter): Promise<number>
  /**
   * Replaces what `change` makes of the present webhook, atomically: when another update came between, `change`
   * is asked again with what that one left. Null when there is no such webhook; what `change` throws is thrown.
   * `suspendedAt` and `lane` are not written. `conflict` when the new slot is taken. Secrets that cannot be opened stay
   * as they are when `change` hands on the `secrets` it was given; when it looks into them, that throws `unavailable`.
   */
  update(
    ref: WebhookRef,
    change: (current: Webhook) => Webhook,
  ): Promise<Webhook | 'conflict' | null>
  /** Returns what was deleted, without secrets that cannot be opened; null when there was none. */
  delete(ref: WebhookRef): Promise<Webhook | null>
  /**
   * Enabled webhooks (suspended ones included) that may want any of the topics, each once, in one query. A superset:
   * `matches` decides.
   */
  findSubscribers(topics: readonly Topic[]): Promise<readonly Subscriber[]>
  /** Those of the webhooks that exist, in one query; disabled ones included. */
  findByRef(refs: readonly WebhookRef[]): Promise<readonly Subscriber[]>
  /** Writes the monitor's state unless a newer version stands there already. */
  setState(ref: WebhookRef, state: Pick<Health, 'version' | 'suspendedAt' | 'lane'>): Promise<void>
}

/** What one step of sealing anew came to. */
export interface Resealed {
  /** Webhooks whose secrets were sealed under the newest key. */
  readonly resealed: number
  /** Those of this step whose secrets cannot be opened: their key is missing, or they are damaged. */
  readonly unreadable: readonly WebhookRef[]
  /** Webhooks, of all, whose secrets are not sealed under the newest key. */
  readonly remaining: number
  /** After which the next step goes on; null after the last one. */
  readonly next: WebhookRef | null
}

/** The secrets at rest of all tenants. */
export interface SecretStore {
  /**
   * Seals secrets under the newest key that are not: those of the next `limit` webhooks after `after`. What an owner
   * changes meanwhile is not lost. Can be repeated, and begun again, at any time.
   */
  reseal(page: { readonly limit: number; readonly after: WebhookRef | null }): Promise<Resealed>
}

/** A key that was used before: whether what it stood for was stored. */
export interface DeduplicationEntry {
  readonly key: string
  /** SHA-256 (hex) of what the key stands for. */
  readonly contentHash: string
  /** What to answer again: an event id, or a whole response as JSON. */
  readonly answer: string
}

export interface DeduplicationStore {
  /**
   * Claims keys for `expiresAt` (an expired claim is free), in one transaction. Returns, in order, null for a key
   * claimed now and the earlier entry for one that was taken; `confirmed` says that its publish was stored.
   */
  claim(
    tenantId: string,
    entries: readonly DeduplicationEntry[],
    times: { readonly now: number; readonly expiresAt: number },
  ): Promise<readonly ((DeduplicationEntry & { readonly confirmed: boolean }) | null)[]>
  /** Marks claims as stored. */
  confirm(tenantId: string, keys: readonly string[]): Promise<void>
  /** Removes claims that were made for a publish that was then refused. */
  release(tenantId: string, keys: readonly string[]): Promise<void>
  /** Removes expired keys, at most `limit`; returns how many. */
  prune(now: number, limit: number): Promise<number>
}

/** A queue message that could not be processed, kept for a person to see. */
export interface DeadLetter {
  readonly id: string
  readonly queue: string
  readonly reason: string
  readonly body: string
  readonly at: number
}

export interface DeadLetterStore {
  /** Idempotent by id. */
  insert(letter: DeadLetter): Promise<void>
  /** Newest first, before `before`. */
  list(page: {
    readonly limit: number
    readonly before: string | null
  }): Promise<readonly DeadLetter[]>
  prune(before: number): Promise<number>
}

// ---------------------------------------------------------------- queues

/**
 * What else may carry a delivery. `sole`: nothing. `insurance`: an attempt was under way when the message was sent;
 * the message carries the delivery on from what the log shows. `repetition`: another message may carry it; this one
 * gives way to any progress the log shows.
 */
export type Standing = 'sole' | 'insurance' | 'repetition'

/** A message of the deliveries queue. */
export type DeliveryMessage =
  | {
      readonly kind: 'deliver'
      readonly tenantId: string
      readonly webhookId: string
      readonly run: Run
      readonly event: Event
      /** Attempts of this run made before this message was sent. */
      readonly attempts: number
      readonly standing: Standing
      /** It ends once its event was delivered, in whichever run. */
      readonly onlyMissing?: boolean
      /** It was chosen by type and scope alone: it ends unseen when the dialect says that the event is not the webhook's. */
      readonly ifConcerned?: true
      /** The webhook was sent the event when that was published: while nothing is known of that, it may be under way. */
      readonly wasMatched?: true
      /**
       * Somebody asked for the next attempt now. The name stands in the log where the delivery was under way already: the
       * messages without it only make sure that it goes on.
       */
      readonly carrier?: string
    }
  /** A report that could not be written when it was due. */
  | {
      readonly kind: 'record'
      readonly tenantId: string
      readonly webhookId: string
      readonly report: Report
    }
  /** Something the monitor decided: becomes a system event and, for an exhaustion, one POST to `alertUrl`. */
  | { readonly kind: 'notice'; readonly notice: Notice }
  /** The memory of a deleted webhook, which could not be purged when it was deleted. */
  | { readonly kind: 'purge'; readonly webhookId: string }

/** A change of a webhook's fortune. */
export interface Notice {
  /** UUIDv7; becomes the id of the system event. */
  readonly id: string
  readonly type: SystemEventType
  readonly tenantId: string
  readonly webhookId: string
  readonly at: number
  readonly reason: string
  readonly state: MonitorState
  readonly counts: Pick<Health, 'consecutiveFailures' | 'failedEvents' | 'exhaustedEvents'>
  /** Only of an exhaustion: the delivery that was given up. */
  readonly exhausted: Omit<Exhaustion, 'webhook'> | null
  /** It was kept without an attempt, because its webhook is suspended: an alert, and no system event. */
  readonly alertOnly?: true
}

export interface EventQueue {
  /**
   * Stores events durably for the router, all or none, in as few messages as fit. Rejects when they could not be
   * stored; then none was. `ask`: an earlier publish may have stored some of them, so the router consults the log.
   * `only`: of each event the ids of the webhooks it is still for, once a router has matched and logged it; of these,
   * some may be stored when it rejects.
   */
  send(
    tenantId: string,
    events: readonly Event[],
    options: {
      readonly ask: boolean
      readonly only?: readonly (readonly string[])[] | undefined
    },
  ): Promise<void>
  /** Stores the text of a message once more, as it is. */
  repeat(text: string, delaySeconds: number): Promise<void>
}

/** A message on its way to the deliveries queue. */
export interface HandOver {
  readonly message: DeliveryMessage
  readonly delaySeconds: number
}

export interface DeliveryQueue {
  send(messages: readonly HandOver[]): Promise<void>
  /** Stores the text of a message once more, as it is. */
  repeat(text: string, delaySeconds: number): Promise<void>
}

// ---------------------------------------------------------------- Durable Objects

/** One line of a report. */
export type ReportEntry =
  | {
      readonly kind: 'attempt'
      readonly attempt: Attempt
      readonly disposition: Disposition
      /** Only with `divert`: what is kept. */
      readonly event: Event | null
    }
  /** Still under way when the batch had to end: what comes of it is reported later. */
  | {
      readonly kind: 'unanswered'
      readonly eventId: string
      readonly run: Run
    }
  /** Not attempted: kept, or not. */
  | {
      readonly kind: 'skipped'
      readonly eventId: string
      readonly run: Run
      readonly trigger: Trigger
      readonly message: string
      readonly at: number
      /** What is kept; null drops it. */
      readonly event: Event | null
      /** The webhook's alert endpoint is to be told. */
      readonly alert?: true
    }
  /** Another run took it on, or it has no cause any more; an attempt may have been made that is reported later. */
  | {
      readonly kind: 'withdrawn'
      readonly eventId: string
      readonly run: Run
      /** What carried it (`DeliveryState`): what somebody else was asked to carry since goes on. */
      readonly carrier: string | null
    }
  /** Nothing could be sent: the webhook's dialect cannot express the event. */
  | {
      readonly kind: 'unsendable'
      readonly eventId: string
      readonly run: Run
      readonly message: string
      readonly at: number
    }

/** What one batch did for one webhook. Its id is written once: what comes again changes nothing. */
export interface Report {
  readonly id: string
  readonly tenantId: string
  readonly webhookId: string
  readonly failureHandling: FailureHandling
  readonly entries: readonly ReportEntry[]
}

export type MonitorState = Pick<Health, 'version' | 'suspendedAt' | 'lane'>

export interface DeliveryKey {
  readonly eventId: string
  readonly run: Run
}

export interface AttemptQuery {
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

/** The memory of one webhook: health, attempts, diverted events. Everything of one report is written together. */
export interface Monitor {
  report(report: Report): Promise<MonitorState>
  /**
   * What the log knows of these deliveries, in order. A first run that is open counts as delivered once any run was; of
   * a run that has not begun, the one of its event that is under way.
   */
  states(keys: readonly DeliveryKey[]): Promise<readonly RunState[]>
  /** What the log knows of these events over all their runs, in order. */
  statesOfEvents(eventIds: readonly string[]): Promise<readonly DeliveryState[]>
  attempts(
    query: AttemptQuery,
  ): Promise<{ readonly items: readonly Attempt[]; readonly nextCursor: string | null }>
  health(): Promise<HealthReport>
  /** Lifts a suspension; `resumed` is false when there was none. */
  resume(
    tenantId: string,
    webhookId: string,
  ): Promise<{ readonly state: MonitorState; readonly resumed: boolean }>
  /**
   * Newest first, `limit` or as many as one answer carries (`PAGE.answerBytes`); a null `nextCursor` ends the list.
   * `offset` is for surfaces that page by number.
   */
  diverted(page: {
    readonly limit: number
    readonly cursor?: string | undefined
    readonly offset?: number | undefined
  }): Promise<{ readonly items: readonly DivertedEvent[]; readonly nextCursor: string | null }>
  findDiverted(eventId: string): Promise<DivertedEvent | null>
  deleteDiverted(eventId: string): Promise<boolean>
  /**
   * Sends an event again, durably: joins the run that is under way, whose next attempt is made now, or begins one.
   * `wasMatched`: the event was published to this webhook. False, and nothing is sent, when that is all that is known of it:
   * then its first attempt is on its way.
   */
  resend(ref: WebhookRef, event: Event, wasMatched: boolean): Promise<boolean>
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
   * The webhook is about to be deleted. Should whoever does that die before it is purged, this memory finds out by itself
   * that the webhook is gone, and forgets everything.
   */
  expectDeletion(ref: WebhookRef): Promise<void>
  /** Forgets everything and refuses later reports. */
  purge(): Promise<void>
}

/** A job as the tenant's log lists it. */
export interface JobEntry {
  readonly id: string
  readonly kind: 'resend' | 'replay'
  readonly webhookId: string
  readonly createdAt: number
  /** Null: the memory of its webhook knows. */
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
  /** Notes a job that a webhook's memory is about to be asked for, so that it is found here. */
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

/** A job of the whole deployment. */
export interface DeploymentJob {
  readonly id: string
  readonly kind: DeploymentRequest['kind']
  readonly tenantId: string | null
  readonly createdAt: number
  readonly progress: JobProgress
}

/** What the administrator's calls set going. It goes on until it has ended, whoever dies. */
export interface DeploymentJobs {
  /** Resolves when the job is kept and its first step taken; rejects when the first step fails, and is kept all the same. */
  start(id: string, request: DeploymentRequest): Promise<DeploymentJob>
  find(id: string): Promise<DeploymentJob | null>
  /** Newest first, below the id `before`. */
  list(page: {
    readonly limit: number
    readonly before: string | null
  }): Promise<readonly DeploymentJob[]>
  /** Stops a job where it is; false when it is not running. */
  cancel(id: string): Promise<boolean>
}

// ---------------------------------------------------------------- diagnostics

/** What waits in a queue, as far as the platform tells; it may be approximate. */
export interface Backlog {
  readonly messages: number
  readonly bytes: number
  /** When the oldest waiting message was written, Unix milliseconds; null when none waits. */
  readonly oldestAt: number | null
}

export const COMPONENTS = [
  'database',
  'secrets',
  'eventsQueue',
  'deliveriesQueue',
  'webhookMonitors',
  'eventLogs',
  'deploymentJobs',
] as const

/** What a look at a component found. */
export interface ComponentState {
  readonly component: (typeof COMPONENTS)[number]
  readonly reachable: boolean
  /** What is wrong with it, as a sentence without secrets; null when nothing is. */
  readonly reason: string | null
  /** Until it answered, or until it was given up. */
  readonly latencyMs: number
  /** Null for what is no queue, and where the platform does not tell. */
  readonly backlog: Backlog | null
}

export interface Diagnostics {
  /** Looks at every component once, cheaply and at the same time. Resolves within 2 s and never rejects. */
  look(): Promise<readonly ComponentState[]>
}

// ---------------------------------------------------------------- outgoing

export interface OutgoingRequest {
  readonly url: string
  readonly headers: readonly Header[]
  readonly body: string
  readonly timeoutMs: number
}

/** Makes one POST. Never rejects: whatever happens is an outcome. Refuses targets the address policy forbids. */
export type Send = (request: OutgoingRequest) => Promise<Outcome>

/** Why a URL may not be a target, as a sentence naming the rule; null when it may. */
export type CheckTarget = (url: string) => string | null

/**
 * Why what the host of a URL resolves to may not be a target, as a sentence naming the rule; null when it may. The URL
 * is one that `CheckTarget` lets through. Throws `unavailable` when that cannot be found out.
 */
export type CheckAddresses = (url: string) => Promise<string | null>

// ---------------------------------------------------------------- dialects

export interface WireContext {
  readonly tenantName: string
  /** The deployment's variables, for what a dialect lets be configured. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** A delivery that was given up, for the alert. */
export interface Exhaustion {
  readonly webhook: Webhook
  readonly eventId: string
  readonly eventType: string
  readonly trigger: Trigger
  readonly message: string
  readonly at: number
  readonly diverted: boolean
  readonly suspended: boolean
}

/** The outbound half of a dialect: what a receiver gets. */
export interface Wire {
  /**
   * The body and the dialect's own headers for an event, or null when this event means nothing in this dialect.
   * The body depends on the event alone, so that it is the same on every attempt. Signing headers of
   * delivery.md and the webhook's custom headers are added by the engine.
   */
  notify(
    event: Event,
    webhook: Webhook,
    context: WireContext,
  ): Promise<{ readonly headers: readonly Header[]; readonly body: string } | null>
  /**
   * For dialects where type and scope do not tell everything: whether an event that matches is the webhook's at all.
   * What is not counts as not matched: neither logged as a delivery nor kept. An event that is the webhook's and cannot be
   * expressed is none of these: `notify` answers null for it, and its owner sees that. Asked for every match, so it is
   * cheap, and it does not throw. Without it every event that matches is the webhook's.
   */
  concerns?(event: Event, webhook: Webhook): boolean
  /** The body of the POST to `alertUrl`. */
  alert(exhaustion: Exhaustion): string
  /**
   * For vendors whose alerts have credentials of their own: what signs such a POST, and its headers. Without it the
   * webhook's secrets sign, and there are no other headers than those of delivery.md.
   */
  alertSecrets?(
    webhook: Webhook,
    body: string,
  ): Promise<Pick<WebhookSecrets, 'signing' | 'headers'>>
}

/** What of a dialect the pipeline needs: its wire, and the failure handling of webhooks that have none of their own. */
export interface Outbound {
  readonly wire: Wire
  readonly policy: FailureHandling
  /** Its alert endpoints are told of each event that is kept because of a suspension, too. */
  readonly alertsWhileSuspended?: boolean
}

/** By the `dialect` of a webhook; null when this deployment does not speak it. */
export type Outbounds = (dialect: string) => Outbound | null

// ---------------------------------------------------------------- all of it

export interface Settings {
  /** Multiplies every delay and suspension duration. */
  readonly delayScale: number
  /** How many webhooks a tenant may have. */
  readonly webhooksPerTenant: number
  /** How many deliveries a batch of the events queue takes on; what is more waits for a later one. */
  readonly fanOut: number
  readonly variables: Readonly<Record<string, string | undefined>>
}

export interface Timer {
  /** Resolves when the time is over; never if it was stopped before. */
  readonly over: Promise<void>
  readonly stop: () => void
}

export interface Ports {
  readonly clock: Clock
  readonly log: Log
  /** A number in [0, 1). */
  readonly random: () => number
  /** Keeps the invocation alive until the promise settles, without holding its answer. */
  readonly background: (work: Promise<void>) => void
  /** Begins to count so many milliseconds. */
  readonly timer: (ms: number) => Timer
  readonly tenants: TenantStore
  readonly keys: KeyStore
  readonly templates: TemplateStore
  readonly webhooks: WebhookStore
  readonly secrets: SecretStore
  readonly deduplication: DeduplicationStore
  readonly deadLetters: DeadLetterStore
  readonly events: EventQueue
  readonly deliveries: DeliveryQueue
  readonly monitor: (webhookId: string) => Monitor
  readonly eventLog: (tenantId: string) => EventLog
  readonly deploymentJobs: DeploymentJobs
  readonly diagnostics: Diagnostics
  readonly send: Send
  readonly checkTarget: CheckTarget
  /** Absent: nobody is asked what a target resolves to. */
  readonly checkAddresses?: CheckAddresses
  readonly outbounds: Outbounds
  readonly settings: Settings
}
