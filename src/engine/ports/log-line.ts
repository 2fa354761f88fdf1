// Every line that Hookline logs, by its `event` (those beside requests, messages and deliveries: log-line-rest.ts). docs/operations.md, "Log lines", tells an operator what to make of each;
// test/architecture.test.ts holds both together. None has a payload, a secret or a URL.

import type { EngineErrorCode } from '../../errors.ts'
import type { Disposition, HttpSignature, Outcome } from '../model/index.ts'
import type { EngineLine, PlatformLine } from './log-line-rest.ts'
import type { DeliveryMessage } from './queues.ts'

export type LogLine = SurfaceLine | ConsumerLine | DeliveryLine | EngineLine | PlatformLine

type QueueName = 'events' | 'deliveries'
/** What a message of the deliveries queue asks for that brings no delivery. */
type ControlKind = Exclude<DeliveryMessage['kind'], 'deliver'>

/** Written by what answers requests. */
type SurfaceLine =
  /** A request was answered. */
  | {
      readonly event: 'request'
      readonly requestId: string
      readonly method: string
      readonly route: string
      readonly status: number
      readonly durationMs: number
      readonly tenantId: string | undefined
      readonly keyId: string | undefined
      /** Said of an operator key alone. */
      readonly keyKind: 'operator' | undefined
      readonly failure: EngineErrorCode | undefined
      /** The tool that was called through the MCP server; absent: none. */
      readonly tool?: string
      /** Of the trace that the request names, here and below; absent: none. */
      readonly traceId?: string
    }
  /** A request failed before any surface had it. */
  | { readonly event: 'request.unbegun'; readonly status: number; readonly error: string }
  /** A component failed that a request needs. */
  | {
      readonly event: 'request.unavailable'
      readonly requestId: string
      readonly error: string
      readonly stack: string | undefined
    }
  /** A bug. */
  | {
      readonly event: 'request.crashed'
      readonly requestId: string
      readonly error: string
      readonly stack: string | undefined
    }
  /** A stream of events ended because a component failed that it needs. */
  | { readonly event: 'stream.broken'; readonly requestId: string; readonly error: string }
  /** The rate limiter failed. */
  | { readonly event: 'rate.uncounted'; readonly keyId: string; readonly error: string }

/** Written by the consumers of the queues about messages and batches. */
type ConsumerLine =
  /** Nobody can process it, and it is a dead letter now. */
  | {
      readonly event: 'message.kept'
      readonly queue: QueueName
      readonly messageId: string
    }
  /** A dead letter could not be stored. */
  | {
      readonly event: 'message.unkept'
      readonly queue: QueueName
      readonly messageId: string
      readonly error: string
    }
  /** Something failed that it needs; `kind` is null where it brings events. */
  | {
      readonly event: 'message.postponed'
      readonly queue: QueueName
      readonly messageId: string
      readonly kind: ControlKind | null
      readonly error: string
    }
  /** What it asks for was not done in time. */
  | {
      readonly event: 'message.unanswered'
      readonly queue: QueueName
      readonly messageId: string
      readonly kind: ControlKind
    }
  /** It is of a newer version, and waits. */
  | {
      readonly event: 'message.newer'
      readonly queue: QueueName
      readonly messageId: string
      readonly attempts: number
    }
  /** One of a newer version is old and could not be stored anew. */
  | {
      readonly event: 'message.unrenewed'
      readonly queue: QueueName
      readonly messageId: string
      readonly error: string
    }
  /** One of a dead-letter queue could not be diverted. */
  | { readonly event: 'dead.postponed'; readonly messageId: string; readonly error: string }
  /** The webhooks of a batch of events could not be read. */
  | { readonly event: 'subscribers.unreadable'; readonly error: string }
  /** Those of a batch of deliveries could not be read. */
  | { readonly event: 'webhooks.unreadable'; readonly error: string }
  /** What a batch did could not be stored: so many of its messages come again. */
  | {
      readonly event: 'batch.unrecorded'
      readonly queue: QueueName
      readonly messages: number
      readonly error: string
    }
  /** So many rows of what became of deliveries could not be read, and are gone. */
  | {
      readonly event: 'outcomes.unreadable'
      readonly rows: number
    }
  /** A tenant's event log could not be reached to forget what is old: it comes again in a week. */
  | { readonly event: 'sweep.skipped'; readonly tenantId: string; readonly error: string }
  /** A webhook was changed, and the event log could not be told that the change is over: it reads them until it finds out. */
  | { readonly event: 'change.unconfirmed'; readonly tenantId: string; readonly error: string }
  /** The event log could not be reached: so many events wait in the queue for it. */
  | {
      readonly event: 'publish.queued'
      readonly tenantId: string
      readonly events: number
      readonly error: string
    }
  /** What became of so many first deliveries could not be noted: the event log sends them on. */
  | {
      readonly event: 'publish.unrecorded'
      readonly tenantId: string | null
      readonly deliveries: number
      readonly error: string
    }
  /** An answer that came after the end of its batch could not be stored. */
  | { readonly event: 'background.unrecorded'; readonly webhookId: string; readonly error: string }
  /** The hourly removal of what has expired. */
  | {
      readonly event: 'swept'
      readonly deduplicationKeys: number
      readonly deadLetters: number
      readonly eventLogs: number
    }

/** Written on the way of an event to one webhook. */
type DeliveryLine =
  /** A request was made to a receiver. */
  | {
      readonly event: 'attempt'
      readonly tenantId: string
      readonly webhookId: string
      readonly dialect: string
      readonly eventId: string
      readonly eventType: string
      readonly attempt: number
      readonly statusCode: number | null
      readonly durationMs: number
      readonly traceId?: string
      /** Of which it told, where they are several: `eventId` is that of the request then. */
      readonly events?: number
      /** What went wrong, as a sentence; absent where it was delivered. */
      readonly error?: string
      readonly disposition: Disposition['kind']
    }
  /** A request to a receiver could not be made; `error` is the name of what was thrown. */
  | {
      readonly event: 'attempt.crashed'
      readonly webhookId: string
      readonly eventId: string
      readonly error: string
      readonly stack: string | undefined
    }
  /** The webhook's dialect has no format for the event, or its expressions fail on it. */
  | {
      readonly event: 'delivery.unsendable'
      readonly tenantId: string
      readonly webhookId: string
      readonly dialect: string
      readonly eventId: string
      readonly eventType: string
      readonly traceId?: string
    }
  /** The webhook's filter leaves the event out. */
  | {
      readonly event: 'delivery.filtered'
      readonly tenantId: string
      readonly webhookId: string
      readonly dialect: string
      readonly eventId: string
      readonly eventType: string
      readonly traceId?: string
    }
  /** Expressions have taken the steps of an invocation: deliveries to webhooks with some, first of `tenantId`, go by the slow queue. */
  | {
      readonly event: 'expressions.postponed'
      readonly tenantId: string
      readonly deliveries: number
      readonly steps: number
    }
  /** An owner cancelled pending deliveries. */
  | {
      readonly event: 'deliveries.cancelled'
      readonly tenantId: string
      readonly webhookId: string
      readonly deliveries: number
    }
  /** A delivery came by a queue whose event was erased: it ends, and nothing is sent. */
  | {
      readonly event: 'delivery.erased'
      readonly tenantId: string
      readonly webhookId: string
      readonly eventId: string
    }
  /** The message of a delivery is old and could not be sent as a new one. */
  | { readonly event: 'delivery.unrenewed'; readonly messageId: string; readonly error: string }
  /** The webhook's dialect is not part of the deployment. */
  | {
      readonly event: 'dialect.unknown'
      readonly tenantId: string
      readonly webhookId: string
      readonly dialect: string
    }
  /** The deployment has no key that makes the HTTP signature of the webhook. */
  | {
      readonly event: 'signing_key.missing'
      readonly tenantId: string
      readonly webhookId: string
      readonly profile: HttpSignature['profile']
    }
  /** A monitor could not be asked what became of a delivery. */
  | { readonly event: 'monitor.unreachable'; readonly webhookId: string; readonly error: string }
  /** It did not say so in time. */
  | { readonly event: 'monitor.unanswered'; readonly webhookId: string }
  /** A monitor did not store a report. */
  | {
      readonly event: 'report.failed'
      readonly webhookId: string
      readonly reportId: string
      readonly tries: number
      readonly error: string
    }
  /** It did not say in time that it did. */
  | { readonly event: 'report.unanswered'; readonly webhookId: string; readonly reportId: string }
  /** A suspension or a lane could not be written to the configuration. */
  | { readonly event: 'state.unwritten'; readonly webhookId: string; readonly error: string }
  /** A resend or a replay could not join the retries under way. */
  | { readonly event: 'resend.postponed'; readonly webhookId: string; readonly error: string }
  /** A request was made to an `alertUrl`. */
  | {
      readonly event: 'alert'
      readonly webhookId: string
      readonly outcome: Outcome['kind']
      readonly statusCode: number | null
      readonly durationMs: number
    }
