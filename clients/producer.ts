// Publishing to Hookline: over HTTP from anywhere, by RPC and by queue from a Worker of the same account. All three repeat
// what failed, under the same keys, so that an event is published once.

import type {
  AcceptedEvent,
  AddressedEvent,
  AnyEventTypes,
  EventMessage,
  EventTypes,
  HooklineEvent,
} from './event.ts'
import { isForGood, PublishError, refusal, toJson } from './failure.ts'
import { eventsUrl, postOnce } from './http.ts'
import { inMessages } from './messages.ts'
import { type Repetition, repeat } from './repeat.ts'

export type {
  AcceptedEvent,
  AddressedEvent,
  AnyEventTypes,
  EventMessage,
  EventTypes,
  HooklineEvent,
} from './event.ts'
export { type ErrorCode, type Issue, PublishError } from './failure.ts'

type OneOrMany<Event> = Event | readonly Event[]

export interface RepetitionOptions {
  /** Tries in all; 1: none is repeated. Defaults to 5. */
  readonly tries?: number
  /** Milliseconds before the second try, doubled before each later one. Defaults to 200. */
  readonly firstPauseMs?: number
  /** The longest pause in milliseconds, also of those that Hookline asks for. Defaults to 10,000. */
  readonly longestPauseMs?: number
}

export interface HttpOptions extends RepetitionOptions {
  /** Where Hookline is deployed, such as `https://hooks.example.com`. */
  readonly url: string | URL
  /** A tenant's key, or an operator key: then each event names its `tenant`. */
  readonly token: string
  /** Milliseconds after which a try without an answer has failed. Defaults to 10,000. */
  readonly timeoutMs?: number
  /** Defaults to the global `fetch`. */
  readonly fetch?: (url: URL, init: RequestInit) => Promise<Response>
}

export interface PublishOptions {
  /**
   * What makes it harmless to publish the same events again within 24 hours, from another process too: 1 to 256 visible
   * ASCII characters. Defaults to a random one, which covers the tries of this call.
   */
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

export interface HttpProducer<Types extends EventTypes<Types> = AnyEventTypes> {
  /** Resolves when Hookline has stored the event, or all of them (up to 1,000). Rejects with a PublishError. */
  publish(
    events: OneOrMany<AddressedEvent<Types>>,
    options?: PublishOptions,
  ): Promise<readonly AcceptedEvent[]>
}

/** As `POST /v1/events` takes it. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,256}$/

/** Bearer tokens are of visible ASCII; what else a header takes is none of Hookline's. */
const TOKEN = /^[\x21-\x7e]+$/

/** Publishes over HTTP. */
export function httpProducer<Types extends EventTypes<Types> = AnyEventTypes>(
  options: HttpOptions,
): HttpProducer<Types> {
  const url = eventsUrl(options.url)
  const { timeoutMs = 10_000 } = options
  // What an environment does not have is undefined, whatever its type says; what a file has may end its line.
  const token = typeof options.token === 'string' ? options.token.trim() : ''
  const send = options.fetch ?? ((target, init) => fetch(target, init))
  return {
    publish: async (events, { idempotencyKey = crypto.randomUUID(), signal } = {}) => {
      if (!IDEMPOTENCY_KEY.test(idempotencyKey)) {
        throw refusal('invalid', 'An idempotency key has 1 to 256 visible ASCII characters.')
      }
      if (!TOKEN.test(token)) {
        throw refusal('unauthenticated', 'Expected a token of visible ASCII characters.')
      }
      // Written once: under one key Hookline takes one text.
      const request = { idempotencyKey, body: toJson(events) }
      const attempt = () => postOnce({ url, token, timeoutMs, signal, fetch: send, ...request })
      return repeat(attempt, repetitionOf(options, signal))
    },
  }
}

/** The service binding to Hookline's entrypoint `Publisher`. */
export interface HooklineBinding {
  publish(
    tenantId: string,
    events: OneOrMany<HooklineEvent>,
  ): Promise<{ readonly events: readonly AcceptedEvent[] }>
}

export interface RpcProducer<Types extends EventTypes<Types> = AnyEventTypes> {
  /** Resolves when Hookline has stored the event, or all of them (up to 1,000). Rejects with a PublishError. */
  publish(events: OneOrMany<HooklineEvent<Types>>): Promise<readonly AcceptedEvent[]>
}

/** Publishes by RPC for a tenant, by its id or its `uid`. An event without an `id` is given a random one. */
export function rpcProducer<Types extends EventTypes<Types> = AnyEventTypes>(
  binding: HooklineBinding,
  tenantId: string,
  options: RepetitionOptions = {},
): RpcProducer<Types> {
  return {
    publish: async (events) => {
      const identified = withIds(events as OneOrMany<HooklineEvent>)
      const attempt = asFailing(() => binding.publish(tenantId, identified))
      const { events: accepted } = await repeat(attempt, repetitionOf(options))
      return accepted
    },
  }
}

/** The binding of that queue: what of Cloudflare's `Queue` is needed here. */
export interface EventQueue {
  send(message: EventMessage): Promise<unknown>
}

export interface QueueProducer<Types extends EventTypes<Types> = AnyEventTypes> {
  /**
   * Resolves when Cloudflare has stored the event, or all of them, in as few messages as hold them. What Hookline would
   * refuse becomes a dead letter there. Rejects with a PublishError; a refusal is an event too large for a message.
   */
  publish(events: OneOrMany<HooklineEvent<Types>>): Promise<void>
}

/** Publishes by queue for a tenant, by its id or its `uid`. An event without an `id` is given a random one. */
export function queueProducer<Types extends EventTypes<Types> = AnyEventTypes>(
  queue: EventQueue,
  tenantId: string,
  options: RepetitionOptions = {},
): QueueProducer<Types> {
  return {
    publish: async (events) => {
      const identified = [withIds(events as OneOrMany<HooklineEvent>)].flat()
      for (const message of inMessages(tenantId, identified)) {
        await repeat(
          asFailing(() => queue.send(message)),
          repetitionOf(options),
        )
      }
    },
  }
}

/** So that a repeated one is published once. */
function withIds(events: OneOrMany<HooklineEvent>): OneOrMany<HooklineEvent> {
  const identified = (event: HooklineEvent) => ({ ...event, id: event.id ?? crypto.randomUUID() })
  return isMany(events) ? events.map(identified) : identified(events)
}

function isMany<Event>(events: OneOrMany<Event>): events is readonly Event[] {
  return Array.isArray(events)
}

/** The same, rejecting with a PublishError. */
function asFailing<T>(attempt: () => Promise<T>): () => Promise<T> {
  return async () => {
    try {
      return await attempt()
    } catch (cause) {
      const given = cause instanceof Error && 'code' in cause ? cause.code : null
      // The platform's own errors have codes, too, which say nothing of the events.
      const code = isForGood(given) === null ? null : String(given)
      const message = cause instanceof Error ? cause.message : String(cause)
      const isOfCaller = cause instanceof Error && cause.name === 'DataCloneError'
      throw new PublishError(message, { code, isRefusal: isForGood(code) ?? isOfCaller, cause })
    }
  }
}

function repetitionOf(options: RepetitionOptions, signal?: AbortSignal): Repetition {
  const { tries = 5, firstPauseMs = 200, longestPauseMs = 10_000 } = options
  return { tries, firstPauseMs, longestPauseMs, signal }
}
