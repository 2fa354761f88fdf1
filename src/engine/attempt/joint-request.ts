// Several events in one request, to a webhook with a `batch`: what each is among the others, and the request that tells of all of them.

import { EngineError } from '../../errors.ts'
import { asSentTo, BATCH_LIMITS, type Event, formatFor, sharedTrace } from '../model/index.ts'
import type { DeliverMessage, EventPart, Ports } from '../ports/index.ts'
import { type Prepared, toContent, toRequest, toSigned } from './request.ts'
import type { ShapingOptions } from './shaping.ts'
import type { Target } from './target.ts'

export type PreparedPart =
  | { readonly kind: 'part'; readonly part: EventPart }
  | Exclude<Prepared, { kind: 'request' }>

/** What an event is among the others of its request, or why it is not among them. Throws like `toRequest`. */
export async function toPart(
  event: Event,
  target: Target,
  shaping: ShapingOptions,
  ports: Pick<Ports, 'settings'>,
): Promise<PreparedPart> {
  const content = await toContent(event, target, shaping, ports)
  if (content.kind !== 'content') return content
  const { body } = content.shaped
  if (body === null) return { kind: 'part', part: { body: null } }
  const isText = body.contentType !== undefined
  const text = isText ? JSON.stringify(body.body) : body.body
  if (text.length > BATCH_LIMITS.partChars) {
    const reason = `The body is longer than ${BATCH_LIMITS.partChars} characters of JSON, and cannot go with others.`
    return { kind: 'unsendable', reason }
  }
  return { kind: 'part', part: { body: text } }
}

/**
 * The request that tells of these events as the webhook would get them: each of them alone, where it has no batch and there is one. Of
 * several: why the first of them cannot be sent that cannot. Throws like `toRequest`.
 */
export async function toRequestOf(
  { id, events, isJoint }: Told,
  target: Target,
  now: number,
  shaping: ShapingOptions,
  ports: Pick<Ports, 'settings'>,
): Promise<Prepared> {
  const [only] = events
  if (!isJoint && only !== undefined) return toRequest(only, target, now, shaping, ports)
  const parts: { readonly event: Event; readonly part: EventPart }[] = []
  for (const event of events) {
    const prepared = await toPart(event, target, shaping, ports)
    if (prepared.kind !== 'part') return prepared
    parts.push({ event, part: prepared.part })
  }
  return toJointRequest(id, parts, target, now, ports)
}

/** What a request tells. `id`: its `webhook-id`, where it tells of several. */
interface Told {
  readonly id: string
  readonly events: readonly Event[]
  readonly isJoint: boolean
}

/** The request for an attempt at all of them, under the id of their joint delivery. Throws like `toRequest`. */
export async function toJointRequest(
  jointId: string,
  parts: readonly Pick<DeliverMessage, 'event' | 'part'>[],
  target: Target,
  now: number,
  ports: Pick<Ports, 'settings'>,
): Promise<Extract<Prepared, { kind: 'request' }>> {
  const { webhook, dialectRuntime } = target
  const together = dialectRuntime?.wire.together
  if (together === undefined) {
    throw new EngineError(
      'unavailable',
      'The dialect of the webhook has no format for several events.',
    )
  }
  // That of the first: the same on every attempt.
  const format = formatFor(parts[0]?.event.id ?? jointId, webhook)
  const texts = parts.flatMap(({ event, part }) => {
    const sent = asSentTo(event, webhook)
    if (sent === null) return []
    const { tenantId } = webhook
    return [together.part(sent, { shaped: part?.body ?? null, format, tenantId })]
  })
  const body = { headers: [], ...together.body(texts, format) }
  const trace = sharedTrace(parts.map(({ event }) => event))
  const unsigned = { id: jointId, url: webhook.url, body, headers: [], trace }
  const request = await toSigned(unsigned, target, now, ports)
  return { kind: 'request', request: { ...request, wantsAnswer: true } }
}
