// The webhooks and events that a caller may see: its tenant's, and where its key acts for a user, that user's.

import type { Seen } from '../engine/index.ts'
import type { SurfaceContext } from './surface.ts'

/** Behind `authenticateKey` only. */
export function seen(c: SurfaceContext): Seen {
  return c.env.engine.seenBy(c.get('principal'))
}
