// The two queues that Hookline sends into: events on their way to webhooks, and deliveries that must wait.

import type { Event, Health, Lane, SystemEventType } from '../model/index.ts'
import type { DeliverMessage } from './deliver-message.ts'
import type { Exhaustion } from './dialect.ts'
import type { Report } from './monitor-report.ts'
import type { MonitorState } from './webhook-monitor.ts'

/** A message of the deliveries queue. */
export type DeliveryMessage =
  | DeliverMessage
  /** A report that could not be written when it was due. */
  | {
      readonly kind: 'record'
      readonly tenantId: string
      readonly webhookId: string
      readonly report: Report
    }
  /** Something the monitor decided: becomes a system event and, for an exhaustion, one POST to `alertUrl`. */
  | { readonly kind: 'notice'; readonly notice: OperationalEvent }
  /** The monitor of a deleted webhook, which could not be purged when it was deleted. */
  | { readonly kind: 'purge'; readonly webhookId: string }

/** A change of which a webhook's owner is told. */
export interface OperationalEvent {
  /** UUIDv7; becomes the id of the system event. */
  readonly id: string
  readonly type: SystemEventType
  readonly tenantId: string
  readonly webhookId: string
  readonly at: number
  readonly reason: string
  /** Why the attempt failed that it is about (docs/diagnosis.md); of what a former version wrote, and without an attempt, left out. */
  readonly cause?: string
  readonly state: MonitorState
  readonly counts: Pick<Health, 'consecutiveFailures' | 'failedEvents' | 'exhaustedEvents'>
  /** Only of `webhook.failing`. */
  readonly failing?: {
    readonly failingSince: number
    /** Null while nothing points at a suspension. */
    readonly suspendsAt: number | null
    /** Of the latest attempt that failed. */
    readonly eventId: string
  }
  /** Only of an exhaustion: the delivery that was given up. */
  readonly exhausted: Omit<Exhaustion, 'webhook'> | null
  /** It was kept without an attempt, because its webhook is suspended: an alert, and no system event. */
  readonly alertOnly?: true
}

/** An event of which a batch did not get to all webhooks, with some that it is still for. */
export interface RemainingEvent {
  readonly event: Event
  readonly webhookIds: readonly string[]
}

/** `redelivered`: some of it may have been worked on before, so the events consumer asks the monitors. */
interface SendOptions {
  readonly redelivered: boolean
}

export interface EventQueue {
  /**
   * Stores events durably for the events consumer, all or none, in as few messages as fit. Rejects when they could not be
   * stored; then none was.
   */
  send(tenantId: string, events: readonly Event[], options: SendOptions): Promise<void>
  /** Stores events that were matched and logged; when it rejects, some may be stored. */
  requeue(
    tenantId: string,
    remaining: readonly RemainingEvent[],
    options: SendOptions,
  ): Promise<void>
  /** Stores the text of a message once more, as it is. */
  repeat(text: string, delaySeconds: number): Promise<void>
}

/** A message on its way to the deliveries queue. */
export interface DelayedMessage {
  readonly message: DeliveryMessage
  readonly delaySeconds: number
  /** That of the webhook: the slow one has queues of its own. The fast one unless told. */
  readonly lane?: Lane
}

export interface DeliveryQueue {
  send(messages: readonly DelayedMessage[]): Promise<void>
  /** Stores the text of a message once more, as it is. */
  repeat(text: string, delaySeconds: number): Promise<void>
}
