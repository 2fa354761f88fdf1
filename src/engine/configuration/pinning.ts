// To which version of data a webhook is pinned, when it is made and when it is changed.

import { EngineError } from '../../errors.ts'
import { CATALOGUE, RETENTION_DAYS } from '../../limits.ts'
import { DAY_MS } from '../../primitives/time.ts'
import { newestVersion, nextPins, type Pin } from '../model/index.ts'
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
