// Addresses of this deployment as others are told them.

import type { SurfaceContext } from './surface.ts'

/** Where this deployment is reached: what its settings say, else where the request went. */
export function publicOrigin(c: SurfaceContext): string {
  return c.env.publicOrigin ?? new URL(c.req.url).origin
}

/** What opens the customer's pages with the code of a portal link. */
export function portalLinkUrl(c: SurfaceContext, code: string): string {
  return `${publicOrigin(c)}/portal/open/${code}`
}
