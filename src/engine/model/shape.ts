// Which expressions say of an event whether a webhook gets it and as what: those that the webhook had when the event was accepted, so
// that every attempt, resend and replay sends the same bytes.

import { timeOf } from '../../primitives/ids.ts'
import type { Expressions, Format, Shape, Webhook } from './webhook.ts'

/** What a webhook has none of. */
export const NO_EXPRESSIONS: Expressions = {
  ...{ filter: null, body: null, path: null },
  ...{ headers: {}, query: {}, format: null },
}

/** The expressions that a webhook has now. */
export function expressionsOf({ shapes = [] }: Pick<Webhook, 'shapes'>): Expressions {
  return toExpressions(shapes.at(-1) ?? NO_EXPRESSIONS)
}

/** All of them, of a shape that may be of an earlier version. */
export function toExpressions({
  filter,
  body,
  headers = {},
  path = null,
  query = {},
  format = null,
}: Omit<Shape, 'since' | 'name'>): Expressions {
  return { filter, body, headers, path, query, format }
}

/** How an event of this id is written; null: as Standard Webhooks has it. */
export function formatFor(
  eventId: string,
  { shapes = [] }: Pick<Webhook, 'shapes'>,
): Format | null {
  if (shapes.length === 0) return null
  const at = timeOf(eventId)
  return shapes.findLast(({ since }) => since <= at)?.format ?? null
}

/** What was in force when an event of this id was accepted; null: no expression. */
export function shapeFor(eventId: string, { shapes = [] }: Pick<Webhook, 'shapes'>): Shape | null {
  if (shapes.length === 0) return null
  const at = timeOf(eventId)
  const shape = shapes.findLast(({ since }) => since <= at)
  return shape === undefined || sourcesOf(toExpressions(shape)).length === 0 ? null : shape
}

/**
 * The shapes (oldest first) once the expressions are these and the webhook is called `name` at `now`. What ended before `keptSince` is
 * left out: no event is kept that was accepted then.
 */
export function nextShapes(
  shapes: readonly Shape[],
  { name, ...next }: Expressions & Pick<Shape, 'name'>,
  { now, keptSince }: { readonly now: number; readonly keptSince: number },
): readonly Shape[] {
  const isSame = textOf(expressionsOf({ shapes })) === textOf(next)
  const present = shapes.at(-1)?.name ?? null
  const isNamed = shapes.length === 0 || present === name || sourcesOf(next).length === 0
  if (isSame && isNamed) return shapes
  const kept = shapes.filter((_, index) => (shapes[index + 1]?.since ?? now) > keptSince)
  return [...kept, { ...toStored(next), name, since: now }]
}

/** Of each expression its field, as the native API calls it, and its text. */
export function sourcesOf({
  filter,
  body,
  headers,
  path,
  query,
}: Omit<Expressions, 'format'>): readonly (readonly [field: readonly string[], source: string])[] {
  const one = (field: string, source: string | null) =>
    source === null ? [] : [[[field], source] as const]
  const byName = (field: string, sources: Readonly<Record<string, string>>) =>
    Object.entries(sources).map(([name, source]) => [[field, name], source] as const)
  return [
    ...one('filter', filter),
    ...one('body', body),
    ...byName('headerExpressions', headers),
    ...one('pathExpression', path),
    ...byName('queryExpressions', query),
  ]
}

const textOf = (expressions: Expressions) =>
  JSON.stringify([expressions.format, sourcesOf(expressions)])

/** Without what there is none of: most have none of their requests'. */
function toStored({ filter, body, headers, path, query, format }: Expressions) {
  return {
    ...{ filter, body },
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(path !== null && { path }),
    ...(Object.keys(query).length > 0 && { query }),
    ...(format !== null && { format }),
  }
}
