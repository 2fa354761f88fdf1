// Which types an endpoint may ask for: those of the catalogue, and an operational one those that tell of endpoints.

import { OPERATIONS_TENANT } from '../../engine/model/index.ts'
import { invalid } from '../../errors.ts'
import { seenEventTypes } from '../../http/seen-event-types.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { CATALOGUE } from '../../limits.ts'
import { OPERATIONAL_TYPES } from './operational-events.ts'
import { typesIn } from './schema/endpoint.ts'

/** Throws `invalid` for types that there are not: patterns, which only `/v1` knows, are not looked up. */
export async function checkTypes(
  c: SurfaceContext,
  input: Parameters<typeof typesIn>[0],
): Promise<void> {
  const isOperational = c.get('principal').tenantId === OPERATIONS_TENANT.id
  const isListed = (name: string) =>
    !name.endsWith('*') && !(isOperational && OPERATIONAL_TYPES.has(name))
  const named = (typesIn(input) ?? []).filter(isListed)
  if (named.length === 0) return
  const { types } = await seenEventTypes(c, CATALOGUE.cacheMs)
  if (named.every((name) => types.has(name))) return
  // It may have been made a moment ago, by way of another isolate.
  const { types: newest } = await seenEventTypes(c)
  if (named.every((name) => newest.has(name))) return
  throw invalid([input.eventTypes ? 'eventTypes' : 'filterTypes'], 'Unknown event type.')
}
