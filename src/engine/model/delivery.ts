// One event on its way to one webhook: its attempts, what follows from each, and how it stands.

import type { Event } from './event.ts'

/**
 * Which sending of an event to a webhook is meant: '' is the one its publish caused, a UUID one that a
 * resend or replay caused. Retries and what the monitor knows belong to a run.
 */
export type Run = string

export const FIRST_RUN: Run = ''

/** The run of a joint delivery: several events of a webhook with a `batch`, in one request under an id of its own. */
export const JOINT_RUN: Run = 'joint'

/** Why a delivery failed or was not tried: a status code, no response, or the webhook's state. */
export type Trigger =
  | number
  | 'timeout'
  | 'suspended'
  | 'disabled'
  | 'paused'
  | 'rate'
  | 'order'
  | 'crashed'

/** Headers of a response that a diagnosis reads, in lower case; `location` is kept as a redirect. */
export const DIAGNOSTIC_HEADERS = [
  'allow',
  'cf-mitigated',
  'content-type',
  'ngrok-error-code',
  'retry-after',
  'server',
  'www-authenticate',
  'x-amzn-waf-action',
  'x-vercel-mitigated',
] as const
type DiagnosticHeader = (typeof DIAGNOSTIC_HEADERS)[number]

/**
 * What a failed attempt keeps of a response beside its status and body, so that it can be diagnosed whenever it is shown, by the rules
 * of that time. Bounded, without controls and without the values of the request's headers.
 */
export interface ResponseFacts {
  readonly headers: Readonly<Partial<Record<DiagnosticHeader, string>>>
  /** Where the request went and where it was to go instead: origin and path, because a query may hold secrets. */
  readonly redirect?: { readonly from: string; readonly to: string } | undefined
  /** The request had an `authorization` header. */
  readonly sentCredentials?: true | undefined
}

/** What one request to a receiver came to. */
export type Outcome = {
  /** Requests a minute that the receiver says it allows; null: as many as there are. Left out: it says nothing. */
  readonly allowedPerMinute?: number | null
  /** What answers an `OPTIONS`: the host that may send (`WebHook-Allowed-Origin`); left out where it says none. */
  readonly allowedOrigin?: string
} & (
  | {
      readonly kind: 'delivered'
      readonly statusCode: number
      readonly durationMs: number
      /** As of a failed one, where it was wanted and there is one. */
      readonly responseExcerpt?: string
      /** All of a 207, where its request tells of several events; left out where it was too long, or broke off. */
      readonly answer?: string
    }
  | {
      readonly kind: 'failed'
      /** Null: no response for whatever reason. */
      readonly statusCode: number | null
      readonly durationMs: number
      /** What went wrong in one sentence, without secrets. */
      readonly error: string
      /** The first 1,024 bytes of the response; null without one. */
      readonly responseExcerpt: string | null
      /** Seconds the receiver asked to wait, already read from seconds or an HTTP-date. */
      readonly retryAfterSeconds: number | null
      /** No request was made, so that the receiver has no part in it. */
      readonly isUnsent?: true
      /** Left out without a response. */
      readonly responseFacts?: ResponseFacts
    }
)

type FailedOutcome = Extract<Outcome, { kind: 'failed' }>

/** The outcome of a request without a response; `error` says why, as a sentence. */
export function withoutResponse(error: string, durationMs: number): FailedOutcome {
  const nothing = { statusCode: null, responseExcerpt: null, retryAfterSeconds: null }
  return { kind: 'failed', durationMs, error, ...nothing }
}

/** The outcome of a request that was not made; `error` says why, as a sentence. */
export function unsent(error: string): FailedOutcome {
  return { ...withoutResponse(error, 0), isUnsent: true }
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

/** One try, as the monitor keeps it. */
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
  /** Only of a response that refuses. */
  readonly responseFacts?: ResponseFacts | undefined
  readonly nextAttemptAt: number | null
  /** Of an event that went with others in one request: the id of that. */
  readonly batchId?: string | undefined
}

/** An attempt without what its response said. */
export function withoutResponseContent({ responseFacts: _, ...attempt }: Attempt): Attempt {
  return { ...attempt, responseExcerpt: null }
}

/** Whether an attempt says something of what its response said. */
export function hasResponseContent({ responseExcerpt, responseFacts }: Attempt): boolean {
  return responseExcerpt !== null || responseFacts !== undefined
}

/** What became of an event's first sending to one webhook. */
export interface FirstOutcome {
  readonly eventId: string
  readonly eventType: string
  readonly webhookId: string
  /** Unix milliseconds of the attempt, or of the hand-over. */
  readonly at: number
  /** Null: handed over, to the webhook's monitor or to a queue; what comes of it is known there. */
  readonly delivered: { readonly statusCode: number; readonly durationMs: number } | null
  /** Not handed over: the webhook's filter ended it. */
  readonly isFiltered?: true
}

/**
 * `unsendable`: the webhook's dialect cannot express the event, or its expressions fail on it, so nothing was sent. `filtered`: its
 * filter says no. `held`: it waits in the webhook's monitor, because its receiver asked for one (`Hold`), or its owner did (`Pause`).
 * `erased`: its event's content was expunged before it ended. `pullable`: nothing is sent, because the webhook's consumers read it
 * themselves.
 */
export const DELIVERY_STATUSES = [
  'pending',
  'delivered',
  'failing',
  'held',
  'diverted',
  'dropped',
  'unsendable',
  'filtered',
  'erased',
  'pullable',
] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** `withdrawn`: another run of its event took it on, or it has no cause any more; it tells nothing about the event. */
export type RunStatus = DeliveryStatus | 'withdrawn'

/** Statuses of a delivery that is still under way. */
export const OPEN_STATUSES: readonly RunStatus[] = ['pending', 'failing', 'held']

/** Whether nothing more happens to a delivery of this status unless somebody asks for it. */
export function hasEnded(status: RunStatus): boolean {
  return !OPEN_STATUSES.includes(status)
}

/** How one run of an event stands at one webhook. */
export interface RunProgress {
  readonly status: RunStatus
  readonly attempts: number
  readonly lastAttemptAt: number | null
  readonly nextAttemptAt: number | null
  /** Why it ended without being delivered, as a sentence; null in every other case. */
  readonly reason: string | null
  /** The message that carries it (`DeliverMessage`); null: the one that always has. */
  readonly carrier: string | null
}

/** A run as the monitor has it. */
export interface RunState extends RunProgress {
  readonly run: Run
  /** What was asked about waits because of a hold, or was released: the monitor must hear how it ends. */
  readonly isKept?: true
  /** Requests of its webhook take permits, whatever its owner said. */
  readonly isRated?: true
}

/** How an event stands at one webhook, as its owner sees it. */
export interface DeliveryState extends RunProgress {
  readonly status: DeliveryStatus
}

/** How a delivery stood when its webhook was deleted. */
export interface KeptDelivery
  extends Pick<DeliveryState, 'status' | 'attempts' | 'lastAttemptAt' | 'reason'> {
  readonly eventId: string
}

/** An event kept because it could not be delivered. */
export interface DivertedEvent {
  readonly event: Event
  readonly trigger: Trigger
  readonly message: string
  readonly divertedAt: number
}
