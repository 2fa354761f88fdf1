// A configuration: where events go, how requests are signed, and what its owner decided.

import type { Batch, Batching } from './batching.ts'
import type { Scope } from './event.ts'
import type { FailureHandling } from './failure-handling.ts'
import type { HttpSignature } from './http-signature.ts'
import type { Order, Ordering } from './order.ts'
import type { Rate, Throttle } from './rate.ts'

export type Header = readonly [name: string, value: string]

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
  /** What `$secret` answers in its expressions, by name; absent: nothing. */
  readonly values?: Readonly<Record<string, string>> | undefined
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

/**
 * That a webhook is to wait: since when (Unix milliseconds), and whether it does no more. Of several the one that began last
 * counts, and its end more than its beginning: so whoever hears of them late or twice comes to the same.
 */
export interface Pause {
  readonly since: number
  readonly isOver: boolean
  /** Why its events wait; absent: its owner wants it so. */
  readonly reasons?: readonly PauseReason[] | undefined
}

/** Its owner wants it so; or its receiver has not agreed to be sent to (`Verification`). */
export const PAUSE_REASONS = ['owner', 'unverified'] as const
type PauseReason = (typeof PAUSE_REASONS)[number]

/** How a receiver is asked whether it wants to be sent to (docs/verification.md). */
export const VERIFICATION_METHODS = ['challenge', 'cloudevents'] as const
export type VerificationMethod = (typeof VERIFICATION_METHODS)[number]

/** That a receiver is asked before anything is sent to it, and what came of that. Times in Unix milliseconds. */
export interface Verification {
  readonly method: VerificationMethod
  /** When it was asked last; null: never yet. */
  readonly askedAt: number | null
  /** When it agreed; null: it has not, at the present URL. */
  readonly verifiedAt: number | null
  /** Why it does not count as agreed, as a sentence; null: it does, or was not asked. */
  readonly error: string | null
}

/** To which version a webhook is pinned since when (Unix milliseconds); a version of null: to none, it gets the newest data. */
export interface Pin {
  readonly version: string | null
  readonly since: number
}

/** Expressions on an event that say what a webhook gets of it (docs/expressions.md). */
export interface Expressions {
  /** Which events it gets; null: all that it hears. */
  readonly filter: string | null
  /** What makes the body of its requests; null: its surface. */
  readonly body: string | null
  /** What makes the values of further headers of its requests, by their names. */
  readonly headers: Readonly<Record<string, string>>
  /** What makes segments of a path behind its URL's; null: none. */
  readonly path: string | null
  /** What makes the values of further parameters of its URL, by their names. */
  readonly query: Readonly<Record<string, string>>
  /** How its events are written; null: as Standard Webhooks has it. No expression, and kept with them: it counts as they do. */
  readonly format: Format | null
}

/**
 * How the events of a webhook made on `/v1` are written, where not as Standard Webhooks has it: as CloudEvents 1.0, whole in the body or,
 * `cloudevents-binary`, with the data as the body and all else in headers.
 */
export const FORMATS = ['cloudevents', 'cloudevents-binary'] as const
export type Format = (typeof FORMATS)[number]

/** Which expressions of a webhook say what it gets since when (Unix milliseconds); those of its requests, and its format, may be absent: none. */
export interface Shape
  extends Pick<Expressions, 'filter' | 'body'>,
    Partial<Pick<Expressions, 'headers' | 'path' | 'query' | 'format'>> {
  /** What the webhook was called then: expressions see it. */
  readonly name: string | null
  readonly since: number
}

/** A configuration: where a tenant's events of some types go. */
export interface Webhook {
  readonly id: string
  readonly tenantId: string
  /** The surface it was made on, which decides its wire format. */
  readonly dialect: string
  /** Subject of the key that made it. */
  readonly owner: string | null
  /** What may exist only once per tenant and dialect (a user's template, an instance name); null: no such rule. */
  readonly uniqueKey: string | null
  readonly name: string | null
  /** What its owner calls it: unique within its tenant. */
  readonly uid: string | null
  readonly description: string | null
  /** What its owner notes of it: texts by name. */
  readonly metadata: Readonly<Record<string, string>>
  /** Where its requests go; `PULL_URL` of one to which nothing is sent. */
  readonly url: string
  /** Exact types, `*`, or prefixes such as `invoice.*`. */
  readonly eventTypes: readonly string[]
  readonly scope: Scope
  /** It gets events that have one of these; none: whatever channels an event has. */
  readonly channels: readonly string[]
  readonly enabled: boolean
  /** Null: the default of its dialect. */
  readonly failureHandling: FailureHandling | null
  /** Public fields of its dialect that the engine has no use for. */
  readonly attributes: Readonly<Record<string, Json>>
  /** To which versions of data it is and was pinned, oldest first; none: it gets the newest data. */
  readonly pins: readonly Pin[]
  /** Its expressions and former ones, oldest first; absent or none: it never had any. */
  readonly shapes?: readonly Shape[] | undefined
  /** The last one; null: it was never paused. */
  readonly pause: Pause | null
  /** Absent or null: its receiver is not asked. */
  readonly verification?: Verification | null | undefined
  /** Absent or null: it never had a rate. */
  readonly throttle?: Throttle | null | undefined
  /** Absent or null: its events never came in order. */
  readonly ordering?: Ordering | null | undefined
  /** Absent or null: its events never went together. */
  readonly batching?: Batching | null | undefined
  /** Absent or null: its requests have none. */
  readonly httpSignature?: HttpSignature | null | undefined
  /** After how long without a pull it is deleted; absent or null: never. */
  readonly deleteAfterIdleSeconds?: number | null | undefined
  /** When it was last pulled, as far as that is noted. Written by the engine, never by an owner. */
  readonly pulledAt?: number | null | undefined
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

/** What many a surface says nothing of. */
export type WebhookNotes = Pick<Webhook, 'uid' | 'description' | 'metadata' | 'channels'>

/** What an owner decides about a webhook; the rest is the engine's. Notes that are left out are as they were, and of a new one empty. */
export interface WebhookDraft
  extends Omit<
      Webhook,
      | 'id'
      | 'tenantId'
      | 'pins'
      | 'shapes'
      | 'pause'
      | 'verification'
      | 'throttle'
      | 'ordering'
      | 'batching'
      | 'pulledAt'
      | 'unreadable'
      | 'suspendedAt'
      | 'lane'
      | 'createdAt'
      | 'updatedAt'
      | keyof WebhookNotes
    >,
    Partial<WebhookNotes> {
  /** Nothing is to be sent to it, and its URL is `PULL_URL`: an owner says so, whose URL cannot. */
  readonly pull?: true | undefined
  /** The version of data to pin it to; null: none. Absent: as it is, and of a new one the newest in the catalogue. */
  readonly version?: string | null | undefined
  /** Its expressions. What is absent is as it is, and of a new one none. */
  readonly expressions?: Partial<Expressions> | undefined
  /** Whether its events wait. Absent: as it is, and of a new one no. */
  readonly paused?: boolean | undefined
  /** How its receiver is asked; null: not at all. Absent: as it is, and of a new one null. */
  readonly verificationMethod?: VerificationMethod | null | undefined
  /** How much it may get; null: no bound. Absent: as it is, and of a new one none. */
  readonly rate?: Rate | null | undefined
  /** Which of its events come one after the other; null: none. Absent: as it is, and of a new one none. */
  readonly order?: Order | null | undefined
  /** Which of its events go together in one request; null: each has its own. Absent: as it is, and of a new one null. */
  readonly batch?: Batch | null | undefined
}

/** A webhook as a delivery needs it. */
export interface WebhookWithTenant extends Webhook {
  readonly tenantName: string
  /** Days for which its tenant's events are kept; absent: the default. */
  readonly tenantRetentionDays?: number | undefined
  /** When events of its tenant were last asked to be erased (Unix milliseconds); null: never. Absent where nobody looked. */
  readonly tenantErasedAt?: number | null | undefined
}

/**
 * Stands in place of the URL of a webhook whose consumers read its events themselves (configuration/pull.ts): of no scheme that
 * anything is sent to, whichever version reads it.
 */
export const PULL_URL = 'pull:'

/** Whether nothing is sent to a webhook, because its consumers read its events themselves. It never changes. */
export function isPull({ url }: Pick<Webhook, 'url'>): boolean {
  return url === PULL_URL
}

/** Whether events of a webhook wait, for whichever of these reasons. */
export function isPaused({ pause }: { readonly pause: Pause | null }): boolean {
  return pause !== null && !pause.isOver
}

/** Whether they wait for this reason. */
export function isPausedFor(
  reason: PauseReason,
  { pause }: { readonly pause: Pause | null },
): boolean {
  return reasonsOf(pause).includes(reason)
}

function reasonsOf(pause: Pause | null): readonly PauseReason[] {
  if (pause === null || pause.isOver) return []
  return pause.reasons ?? ['owner']
}

/** The pause of a webhook after some reasons came or went (absent: as they were); the same where that is nothing new. */
export function nextPause(
  known: Pause | null,
  wanted: Partial<Record<PauseReason, boolean | undefined>>,
  now: number,
): Pause | null {
  const present = reasonsOf(known)
  const reasons = PAUSE_REASONS.filter((reason) => wanted[reason] ?? present.includes(reason))
  if (reasons.join() === present.join()) return known
  const named = reasons.join() === 'owner' ? {} : { reasons }
  if (known === null || known.isOver) {
    return { since: Math.max(now, (known?.since ?? 0) + 1), isOver: false, ...named }
  }
  if (reasons.length === 0) return { since: known.since, isOver: true }
  return { since: known.since, isOver: false, ...named }
}

/** Which status a webhook shows: its owner's switch first, then Hookline's. */
export function statusOf(webhook: Pick<Webhook, 'enabled' | 'suspendedAt'>): WebhookStatus {
  if (!webhook.enabled) return 'disabled'
  return webhook.suspendedAt === null ? 'active' : 'suspended'
}
