// The log lines (log-line.ts) of what is neither a request, nor a message, nor a delivery.

import type { AuditAction, VerificationMethod } from '../model/index.ts'
import type { ComponentState } from './diagnostics.ts'

/** Written by the rest of the engine. */
export type EngineLine =
  /** Events were published whose data is not valid under their schema. */
  | {
      readonly event: 'publish.invalid'
      readonly tenantId: string
      readonly eventType: string
      /** Of the data, in the catalogue. */
      readonly version: string
      readonly events: number
      /** Of the first one: where, without what stands there. */
      readonly path: string
    }
  /** Events were published without data of a version, which a conversion was to make. */
  | {
      readonly event: 'publish.not_converted'
      readonly tenantId: string
      readonly eventType: string
      /** The version that has no data, and that of which it was to be made. */
      readonly version: string
      readonly from: string
      readonly events: number
      /** Of the first one: what kind of failure it was. */
      readonly code: string
    }
  /** A receiver was asked whether it wants to be sent to. */
  | {
      readonly event: 'webhook.verification'
      readonly tenantId: string
      readonly webhookId: string
      readonly method: VerificationMethod
      readonly isVerified: boolean
      /** Null: there was no response. */
      readonly statusCode: number | null
      readonly durationMs: number
    }
  /** What the receiver of a new webhook said could not be stored: it counts as not asked. */
  | { readonly event: 'verification.unwritten'; readonly webhookId: string; readonly error: string }
  /** A monitor could not be told that its webhook is about to be deleted. */
  | { readonly event: 'deletion.unannounced'; readonly webhookId: string; readonly error: string }
  /** A pull webhook that nobody reads could not be deleted. */
  | { readonly event: 'idle.undeleted'; readonly webhookId: string; readonly error: string }
  /** What was changed could not be written down in the audit. */
  | {
      readonly event: 'audit.unwritten'
      readonly actions: readonly AuditAction[]
      readonly entries: number
      readonly error: string
    }
  /** Whoever runs Hookline was not told of a change of a webhook. */
  | { readonly event: 'operator.untold'; readonly webhookId: string; readonly error: string }
  /** A mail could not be sent: about a webhook, or (null) the one that has an address confirmed. */
  | {
      readonly event: 'notice.unsent'
      readonly tenantId: string
      readonly webhookId: string | null
      readonly error: string
    }
  /** Notices waited for a day and were not mailed. */
  | { readonly event: 'notices.given_up'; readonly notices: number }
  /** The monitor of a deleted webhook could not be emptied. */
  | { readonly event: 'purge.postponed'; readonly webhookId: string; readonly error: string }

/** Written by the platform about its components. */
export type PlatformLine =
  /** A component does not answer, or cannot be used. */
  | {
      readonly event: 'component.unreachable'
      readonly component: ComponentState['component']
      readonly latencyMs: number
      readonly error: string
    }
  /** The catalogue of event types could not be read anew: publishing goes on with the former one. */
  | { readonly event: 'catalogue.stale'; readonly error: string }
  /** What an object counted could not be handed over. */
  | { readonly event: 'activity.untold'; readonly tenantId: string; readonly error: string }
  /** No key opens the secrets of the webhook. */
  | { readonly event: 'secrets.unreadable'; readonly webhookId: string; readonly error: string }
  /** Events came in, mostly from a queue, that were erased before: they are kept without content, and sent to nobody. */
  | {
      readonly event: 'events.erased'
      readonly tenantId: string | null
      readonly events: number
    }
  /** Scheduled events were accepted, because their time had come: that of the first so many milliseconds ago. */
  | {
      readonly event: 'events.due'
      readonly tenantId: string
      readonly events: number
      readonly lateMs: number
    }
  /** An object could not send its messages, or get on with a job. */
  | { readonly event: 'outbox.waiting'; readonly error: string }
