// Which expression makes the body of a webhook's request for an event: the one that the webhook had when the event was accepted, so that
// every attempt, resend and replay sends the same bytes.

import { timeOf } from '../../primitives/ids.ts'
import type { BodyShape, Webhook } from './webhook.ts'

/** The expression that makes bodies now; null: none. */
export function bodyExpressionOf({ bodies = [] }: Pick<Webhook, 'bodies'>): string | null {
  return bodies.at(-1)?.body ?? null
}

/** What makes the body for an event of this id; null: nothing but the webhook's surface. */
export function bodyShapeFor(
  eventId: string,
  { bodies = [] }: Pick<Webhook, 'bodies'>,
): BodyShape | null {
  if (bodies.length === 0) return null
  const at = timeOf(eventId)
  const shape = bodies.findLast(({ since }) => since <= at)
  return shape === undefined || shape.body === null ? null : shape
}

/**
 * The shapes (oldest first) once the body is `body` and the webhook is called `name` at `now`. What ended before `keptSince` is left
 * out: no event is kept that was accepted then.
 */
export function nextBodies(
  bodies: readonly BodyShape[],
  { body, name }: Pick<BodyShape, 'body' | 'name'>,
  { now, keptSince }: { readonly now: number; readonly keptSince: number },
): readonly BodyShape[] {
  const present = bodies.at(-1)
  const isSame = (present?.body ?? null) === body && (body === null || present?.name === name)
  if (isSame) return bodies
  const kept = bodies.filter((_, index) => (bodies[index + 1]?.since ?? now) > keptSince)
  return [...kept, { body, name, since: now }]
}
