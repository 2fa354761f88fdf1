// The message of the deliveries queue that brings one event to one webhook.

import type { Event, Run } from '../model/index.ts'

/**
 * What else may carry a delivery. `primary`: nothing. `watchdog`: an attempt may be under way, or made and not reported; the
 * message carries the delivery on from what the monitor shows. `duplicate`: another message may carry it; this one gives way to
 * any progress that the monitor shows.
 */
export type Role = 'primary' | 'watchdog' | 'duplicate'

/** An event that has passed the filter of a webhook with a `batch`. `body`: what an expression made of it, as JSON; null: nothing did. */
export interface EventPart {
  readonly body: string | null
}

/** Brings one event to one webhook. */
export interface DeliverMessage {
  readonly kind: 'deliver'
  readonly tenantId: string
  readonly webhookId: string
  readonly run: Run
  readonly event: Event
  /** Attempts of this run made before this message was sent. */
  readonly attempts: number
  readonly role: Role
  /** It ends once its event was delivered, in whichever run. */
  readonly onlyMissing?: boolean
  /** Somebody chose the webhook for the event: it is sent whatever the webhook's filter says. */
  readonly isChosen?: true
  /** It was chosen by type and scope alone: it ends unseen when the dialect says that the event is not the webhook's. */
  readonly ifConcerned?: true
  /** The webhook was sent the event when that was published: while nothing is known of that, it may be under way. */
  readonly wasMatched?: true
  /**
   * Somebody asked for the next attempt now. The name stands in the monitor where the delivery was under way already: the
   * messages without it only make sure that it goes on.
   */
  readonly carrier?: string
  /** What it is among several events of one request; absent: that has not been found out, or it has a request of its own. */
  readonly part?: EventPart
  /** When it was released from a hold (Unix milliseconds): of several that were, the first to come carries the delivery. */
  readonly turn?: number
}
