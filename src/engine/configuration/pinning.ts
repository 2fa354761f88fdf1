// To which version of data a webhook is pinned and what shapes what it gets, when it is made and when it is changed.

import { EngineError } from '../../errors.ts'
import { CATALOGUE, RETENTION_DAYS } from '../../limits.ts'
import { DAY_MS } from '../../primitives/time.ts'
import { SHAPE_HISTORY } from '../expressions/bounds.ts'
import {
  type Expressions,
  newestVersion,
  nextPins,
  nextShapes,
  type Pin,
  type Shape,
  sourcesOf,
  toExpressions,
} from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

/** The newest version in the catalogue, as this isolate knows it. */
export async function newestOf({ eventTypes }: Pick<Ports, 'eventTypes'>): Promise<string | null> {
  return newestVersion(await eventTypes.current(CATALOGUE.cacheMs))
}

/** The pins of a webhook that is to be pinned to `version` at `now`. Throws `limit_reached` where what is to be remembered of former pins would grow without end. */
export function pinned(pins: readonly Pin[], version: string | null, now: number): readonly Pin[] {
  const keptSince = now - RETENTION_DAYS.max * DAY_MS
  const next = nextPins(pins, version, { now, keptSince })
  if (next.length <= CATALOGUE.pins) return next
  const message = `The version of this webhook was changed ${CATALOGUE.pins} times within ${RETENTION_DAYS.max} days, which is the maximum.`
  throw new EngineError('limit_reached', message)
}

/** The shapes of a webhook once it has this one. Throws `limit_reached` like `pinned`. */
export function reshaped(
  shapes: readonly Shape[],
  next: Expressions & Pick<Shape, 'name'>,
  now: number,
): readonly Shape[] {
  const keptSince = now - RETENTION_DAYS.max * DAY_MS
  const all = nextShapes(shapes, next, { now, keptSince })
  const chars = all.reduce((sum, shape) => sum + charsOf(sourcesOf(toExpressions(shape))), 0)
  if (all === shapes || (all.length <= SHAPE_HISTORY.changes && chars <= SHAPE_HISTORY.chars)) {
    return all
  }
  const message = `The expressions of this webhook were changed ${SHAPE_HISTORY.changes} times, or had ${SHAPE_HISTORY.chars} characters together, within ${RETENTION_DAYS.max} days, which is the maximum.`
  throw new EngineError('limit_reached', message)
}

function charsOf(sources: ReturnType<typeof sourcesOf>): number {
  return sources.reduce((sum, [field, source]) => sum + field.join('').length + source.length, 0)
}
