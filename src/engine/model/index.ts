// The nouns. Plain readonly values; nothing here knows where it is stored or how it travels.

/** A customer of the account that runs Hookline; everything else belongs to exactly one. */
export interface Tenant {
  readonly id: string
  readonly name: string
  /** Unix milliseconds, like every `…At` in the model. */
  readonly createdAt: number
}

export const PERMISSIONS = [
  'webhooks:read',
  'webhooks:list',
  'webhooks:write',
  'webhooks:unowned',
  'events:read',
  'events:list',
  'events:write',
  'diverted-events:read',
  'diverted-events:list',
  'diverted-events:resend',
  'diverted-events:delete',
] as const
export type Permission = (typeof PERMISSIONS)[number]

/** A credential of a tenant. Its secret is stored as a hash only. */
export interface Key {
  readonly id: string
  readonly tenantId: string
  readonly name: string | null
  /** The user the key acts for, everywhere (visibility.ts); null acts as the tenant itself. */
  readonly subject: string | null
  readonly permissions: readonly Permission[]
  readonly createdAt: number
  readonly expiresAt: number | null
}

/** Who is calling: a key that was proven. */
export type Principal = Pick<Key, 'id' | 'tenantId' | 'subject' | 'permissions'>

/** An entry of the catalogue of kinds of processing that some surfaces let a webhook refer to. */
export interface Template {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly description: string
}

export type Scope = Readonly<Record<string, string>>

/** What a producer hands in: validated, without an id of ours. */
export interface EventDraft {
  readonly type: string
  /** JSON text of an object, exactly as the producer wrote it. */
  readonly data: string
  /** The producer's deduplication key. */
  readonly deduplicationKey: string | null
  /** RFC 3339 UTC with milliseconds; null means now. */
  readonly time: string | null
  readonly scope: Scope
  readonly actor: string | null
  readonly requestId: string | null
}

/** Something that happened. Immutable once accepted. */
export interface Event {
  /** UUIDv7: its time is when it was accepted. */
  readonly id: string
  readonly type: string
  /** RFC 3339 UTC with milliseconds. */
  readonly time: string
  /** JSON text of an object, exactly as the producer wrote it. */
  readonly data: string
  readonly scope: Scope
  readonly actor: string | null
  readonly requestId: string | null
}

/** Events that Hookline publishes itself (contracts/delivery.md, rule 4); producers cannot. */
export const SYSTEM_EVENT_TYPES = [
  'webhook.suspended',
  'webhook.resumed',
  'webhook.exhausted',
] as const
export type SystemEventType = (typeof SYSTEM_EVENT_TYPES)[number]

/** Whether an event type is one of Hookline's own. */
export function isSystemEventType(type: string): type is SystemEventType {
  return SYSTEM_EVENT_TYPES.some((own) => own === type)
}

/** An event as the log keeps it: with the webhooks it was meant for. */
export interface LoggedEvent extends Event {
  readonly webhookIds: readonly string[]
}

export type Header = readonly [name: string, value: string]

/** A status code, a class of them, or `timeout`: no answer for whatever reason. */
export type TriggerPattern = number | '3xx' | '4xx' | '5xx' | 'timeout'

export type RetryStrategy =
  | { readonly type: 'schedule'; readonly delaysSeconds: readonly number[] }
  | {
      readonly type: 'linear' | 'exponential'
      readonly intervalSeconds: number
      /** Retries after the first attempt, 1–100. */
      readonly attempts: number
    }

/** What happens when a delivery fails (contracts/delivery.md). */
export interface FailureHandling {
  readonly triggers: readonly TriggerPattern[]
  readonly retry: RetryStrategy | null
  /** Keep the event when retries are exhausted; false drops it. */
  readonly divert: boolean
  readonly suspend: { readonly afterSeconds: number; readonly afterFailures: number } | null
  readonly alertUrl: string | null
  readonly timeoutMs: number
}

export interface SigningSecret {
  /** `whsec_…` (HMAC), `whsk_…` (Ed25519), or any other text, which is used as its UTF-8 bytes. */
  readonly secret: string
  /** Unix milliseconds after which it no longer signs; null for the current one. */
  readonly expiresAt: number | null
}

/** What of a webhook is encrypted at rest. */
export interface WebhookSecrets {
  /** Newest first; empty means requests are not signed. */
  readonly signing: readonly SigningSecret[]
  /** Custom request headers; one entry per header line. */
  readonly headers: readonly Header[]
  /** Secret fields of the webhook's dialect (an authorization token, say). */
  readonly attributes: Readonly<Record<string, string>>
}

export type Lane = 'fast' | 'slow'
export type WebhookStatus = 'active' | 'disabled' | 'suspended'

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json }

/** A configuration: where a tenant's events of some types go. */
export interface Webhook {
  readonly id: string
  readonly tenantId: string
  /** The surface it was made on, which decides its wire format. */
  readonly dialect: string
  /** Subject of the key that made it. */
  readonly owner: string | null
  /** What may exist only once per tenant and dialect (a user's template, an instance name); null: no such rule. */
  readonly slot: string | null
  readonly name: string | null
  readonly url: string
  /** Exact types, `*`, or prefixes such as `invoice.*`. */
  readonly eventTypes: readonly string[]
  readonly scope: Scope
  readonly enabled: boolean
  /** Null: the default of its dialect. */
  readonly failureHandling: FailureHandling | null
  /** Public fields of its dialect that the engine has no use for. */
  readonly attributes: Readonly<Record<string, Json>>
  readonly secrets: WebhookSecrets
  /**
   * Its secrets cannot be opened (a key of the vault is missing), and `secrets` shows none: no request can be made, and
   * nothing but them is out of reach.
   */
  readonly unreadable?: true
  /** Written by Hookline from the monitor's state, never by an owner. */
  readonly suspendedAt: number | null
  readonly lane: Lane
  readonly createdAt: number
  readonly updatedAt: number
}

/** All of a webhook that is not encrypted at rest. */
export type WebhookOutline = Omit<Webhook, 'secrets' | 'unreadable'>

/** What an owner decides about a webhook; the rest is the engine's. */
export type WebhookDraft = Omit<
  Webhook,
  'id' | 'tenantId' | 'unreadable' | 'suspendedAt' | 'lane' | 'createdAt' | 'updatedAt'
>

/** A webhook as the pipeline reads it. */
export interface Subscriber extends Webhook {
  readonly tenantName: string
}

/** Which status a webhook shows: its owner's switch first, then Hookline's. */
export function statusOf(webhook: Pick<Webhook, 'enabled' | 'suspendedAt'>): WebhookStatus {
  if (!webhook.enabled) return 'disabled'
  return webhook.suspendedAt === null ? 'active' : 'suspended'
}

/**
 * Which sending of an event to a webhook is meant: '' is the one its publish caused, a UUID one that a
 * resend or replay caused. Retries and what the log knows belong to a run.
 */
export type Run = string
export const FIRST_RUN: Run = ''

/** Why a delivery failed or was not tried: a status code, no answer, or the webhook's state. */
export type Trigger = number | 'timeout' | 'suspended' | 'disabled' | 'crashed'

/** What one request to a receiver came to. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly statusCode: number; readonly durationMs: number }
  | {
      readonly kind: 'failed'
      /** Null: no answer for whatever reason. */
      readonly statusCode: number | null
      readonly durationMs: number
      /** What went wrong in one sentence, without secrets. */
      readonly error: string
      /** The first 1,024 bytes of the answer; null without an answer. */
      readonly responseExcerpt: string | null
      /** Seconds the receiver asked to wait, already read from seconds or an HTTP-date. */
      readonly retryAfterSeconds: number | null
    }

/** What is to be done after an outcome. */
export type Disposition =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly delaySeconds: number }
  /** Given up: kept, or not. `excluded`: by the first attempt, because the owner's triggers leave such a failure out. */
  | {
      readonly kind: 'divert' | 'drop'
      readonly trigger: Trigger
      readonly excluded?: true
    }

/** One try, as the log keeps it. */
export interface Attempt {
  readonly id: string
  readonly eventId: string
  readonly eventType: string
  readonly run: Run
  /** 1 for the first try of its run. */
  readonly attempt: number
  readonly at: number
  readonly outcome: 'delivered' | 'failed'
  readonly statusCode: number | null
  readonly durationMs: number
  readonly error: string | null
  readonly responseExcerpt: string | null
  readonly nextAttemptAt: number | null
}

/** `unsendable`: the webhook's dialect cannot express the event, so nothing was sent. */
export type DeliveryStatus =
  | 'pending'
  | 'delivered'
  | 'failing'
  | 'diverted'
  | 'dropped'
  | 'unsendable'

/** `withdrawn`: another run of its event took it on, or it has no cause any more; it tells nothing about the event. */
export type RunStatus = DeliveryStatus | 'withdrawn'

/** Whether nothing more happens to a delivery of this status unless somebody asks for it. */
export function hasEnded(status: RunStatus): boolean {
  return status !== 'pending' && status !== 'failing'
}

/** How one run of an event stands at one webhook. */
export interface RunProgress {
  readonly status: RunStatus
  readonly attempts: number
  readonly lastAttemptAt: number | null
  readonly nextAttemptAt: number | null
  /** Why it ended without being delivered, as a sentence; null in every other case. */
  readonly reason: string | null
  /** The message that carries it (`DeliveryMessage`); null: the one that always has. */
  readonly carrier: string | null
}

/** A run as the log has it. */
export interface RunState extends RunProgress {
  readonly run: Run
}

/** How an event stands at one webhook, as its owner sees it. */
export interface DeliveryState extends RunProgress {
  readonly status: DeliveryStatus
}

/** An event kept because it could not be delivered. */
export interface DivertedEvent {
  readonly event: Event
  readonly trigger: Trigger
  readonly message: string
  readonly divertedAt: number
}

export type JobState = 'running' | 'done' | 'failed' | 'cancelled'

/** How far something got that goes on in the background, whatever it is. */
export interface JobProgress {
  readonly state: JobState
  /** What of it is done, counted in the things it is about. */
  readonly done: number
  /** Of how many; null while nobody knows. */
  readonly total: number | null
  /** What went wrong last, as a sentence: it is tried again while the job is running. */
  readonly error: string | null
  readonly endedAt: number | null
}

/** Something that goes on in the background. */
export interface Job extends JobProgress {
  readonly id: string
  readonly kind: 'resend' | 'replay' | 'purge' | 'reencrypt'
  /** Null: the whole deployment's. */
  readonly tenantId: string | null
  readonly webhookId: string | null
  readonly createdAt: number
}

/** What whoever asks for a job is told: how many things it is about, or null when nobody has counted. */
export interface StartedJob {
  readonly jobId: string
  readonly queued: number | null
}

/** The counts that decide suspension and lane. `version` grows with every change of `suspendedAt` or `lane`. */
export interface Health {
  readonly version: number
  readonly consecutiveFailures: number
  /** Start of the first failed attempt since the last success. */
  readonly failingSince: number | null
  /** Distinct events that failed at least once since the last success. */
  readonly failedEvents: number
  /** Distinct events whose retries ended since the last success. */
  readonly exhaustedEvents: number
  readonly lastSuccessAt: number | null
  readonly suspendedAt: number | null
  readonly suspendedReason: SuspensionReason | null
  readonly lane: Lane
  /** Consecutive answers that speak for the other lane. */
  readonly laneStreak: number
}

export type SuspensionReason = 'failing' | 'gone'

/** What a webhook's health shows, over the last 24 h. */
export interface HealthReport {
  readonly health: Health
  readonly totals: {
    readonly delivered: number
    readonly failed: number
    readonly diverted: number
    readonly unsendable: number
  }
  /** Milliseconds; null without a delivered attempt. */
  readonly latencyMs: { readonly p50: number | null; readonly p95: number | null }
}

/** Removing all that a deleted tenant had. */
export interface PurgeRequest {
  readonly kind: 'purge'
  readonly tenantId: string
  /** Tells the tenant from a later one with the same id. */
  readonly tenantCreatedAt: number
  readonly webhookIds: readonly string[]
  /** Nobody can use the tenant any more. */
  readonly isClosed: boolean
  /** How many of the webhooks are purged. */
  readonly purged: number
}

/** Sealing all secrets at rest under the newest key. */
export interface ReencryptRequest {
  readonly kind: 'reencrypt'
  /** The last webhook that was looked at. */
  readonly after: { readonly tenantId: string; readonly id: string } | null
  /** Webhooks whose secrets no key opens: how many, and the first of them. */
  readonly unreadable: number
  readonly examples: readonly string[]
}

export type DeploymentRequest = PurgeRequest | ReencryptRequest
