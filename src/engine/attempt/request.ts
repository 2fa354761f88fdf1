// What a receiver gets. In: an event and a target; out: the outgoing request, signed. Next: attempt.

import { EngineError } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import { VERSION } from '../../version.ts'
import { ExpressionFailure } from '../expressions/failure.ts'
import {
  asSentTo,
  type Event,
  type Header,
  pinOf,
  TRACE_HEADERS,
  type TraceContext,
  traceHeaders,
  type Webhook,
} from '../model/index.ts'
import type { DialectRuntime, OutgoingRequest, Ports, WireBody } from '../ports/index.ts'
import { sign } from '../signing/index.ts'
import { withHttpSignature } from './http-signature.ts'
import { extendUrl } from './shaped-request.ts'
import { type ShapedParts, type ShapingOptions, shapeEvent } from './shaping.ts'
import type { Target } from './target.ts'

/** What there is to send. */
export type Prepared =
  | { readonly kind: 'request'; readonly request: OutgoingRequest }
  /**
   * The event means nothing in the webhook's dialect, has no data for its version, or the webhook's expressions fail on it. `reason`: as
   * its owner reads it, a sentence.
   */
  | { readonly kind: 'unsendable'; readonly reason: string }
  /** The webhook's filter says no. */
  | { readonly kind: 'filtered' }
  /** Other expressions have taken the steps of this invocation. */
  | { readonly kind: 'postponed' }

interface Content {
  readonly kind: 'content'
  /** The event with the data of the webhook's version. */
  readonly sent: Event
  readonly encoded: WireBody
  readonly shaped: ShapedParts
}

/** A request without what every one has. `id`: its `webhook-id`. */
interface Unsigned {
  readonly id: string
  readonly url: string
  readonly body: WireBody
  readonly headers: readonly Header[]
  /** Of what it tells. */
  readonly trace: TraceContext | null
}

/**
 * The request for one attempt (docs/contracts/delivery.md, "The request a receiver gets"), or why there is none. `now` (Unix
 * milliseconds) becomes `webhook-timestamp`. Throws `unavailable` for a target that is, which a delivery waits for.
 */
export async function toRequest(
  event: Event,
  target: Target,
  now: number,
  shaping: ShapingOptions,
  ports: Pick<Ports, 'settings'>,
): Promise<Prepared> {
  const content = await toContent(event, target, shaping, ports)
  if (content.kind !== 'content') return content
  const { encoded, shaped } = content
  const url = urlOf(target.webhook, shaped)
  if (url.kind === 'unsendable') return url
  const { wire } = dialectRuntimeOf(target)
  const made = shaped.body
  const wrapped = made && wire.wrap?.(content.sent, target.webhook, made)
  const body: WireBody = wrapped ?? (made ? { ...made, headers: encoded.headers } : encoded)
  const id = wire.messageId?.(event.id) ?? event.id
  const { trace = null } = event
  const unsigned = { id, url: url.url, body, headers: shaped.headers, trace }
  const request = await toSigned(unsigned, target, now, ports)
  return { kind: 'request', request }
}

/** What is to be said of an event, by its dialect and by what the webhook's expressions make of it; or why nothing is. */
export async function toContent(
  event: Event,
  target: Target,
  shaping: ShapingOptions,
  { settings }: Pick<Ports, 'settings'>,
): Promise<Content | Exclude<Prepared, { kind: 'request' }>> {
  const { webhook, tenantName } = target
  const { wire } = dialectRuntimeOf(target)
  const sent = asSentTo(event, webhook)
  if (sent === null) {
    const version = `version ${pinOf(webhook)} or an earlier one`
    return unsendable(`The event of type ${event.type} was published without data of ${version}.`)
  }
  const encoded = await wire.encode(sent, webhook, {
    tenantName,
    variables: settings.variables,
  })
  if (encoded === null) {
    return unsendable(
      `The format of the webhook cannot express an event of type ${event.type} with this data.`,
    )
  }
  const shaped = await shapeEvent(sent, webhook, shaping)
  if (shaped.kind === 'filtered' || shaped.kind === 'postponed') return shaped
  if (shaped.kind === 'failed') return unsendable(shaped.reason)
  return { kind: 'content', sent, encoded, shaped: shaped.kind === 'shaped' ? shaped : UNSHAPED }
}

/** A request with its headers and its signatures. */
export async function toSigned(
  { id, url, body: notification, headers: shaped, trace }: Unsigned,
  target: Target,
  now: number,
  ports: Pick<Ports, 'settings'>,
): Promise<OutgoingRequest> {
  const { webhook, failureHandling } = target
  // A header that the dialect sends itself is not the owner's to send, nor one that tells of a trace.
  const traced = traceHeaders(trace)
  const told = trace === null ? [] : TRACE_HEADERS
  const own = new Set([...notification.headers.map(([name]) => name.toLowerCase()), ...told])
  const { headerPrefixes = [] } = dialectRuntimeOf(target).wire
  const isOwn = (name: string) =>
    own.has(name) || headerPrefixes.some((prefix) => name.startsWith(prefix))
  const shapedNames = new Set(shaped.map(([name]) => name.toLowerCase()))
  const allowed = [
    ...webhook.secrets.headers.filter(([name]) => !shapedNames.has(name.toLowerCase())),
    ...shaped,
  ].filter(([name]) => !isOwn(name.toLowerCase()))
  const custom = [...allowed, ...notification.headers]
  const values = Object.values(webhook.secrets.values ?? {})
  const standard = await standardHeaders(id, notification, webhook, now)
  const named = withCustomHeaders(custom, withPrefixes(standard, headerPrefixes))
  const headers = [...named, ...traced]
  const { body } = notification
  const open = notification.isOpen ? notification.headers : []
  const openHeaders = [...open, ...traced].map(([name]) => name.toLowerCase())
  return {
    url,
    headers: await withHttpSignature({ method: 'POST', url, headers, body }, webhook, now, ports),
    body,
    timeoutMs: failureHandling.timeoutMs,
    ...(values.length > 0 && { secretValues: values }),
    ...(openHeaders.length > 0 && { openHeaders }),
  }
}

function dialectRuntimeOf({ dialectRuntime, unavailableReason }: Target): DialectRuntime {
  if (dialectRuntime !== null && unavailableReason === null) return dialectRuntime
  const reason = unavailableReason ?? 'The webhook cannot be sent to.'
  throw new EngineError('unavailable', reason, { retryAfterSeconds: PUBLISH.retryAfterSeconds })
}

const UNSHAPED: ShapedParts = { body: null, headers: [], segments: [], parameters: [] }

function urlOf({ url }: Pick<Webhook, 'url'>, { segments, parameters }: ShapedParts) {
  try {
    return { kind: 'url', url: extendUrl(url, segments, parameters) } as const
  } catch (thrown) {
    if (thrown instanceof ExpressionFailure) return unsendable(thrown.message)
    throw thrown
  }
}

function unsendable(reason: string) {
  return { kind: 'unsendable', reason } as const
}

/** The headers of Standard Webhooks under other prefixes as well. */
function withPrefixes(standard: readonly Header[], prefixes: readonly string[]): readonly Header[] {
  const branded = standard.filter(([name]) => name.startsWith(STANDARD_PREFIX))
  const again = prefixes.flatMap((prefix) =>
    branded.map(
      ([name, value]): Header => [`${prefix}${name.slice(STANDARD_PREFIX.length)}`, value],
    ),
  )
  return [...again, ...standard]
}

const STANDARD_PREFIX = 'webhook-'

/** Custom headers, then the standard ones, of which they may name one themselves (header-policy.ts refuses the others). */
export function withCustomHeaders(
  custom: readonly Header[],
  standard: readonly Header[],
): readonly Header[] {
  const namesAgent = custom.some(([name]) => name.toLowerCase() === 'user-agent')
  return [...custom, ...standard.filter(([name]) => !(name === 'user-agent' && namesAgent))]
}

/** The headers every request to a receiver has, signature included when the webhook has a signing secret. */
export async function standardHeaders(
  id: string,
  { body, contentType = 'application/json' }: Pick<WireBody, 'body' | 'contentType'>,
  webhook: Pick<Webhook, 'secrets'>,
  now: number,
): Promise<readonly Header[]> {
  const timestampSeconds = Math.floor(now / 1_000)
  const signature = await sign(webhook.secrets.signing, { id, timestampSeconds, body }, now)
  return [
    ['content-type', contentType],
    ['user-agent', `Hookline/${VERSION}`],
    ['webhook-id', id],
    ['webhook-timestamp', String(timestampSeconds)],
    ...(signature === null ? [] : [['webhook-signature', signature] as const]),
  ]
}
