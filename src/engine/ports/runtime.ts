// Time, log lines and settings, and all ports together.

import type { HttpSigning, ShardSchedule } from '../model/index.ts'
import type { ActivityStore } from './activity-store.ts'
import type { AuditStore } from './audit-store.ts'
import type { DeploymentJobs, TenantJobStore } from './deployment-jobs.ts'
import type { Diagnostics } from './diagnostics.ts'
import type { DialectRuntimes } from './dialect.ts'
import type { EventLog } from './event-log.ts'
import type { IdempotencyStore } from './idempotency.ts'
import type { LogLine } from './log-line.ts'
import type { Mail, NoticeStore } from './notices.ts'
import type { CheckAddresses, CheckTarget, RequestsUnderWay, Send } from './outgoing.ts'
import type { PullConsumerStore } from './pull-consumers.ts'
import type { DeliveryQueue, EventQueue } from './queues.ts'
import type { PortalLinkStore, SessionStore } from './sessions.ts'
import type {
  DeadLetterStore,
  DeduplicationStore,
  EventTypeStore,
  KeyStore,
  SecretStore,
  TemplateStore,
  TenantStore,
  WebhookStore,
} from './stores.ts'
import type { InSpan } from './tracing.ts'
import type { Monitor } from './webhook-monitor.ts'

/** Unix milliseconds. */
export type Clock = () => number

/** One structured line; never with secrets or payloads. */
export type Log = (line: LogLine) => void

export interface Settings {
  /** Multiplies every delay and suspension duration. */
  readonly delayScale: number
  /** How many webhooks a tenant may have. */
  readonly webhooksPerTenant: number
  /** How many deliveries a publish or a batch of the events queue takes on; what is more waits for a later one. */
  readonly fanOut: number
  /** How many first attempts a publish makes itself; 0 sends everything through the queue. */
  readonly firstAttempts: number
  /** Whether types may be published that the catalogue does not list. */
  readonly unlistedEventTypes: 'allow' | 'forbid'
  /** How many shards the event log of each tenant has. */
  readonly shards: ShardSchedule
  /** The host name of this deployment, with its port if there is one; null: nobody told. */
  readonly publicHost: string | null
  /** What HTTP signatures are made with. */
  readonly httpSigning: HttpSigning
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
  readonly inSpan: InSpan
  /** A number in [0, 1). */
  readonly random: () => number
  /** Keeps the invocation alive until the promise settles, without holding its answer. */
  readonly background: (work: Promise<void>) => void
  /** Begins to count so many milliseconds. */
  readonly timer: (ms: number) => Timer
  readonly tenants: TenantStore
  readonly keys: KeyStore
  readonly sessions: SessionStore
  readonly portalLinks: PortalLinkStore
  readonly notices: NoticeStore
  readonly pullConsumers: PullConsumerStore
  readonly templates: TemplateStore
  readonly eventTypes: EventTypeStore
  readonly webhooks: WebhookStore
  readonly secrets: SecretStore
  readonly deduplication: DeduplicationStore
  readonly idempotency: IdempotencyStore
  readonly deadLetters: DeadLetterStore
  readonly tenantJobs: TenantJobStore
  readonly activity: ActivityStore
  readonly audit: AuditStore
  readonly events: EventQueue
  readonly deliveries: DeliveryQueue
  readonly monitor: (webhookId: string) => Monitor
  readonly eventLog: (tenantId: string) => EventLog
  readonly deploymentJobs: DeploymentJobs
  readonly diagnostics: Diagnostics
  readonly send: Send
  /** Those of this isolate. */
  readonly underWay: RequestsUnderWay
  readonly checkTarget: CheckTarget
  /** Absent: nobody is asked what a target resolves to. */
  readonly checkAddresses?: CheckAddresses
  /** Absent: this deployment sends no e-mail. */
  readonly mail?: Mail | undefined
  readonly dialectRuntimes: DialectRuntimes
  readonly settings: Settings
}
