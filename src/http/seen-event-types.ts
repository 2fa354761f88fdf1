// The event types that a caller may see: all of the catalogue, but behind a portal link none whose feature flag that lacks.

import {
  type Caller,
  type Catalogue,
  type EventTypeDefinition,
  isShownUnder,
} from '../engine/model/index.ts'
import { notFound } from '../errors.ts'
import type { SurfaceContext } from './surface.ts'

/** `maxAgeMs`: how old it may be. */
export async function seenEventTypes(c: SurfaceContext, maxAgeMs = 0): Promise<Catalogue> {
  const catalogue = await c.env.engine.eventTypes.catalogue(maxAgeMs)
  // Set only for a key: the administrator is no caller.
  const caller: Caller | undefined = c.get('caller')
  const featureFlags = caller?.featureFlags ?? null
  if (featureFlags === null) return catalogue
  const shown = [...catalogue.types].filter(([, type]) => isShownUnder(featureFlags, type))
  return { ...catalogue, types: new Map(shown) }
}

/** Throws `not_found` for one that is not there, or not for this caller. */
export async function seenEventType(c: SurfaceContext, name: string): Promise<EventTypeDefinition> {
  const found = (await seenEventTypes(c)).types.get(name)
  if (found === undefined) throw notFound('event type')
  return found
}
