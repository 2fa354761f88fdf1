// What of a history must be remembered to judge it: facts in the order in which they came about.

import type {
  Batch,
  FailureHandling,
  Order,
  Rate,
  WebhookStatus,
} from '../../src/engine/model/index.ts'
import type { Sent } from '../fakes/world.ts'
import type { ShapeSince } from './shapes.ts'
import type { Asking } from './verifications.ts'

/** What its owner said of a webhook last. */
export interface Config {
  readonly url: string
  readonly pattern: string
  readonly policy: FailureHandling
  readonly enabled: boolean
  readonly paused: boolean
  readonly rate: Rate | null
  readonly order: Order | null
  readonly batch: Batch | null
  /** Its dialect has no words for the events of one type. */
  readonly isMute: boolean
  /** Newest first; `until` by an isolate's clock. */
  readonly secrets: readonly { readonly secret: string; readonly until: number | null }[]
}

export interface Known {
  readonly id: string
  config: Config
  deleted: boolean
  /** At some time it wanted the events that Hookline publishes itself. */
  hasNamed: boolean
  /** What made its requests since when, in the order in which that was said. */
  readonly shapes: ShapeSince[]
  asking: Asking
  /** Its receiver agrees to nothing by itself. */
  readonly isStubborn: boolean
}

/** `unclear`: the database and the monitor do not agree (yet) whether it is suspended. */
export type Status = WebhookStatus | 'deleted' | 'unclear'

/** How a webhook stands. */
export interface Present {
  readonly status: Status
  readonly policy: FailureHandling
}

/** One request to a receiver, with what was true when its batch began. */
export interface Request {
  readonly webhook: Known
  readonly config: Config
  /** When its event was accepted, of what a publish sends itself: it goes on by that while its webhook is changed. */
  readonly acceptedConfig: Config | null
  readonly status: Status
  readonly sent: Sent
  /** What the isolate's clock was ahead. */
  readonly skewMs: number
  /** Nothing went wrong that could have kept it out of the log. */
  readonly safe: boolean
}

export type Fact = { readonly at: number } & (
  | { readonly kind: 'request'; readonly request: Request }
  /** Somebody asks for the event to be sent: by publishing it, or `again`; `ifMissing`: while it was not delivered. */
  | {
      readonly kind: 'asked'
      readonly webhook: Known
      readonly eventId: string
      readonly how: 'publish' | 'again' | 'ifMissing'
    }
  /** Who asked last was told yes: it has to be sent, unless policy ends it. */
  | { readonly kind: 'promised'; readonly webhook: Known; readonly eventId: string }
  /** The webhook did not want it any more before it was routed, or its message was lost. */
  | { readonly kind: 'excused'; readonly webhook: Known; readonly eventId: string }
  /** The queue has a message twice, or may have. */
  | { readonly kind: 'copied'; readonly text: string }
  /**
   * A port did not do what it should, or an isolate died. `unnoted`: what was sent by then, and nobody has written down: with an
   * isolate die the publishes that are on their way in it.
   */
  | {
      readonly kind: 'mishap'
      readonly unnoted: readonly { readonly webhook: Known; readonly eventId: string }[]
    }
  /** The clock moved on: late answers came. `safe`: they can be written down. */
  | { readonly kind: 'advanced'; readonly safe: boolean }
  | { readonly kind: 'resumed'; readonly webhook: Known }
  /** Its owner was told that it waits; or is about to say that it does no more. */
  | { readonly kind: 'paused' | 'unpaused'; readonly webhook: Known }
  /** Its owner was told that its receiver has not agreed. */
  | { readonly kind: 'unverified'; readonly webhook: Known }
  /** Its receiver is about to be asked, and will agree; or nobody is to ask it any more. */
  | { readonly kind: 'verifying'; readonly webhook: Known }
  /** Its owner was told something else than what its receiver had said. */
  | { readonly kind: 'misread'; readonly webhook: Known }
  /** Its owner is about to say what its rate is; or was told that it is that. */
  | { readonly kind: 'rating'; readonly webhook: Known }
  | { readonly kind: 'rated'; readonly webhook: Known; readonly rate: Rate | null }
  /** Its owner is about to say what its order is; or was told that it is that. */
  | { readonly kind: 'ordering'; readonly webhook: Known }
  | { readonly kind: 'ordered'; readonly webhook: Known; readonly order: Order | null }
  /** What was pending of a webhook was cancelled, these events among it; none where nobody was told. */
  | { readonly kind: 'cancelled'; readonly webhook: Known; readonly eventIds: readonly string[] }
  /** The job of an erasure was seen to be over. */
  | { readonly kind: 'erased'; readonly eventIds: readonly string[] }
  /** What the database shows of every webhook, and whether reports still wait in the queue. */
  | {
      readonly kind: 'seen'
      readonly webhooks: ReadonlyMap<Known, Present>
      readonly settled: boolean
    }
)

export interface Accepted {
  readonly id: string
  readonly type: string
  /** Its deduplication key, and when it was accepted. */
  readonly key: string | null
  readonly at: number
  /** The first to be accepted under its key, or without one: nothing of it was sent before. */
  readonly first: boolean
  /** Webhooks that wanted it from its acceptance until it was routed. */
  readonly wanted: Set<Known>
  /** Webhooks that wanted it at some time before it was routed. */
  readonly allowed: Set<Known>
}

export function covers({ pattern, enabled }: Config, type: string): boolean {
  // What Hookline publishes itself must be named.
  if (pattern === '*' && type.startsWith('webhook.')) return false
  const prefix = pattern.endsWith('*') ? pattern.slice(0, -1) : null
  return enabled && (prefix === null ? pattern === type : type.startsWith(prefix))
}
