// The tenant that a page is about.

import { TenantResponse } from '../api/schema/tenant.ts'
import { type ConsoleContext, visitOf } from './context.ts'
import type { ShownTenant } from './parts/layout.tsx'
import { Refusal } from './v1.ts'

/**
 * As its pages name it. Who may not read tenants knows its own by its id: then it has no other name. Throws `Refusal` for another's, as
 * for one that is not there.
 */
export async function findTenant(c: ConsoleContext): Promise<ShownTenant> {
  const named = c.req.param('tenant') ?? ''
  const signedIn = visitOf(c).signedIn
  if (signedIn !== 'administrator' && signedIn.kind === 'tenant') {
    if (signedIn.tenantId === named.toLowerCase()) {
      return { id: signedIn.tenantId, name: 'Webhooks' }
    }
  }
  return visitOf(c).v1.get(`/tenants/${encodeURIComponent(named)}`, TenantResponse)
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
