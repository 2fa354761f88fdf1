// Links that open a tenant's pages for a customer: made by the product that shows them, listed and revoked.

import {
  CAPABILITY_NAMES,
  type Capability,
  permissionsOfCapabilities,
} from '../engine/model/index.ts'
import { nothing, optionalJson, query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { readIdPage } from '../http/pagination.ts'
import { portalLinkUrl } from '../http/public-url.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { CONSOLE, PORTAL_LINK } from '../limits.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { grantableBy } from './keys.ts'
import { idPageQuery, listOf } from './schema/fields.ts'
import {
  CreatedPortalLinkResponse,
  CreatePortalLink,
  PortalLinkResponse,
  toPortalLinkResponse,
} from './schema/portal-link.ts'

const access = { operator: ['portal-links:write'] } as const

/** Those that were asked for; else all that the caller may grant. What can be viewed always is. */
function permissionsFor(c: SurfaceContext, asked: readonly Capability[] | null | undefined) {
  if (asked) return permissionsOfCapabilities(['view', ...asked])
  const grantable = grantableBy(c)
  return permissionsOfCapabilities(CAPABILITY_NAMES).filter(
    (permission) =>
      grantable === null ||
      grantable.includes(permission) ||
      permissionsOfCapabilities(['view']).includes(permission),
  )
}

export const portalLinkOperations = [
  operation({
    id: 'createPortalLink',
    method: 'post',
    path: '/tenants/{tenant}/portal-links',
    summary: 'Create a portal link',
    description:
      'A link that opens the tenant’s pages for a customer, once: a button on its page uses it up. Its address is returned only in this ' +
      'response. An operator key grants only permissions that it has itself.',
    access,
    audit: ['portal_link.created'],
    input: optionalJson(CreatePortalLink),
    status: 201,
    output: CreatedPortalLinkResponse,
    handle: async ({ c, id, input }) => {
      const { name, subject, capabilities, featureFlags, expiresInSeconds } = input
      const expiresAt = Date.now() + (expiresInSeconds ?? PORTAL_LINK.unlessToldSeconds) * 1_000
      const { link, code } = await c.env.engine.portalLinks.create(
        id('tenant'),
        {
          name: name ?? null,
          subject: subject ?? null,
          permissions: permissionsFor(c, capabilities),
          featureFlags: featureFlags ?? [],
          expiresAt,
          // A session that is begun at the last moment is as long as any.
          keyExpiresAt: expiresAt + CONSOLE.sessionSeconds * 1_000,
        },
        grantableBy(c),
      )
      return { ...toPortalLinkResponse(link), url: portalLinkUrl(c, code) }
    },
  }),
  operation({
    id: 'listPortalLinks',
    method: 'get',
    path: '/tenants/{tenant}/portal-links',
    summary: 'List portal links',
    description:
      'Returns the links of a tenant in order of creation, until what they opened has ended.',
    access,
    input: query(idPageQuery(CURSORS.portalLinks)),
    status: 200,
    output: listOf(PortalLinkResponse),
    handle: async ({ c, id, input: { limit, cursor: after = null } }) => {
      const { portalLinks } = c.env.engine
      const page = await readIdPage(CURSORS.portalLinks, limit, async (limit) => {
        const links = await portalLinks.list(id('tenant'), { limit, after })
        return links.map(toPortalLinkResponse)
      })
      return { ...page, items: [...page.items] }
    },
  }),
  operation({
    id: 'revokePortalLink',
    method: 'delete',
    path: '/tenants/{tenant}/portal-links/{linkId}',
    summary: 'Revoke a portal link',
    description: 'The link, and whatever it opened, stops working everywhere within 5 seconds.',
    access,
    audit: ['portal_link.revoked'],
    input: nothing,
    status: 204,
    handle: ({ c, id }) => c.env.engine.portalLinks.revoke(id('tenant'), id('linkId')),
  }),
]
