// Which expressions say of an event whether a webhook gets it and as what: those that the webhook had when the event was accepted, so
// that every attempt, resend and replay sends the same bytes.

import { timeOf } from '../../primitives/ids.ts'
import type { Shape, Webhook } from './webhook.ts'

type Expressions = Pick<Shape, 'filter' | 'body'>

/** The expressions that a webhook has now. */
export function expressionsOf({ shapes = [] }: Pick<Webhook, 'shapes'>): Expressions {
  const { filter = null, body = null } = shapes.at(-1) ?? {}
  return { filter, body }
}

/** What was in force when an event of this id was accepted; null: no expression. */
export function shapeFor(eventId: string, { shapes = [] }: Pick<Webhook, 'shapes'>): Shape | null {
  if (shapes.length === 0) return null
  const at = timeOf(eventId)
  const shape = shapes.findLast(({ since }) => since <= at)
  return shape === undefined || !hasExpression(shape) ? null : shape
}

/**
 * The shapes (oldest first) once the expressions are these and the webhook is called `name` at `now`. What ended before `keptSince` is
 * left out: no event is kept that was accepted then.
 */
export function nextShapes(
  shapes: readonly Shape[],
  next: Omit<Shape, 'since'>,
  { now, keptSince }: { readonly now: number; readonly keptSince: number },
): readonly Shape[] {
  const present = shapes.at(-1) ?? { filter: null, body: null, name: next.name }
  const isSame = present.filter === next.filter && present.body === next.body
  if (isSame && (present.name === next.name || !hasExpression(next))) return shapes
  const kept = shapes.filter((_, index) => (shapes[index + 1]?.since ?? now) > keptSince)
  return [...kept, { ...next, since: now }]
}

function hasExpression({ filter, body }: Expressions): boolean {
  return filter !== null || body !== null
}
