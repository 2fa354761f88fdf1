// The tenant that a page is about, and the webhook.

import { TenantResponse } from '../api/schema/tenant.ts'
import { notFound } from '../errors.ts'
import { Refusal } from '../http/v1.ts'
import { type ConsoleContext, visitOf } from './context.ts'
import { pathOf, type ShownTenant } from './parts/layout.tsx'
import { presentationOf } from './presentation.ts'

/**
 * As its pages name it; in the portal, which has no other, that of the link. Who may not read tenants knows its own by its id: then it has no other name. Throws `Refusal` for another's, as
 * for one that is not there.
 */
export async function findTenant(c: ConsoleContext): Promise<ShownTenant> {
  const signedIn = visitOf(c).signedIn
  const { base, name } = presentationOf(c)
  if (base === '/portal') {
    if (signedIn === 'administrator' || signedIn.tenantId === null) throw notFound('page')
    return { id: signedIn.tenantId, name, path: base }
  }
  const named = c.req.param('tenant') ?? ''
  if (signedIn !== 'administrator' && signedIn.kind === 'tenant') {
    if (signedIn.tenantId === named.toLowerCase()) {
      return { id: signedIn.tenantId, name: 'Webhooks' }
    }
  }
  return visitOf(c).v1.get(`/tenants/${encodeURIComponent(named)}`, TenantResponse)
}

/** Where the tenant is in the API, by what its pages call it: for what can be asked while it is looked for. */
export function tenantPlace(c: ConsoleContext): string {
  const { signedIn } = visitOf(c)
  const isPortal = presentationOf(c).base === '/portal'
  const own = isPortal && signedIn !== 'administrator' ? signedIn.tenantId : null
  return `/tenants/${encodeURIComponent(own ?? c.req.param('tenant') ?? '')}`
}

/** The webhook that a path names, for the API and for the pages. Throws as `findTenant`. */
export async function findWebhookPlace(c: ConsoleContext) {
  const tenant = await findTenant(c)
  const id = encodeURIComponent(c.req.param('webhook') ?? '')
  return {
    tenant,
    api: `/tenants/${tenant.id}/webhooks/${id}`,
    path: `${pathOf(tenant)}/webhooks/${id}`,
  }
}

/** What a part of a page is about; null where the caller may not see it: the rest of the page stands. */
export async function orNothing<Part>(part: Promise<Part>): Promise<Part | null> {
  try {
    return await part
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 403) return null
    throw error
  }
}
