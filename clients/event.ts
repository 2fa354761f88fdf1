// What a producer says of an event, and what Hookline answers: the shapes of `POST /v1/events`, which every way in takes.
// test/clients/producer-shapes.test.ts holds them to the API description.

/**
 * Names of event types with the shape of their data: `{ 'invoice.paid': { number: number } }`. By the names that `Types` has, since an
 * interface has no others.
 */
export type EventTypes<Types> = { readonly [Type in keyof Types]: object }

/** Of any type, with any data. */
export type AnyEventTypes = Readonly<Record<string, object>>

/** Null says the same as nothing. */
type Maybe<T> = T | null | undefined

interface EventFields {
  /**
   * The deduplication key, remembered for 24 hours: Hookline publishes an event once, however often it is sent. Make it of
   * what happened (an order's number), not of chance. 1 to 256 characters.
   */
  readonly id?: Maybe<string>
  /** When it happened, in RFC 3339 format. Defaults to now. */
  readonly time?: Maybe<string>
  /** What the event belongs to: a webhook with a scope gets only events that have every entry of it. */
  readonly scope?: Maybe<Readonly<Record<string, string>>>
  /** A webhook that has channels gets the event only if they share one. */
  readonly channels?: Maybe<readonly string[]>
  /** Words by which you find the event again. */
  readonly tags?: Maybe<readonly string[]>
  /** Who caused the event: a UUID. */
  readonly actor?: Maybe<string>
  /** The request that caused the event: a UUID. */
  readonly requestId?: Maybe<string>
  /** The trace that the event belongs to (W3C Trace Context); receivers get it as a header. */
  readonly traceparent?: Maybe<string>
  /** What tracing systems say beside `traceparent`. */
  readonly tracestate?: Maybe<string>
  /** When to send it, in RFC 3339 format, up to 30 days from now. Defaults to now. */
  readonly deliverAt?: Maybe<string>
  /** Days for which to keep the event. Defaults to those of the tenant. */
  readonly retentionDays?: Maybe<number>
}

type Content<Data extends object> =
  /** The payload, an object. Receivers get it as it was published. */
  | { readonly data: Data; readonly versions?: null | undefined }
  /** The payload by version, in place of `data`: each webhook gets that of the version it is pinned to. */
  | { readonly versions: Readonly<Record<string, object>>; readonly data?: null | undefined }

/** An event, whose `data` is what `Types` says of its `type`. */
export type HooklineEvent<Types extends EventTypes<Types> = AnyEventTypes> = {
  [Type in keyof Types & string]: EventFields &
    Content<Types[Type]> & {
      /** The name by which webhooks choose the event: 1 to 256 of `A-Z a-z 0-9 . _ -`. */
      readonly type: Type
    }
}[keyof Types & string]

/** An event, and the tenant it is for: what the HTTP API takes with an operator key. */
export type AddressedEvent<Types extends EventTypes<Types> = AnyEventTypes> =
  HooklineEvent<Types> & {
    /** The tenant, by its id or its `uid`. With a tenant's own key: leave it out. */
    readonly tenant?: Maybe<string>
    /** Whether to create the tenant, with `tenant` as its `uid`, if there is none. */
    readonly createTenant?: Maybe<boolean>
  }

export interface AcceptedEvent {
  /** The `webhook-id` that receivers get. */
  readonly id: string
  readonly type: string
  /** It was accepted before, under the same deduplication key, and was not published again. */
  readonly duplicate: boolean
  /** When a scheduled event is to be sent. */
  readonly deliverAt?: string | undefined
}

/** A message of the queue `hookline-events`. */
export interface EventMessage {
  readonly v: 1
  /** The tenant's id or its `uid`. */
  readonly tenantId: string
  readonly events: readonly HooklineEvent[]
}
