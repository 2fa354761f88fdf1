// What a webhook's monitor is told of deliveries.

import type {
  Attempt,
  Batching,
  Disposition,
  Event,
  FailureHandling,
  Ordering,
  Pause,
  Run,
  Throttle,
  Trigger,
} from '../model/index.ts'
import type { DeliverMessage } from './deliver-message.ts'

/** What came of one event of a joint delivery, where that is not what came of its request. */
export interface PartResult extends Pick<Attempt, 'eventId' | 'outcome' | 'statusCode' | 'error'> {
  readonly disposition: Disposition
}

/** A delivery whose event a request told of, beside others. */
export interface SentPart extends Pick<Attempt, 'eventId' | 'eventType' | 'run'> {
  /** Attempts of its run that were made before it went with others. */
  readonly attempts: number
}

/** One line of a report. */
export type ReportEntry =
  | {
      readonly kind: 'attempt'
      readonly attempt: Attempt
      readonly disposition: Disposition
      /** Seconds for which the receiver asked to be left alone, scaled; what it did not ask for is left out. */
      readonly pauseSeconds?: number
      /** Requests a minute that the receiver says it allows; null: as many as there are. Left out: it says nothing. */
      readonly allowedPerMinute?: number | null
      /** No request was made: says nothing about the receiver. */
      readonly isUnsent?: true
      /** Of a joint delivery whose receiver told of each event: what came of those that it did not take. */
      readonly parts?: readonly PartResult[]
      /** Of a joint delivery: what its request told of. Left out by former versions. */
      readonly sent?: readonly SentPart[]
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
  /** Not attempted, because the webhook is on hold or paused: it waits in its monitor, which sends the message when its turn comes. */
  | {
      readonly kind: 'held'
      readonly eventId: string
      readonly run: Run
      readonly message: DeliverMessage
    }
  /** Another run took it on, or it has no cause any more; an attempt may have been made that is reported later. */
  | {
      readonly kind: 'withdrawn'
      readonly eventId: string
      readonly run: Run
      /** What carried it (`DeliveryState`): what somebody else was asked to carry since goes on. */
      readonly carrier: string | null
    }
  /** Nothing could be sent: the webhook's dialect cannot express the event, or its expressions fail on it. */
  | {
      readonly kind: 'unsendable'
      readonly eventId: string
      readonly run: Run
      readonly message: string
      readonly at: number
    }
  /** Its owner's filter ended it. */
  | {
      readonly kind: 'filtered'
      readonly eventId: string
      readonly run: Run
      readonly at: number
    }
  /** Nothing is sent any more: the content of the event was expunged. */
  | { readonly kind: 'erased'; readonly eventId: string; readonly run: Run }

/** The event that an entry tells of; of a joint delivery its id. */
export function eventIdOf(entry: ReportEntry): string {
  return entry.kind === 'attempt' ? entry.attempt.eventId : entry.eventId
}

/** What one batch did for one webhook. Its id is written once: what comes again changes nothing. */
export interface Report {
  readonly id: string
  readonly tenantId: string
  readonly webhookId: string
  readonly failureHandling: FailureHandling
  /** Days for which the tenant's events are kept; left out: as long as they are unless told. */
  readonly tenantRetentionDays?: number | undefined
  /** That of the webhook, where it was ever paused. */
  readonly pause?: Pause | undefined
  /** That of the webhook, where it ever had a rate. */
  readonly throttle?: Throttle | undefined
  /** That of the webhook, where its events ever came in order. */
  readonly ordering?: Ordering | undefined
  /** That of the webhook, where its events ever went together. */
  readonly batching?: Batching | undefined
  readonly entries: readonly ReportEntry[]
}
