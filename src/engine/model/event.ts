// What happened: as a producer hands it in, as it is accepted, and as the event log keeps it.

import type { TraceContext } from './trace-context.ts'

export type Scope = Readonly<Record<string, string>>

/** Data as it was published under a version. */
export interface VersionData {
  readonly version: string
  /** JSON text of an object, exactly as the producer wrote it. */
  readonly data: string
}

/** What webhooks get that are pinned to `from` or later, up to the next range; the first one, those pinned to anything before, too. */
export interface DataRange {
  readonly from: string
  /** As it was published; null where the producer gave `data` alone, or nothing for this range. */
  readonly version: string | null
  /** Null: there is none for them. Absent: the event's own `data`. */
  readonly data?: string | null | undefined
  /** Why there is none, as a sentence, where it should have been made of another version; absent: nobody was to make it. */
  readonly failure?: string | undefined
}

/** A text in any form, for webhooks whose surface can send one. */
interface RawBody {
  readonly text: string
  /** Its media type; null: `application/json`. */
  readonly contentType: string | null
}

/** The context attributes of a CloudEvent but its type, as they came: its own id and source among them. */
export type CloudEventAttributes = Readonly<Record<string, string | number | boolean>>

/** What a producer hands in: validated, without an id of ours. */
export interface EventDraft {
  readonly type: string
  /** JSON text of an object, exactly as the producer wrote it: of the newest version, if there are several. */
  readonly data: string
  /** The same by version, newest first, where the producer wrote `versions` and not `data`. */
  readonly versions?: readonly VersionData[] | undefined
  /** The producer's deduplication key. */
  readonly deduplicationKey: string | null
  /** RFC 3339 UTC with milliseconds; null means now. */
  readonly time: string | null
  readonly scope: Scope
  /** Webhooks that have channels get it only if they share one; absent: none. */
  readonly channels?: readonly string[] | undefined
  /** By which its producer finds it again; absent: none. */
  readonly tags?: readonly string[] | undefined
  /** What its producer calls it, to be shown with it; absent: nothing. */
  readonly uid?: string | undefined
  /** What receivers get in place of `data`, on surfaces that can send it; absent: they get `data`. */
  readonly raw?: RawBody | undefined
  readonly actor: string | null
  readonly requestId: string | null
  /** The trace it belongs to; absent: nobody named one. */
  readonly trace?: TraceContext | undefined
  /** Of an event that came as a CloudEvent; absent: it did not. */
  readonly cloudEvent?: CloudEventAttributes | undefined
  /** Days for which to keep the event; absent: as long as its tenant's events are kept. */
  readonly retentionDays?: number | undefined
  /** When it is to be accepted and sent, Unix milliseconds; absent, or past: at once. */
  readonly deliverAt?: number | undefined
}

/** The same, with the tenant for whom it is handed in, where that is said. */
export interface AddressedDraft extends EventDraft {
  /** By its id or its uid. */
  readonly tenant?: string | undefined
  /** Whether the tenant is made if there is none. */
  readonly createTenant?: boolean | undefined
}

/** Something that happened. Immutable once accepted. */
export interface Event {
  /** UUIDv7: its time is when it was accepted; of a scheduled event, when it is to be. */
  readonly id: string
  readonly type: string
  /** RFC 3339 UTC with milliseconds. */
  readonly time: string
  /** JSON text of an object, exactly as the producer wrote it: of the newest version, if there are several. */
  readonly data: string
  /** Who gets which data, oldest first (`asSentTo`); absent: whoever gets the event gets `data`. */
  readonly versions?: readonly DataRange[] | undefined
  /** Some of its data was not valid under its schema, of which the type only warns. */
  readonly invalid?: true | undefined
  readonly scope: Scope
  /** Absent: none, here and below. */
  readonly channels?: readonly string[] | undefined
  readonly tags?: readonly string[] | undefined
  /** What its producer calls it. */
  readonly uid?: string | undefined
  readonly raw?: RawBody | undefined
  readonly actor: string | null
  readonly requestId: string | null
  readonly trace?: TraceContext | undefined
  readonly cloudEvent?: CloudEventAttributes | undefined
  /** Days from its acceptance for which it is kept; absent: as long as its tenant's events are. */
  readonly retentionDays?: number | undefined
  /** When its content was expunged; absent: it has its content. */
  readonly expungedAt?: number | undefined
  /** When it was published, where that was before the time in its id: it was scheduled for that. */
  readonly publishedAt?: number | undefined
  /** When it was cancelled, before its time came: it is for nobody; absent: it was not. */
  readonly cancelledAt?: number | undefined
}

/** Events that Hookline publishes itself (docs/contracts/delivery.md, "System events"); producers cannot. */
const SYSTEM_EVENT_TYPES = [
  'webhook.failing',
  'webhook.suspended',
  'webhook.resumed',
  'webhook.exhausted',
] as const

export type SystemEventType = (typeof SYSTEM_EVENT_TYPES)[number]

/** Whether an event type is one of Hookline's own. */
export function isSystemEventType(type: string): type is SystemEventType {
  return SYSTEM_EVENT_TYPES.some((own) => own === type)
}

/**
 * Why an event was not for a webhook, each as the webhook was when the event was accepted. `unknown`: how it was then was not noted,
 * or what was noted does not explain it.
 */
export const UNMATCHED_REASONS = [
  'created_later',
  'disabled',
  'event_type',
  'scope',
  'channel',
  'dialect',
  'version',
  'cancelled',
  'unknown',
] as const
export type UnmatchedReason = (typeof UNMATCHED_REASONS)[number]

/** A webhook that an event was not for, with every reason there was. */
export interface UnmatchedWebhook {
  readonly webhookId: string
  readonly reasons: readonly UnmatchedReason[]
  /** Of `version`, where data should have been made: why it was not, as a sentence; absent: nothing more is known. */
  readonly detail?: string | undefined
}

/** An event without what its event log adds to it. */
export function asPublished({
  webhookIds: _,
  pullWebhookIds: __,
  isWaiting: ___,
  ...event
}: LoggedEvent): Event {
  return event
}

/** An event as the event log keeps it: with the webhooks it was meant for. */
export interface LoggedEvent extends Event {
  /** Those to which it is sent. */
  readonly webhookIds: readonly string[]
  /** Those whose consumers read it themselves; absent: none. */
  readonly pullWebhookIds?: readonly string[] | undefined
  /** Its time has not come: it is for nobody yet, and in no list of what was accepted. */
  readonly isWaiting?: true | undefined
}
