// How webhooks of one surface are written to: the body of a request, an alert, and the policy its vendor documents.

import type {
  Attempt,
  Event,
  FailureHandling,
  Format,
  Header,
  SystemEventType,
  Trigger,
  Webhook,
  WebhookSecrets,
} from '../model/index.ts'

interface WireContext {
  readonly tenantName: string
  /** The deployment's variables, for what a dialect lets be configured. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** A delivery that was given up, for the alert. */
export interface Exhaustion {
  readonly webhook: Webhook
  readonly eventId: string
  readonly eventType: string
  readonly trigger: Trigger
  readonly message: string
  readonly at: number
  readonly diverted: boolean
  readonly suspended: boolean
}

/** What happened to a webhook, for whoever runs Hookline. */
export interface OperatorNotice {
  readonly kind: SystemEventType | 'webhook.created' | 'webhook.updated' | 'webhook.deleted'
  readonly at: number
  readonly webhook: Pick<Webhook, 'id' | 'tenantId' | 'uid'>
  readonly tenantUid: string | null
  /** Only of a suspension: since when it has been failing. */
  readonly failingSince: number | null
  /** Of an exhaustion and of failing: the event that failed, and the last attempt at it; null where that is not known any more. */
  readonly failed: { readonly eventId: string; readonly lastAttempt: Attempt | null } | null
}

export interface WireBody {
  /** The dialect's own. */
  readonly headers: readonly Header[]
  /** They tell of the event: none is a secret or a signature. */
  readonly isOpen?: true
  readonly body: string
  /** Absent: `application/json`. */
  readonly contentType?: string
}

/** The outbound half of a dialect: what a receiver gets. */
export interface Wire {
  /**
   * The body, its media type and the dialect's own headers for an event, or null when this event means nothing in this dialect.
   * The body depends on the event alone, so that it is the same on every attempt. Signing headers of
   * Standard Webhooks and the webhook's custom headers are added by the engine.
   */
  encode(event: Event, webhook: Webhook, context: WireContext): Promise<WireBody | null>
  /**
   * For dialects where type and scope do not tell everything: whether an event that matches is the webhook's at all.
   * What is not counts as not matched: neither logged as a delivery nor kept. An event that is the webhook's and cannot be
   * expressed is none of these: `encode` answers null for it, and its owner sees that. Asked for every match, so it is
   * cheap, and it does not throw. Without it every event that matches is the webhook's.
   */
  accepts?(event: Event, webhook: Webhook): boolean
  /**
   * How several events are written into one body: each by itself, and then all of them; without it they cannot be. `shaped`: what an
   * expression of the webhook made of the event, as JSON; null: nothing did. `format`: the same for all of them.
   */
  readonly together?: {
    readonly part: (
      event: Event,
      how: {
        readonly shaped: string | null
        readonly format: Format | null
        readonly tenantId: string
      },
    ) => string
    readonly body: (parts: readonly string[], format: Format | null) => Omit<WireBody, 'headers'>
  }
  /** What is sent of an event whose data an expression made anew; without it, or for null, what the expression made. */
  wrap?(event: Event, webhook: Webhook, made: Omit<WireBody, 'headers'>): WireBody | null
  /** How receivers read the id of an event, as `webhook-id`; without it, as it is. */
  messageId?(eventId: string): string
  /** Prefixes under which the headers of Standard Webhooks are sent as well: what comes in place of `webhook-`. */
  readonly headerPrefixes?: readonly string[]
  /** Which of the dialect's own headers are signatures, in lower case: who may not have requests signed is not shown them. */
  readonly signatureHeaders?: readonly string[]
  /** The body of the POST to `alertUrl`. */
  alert(exhaustion: Exhaustion): string
  /**
   * For vendors whose alerts have credentials of their own: what signs such a POST, and its headers. Without it the
   * webhook's secrets sign, and there are no other headers than the standard ones.
   */
  alertSecrets?(
    webhook: Webhook,
    body: string,
  ): Promise<Pick<WebhookSecrets, 'signing' | 'headers'>>
}

/** What of a dialect the consumers need: its wire, and the failure handling of webhooks that have none of their own. */
export interface DialectRuntime {
  readonly wire: Wire
  readonly policy: FailureHandling
  /** Its alert endpoints are told of each event that is kept because of a suspension, too. */
  readonly alertsWhileSuspended?: boolean
  /** How whoever runs Hookline is told of its webhooks: the event for it, whose data is JSON. Without it, of none. */
  readonly operatorEvent?: (notice: OperatorNotice) => {
    readonly type: string
    readonly data: unknown
  }
}

/** By the `dialect` of a webhook; null when this deployment does not speak it: then its deliveries wait. */
export type DialectRuntimes = (dialect: string) => DialectRuntime | null
