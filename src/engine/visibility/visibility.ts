// Which webhooks and events a caller may see. A key without a subject acts for its tenant and sees all that the tenant
// has; one with a subject acts for that user on every surface, and whatever else exists reads like what does not.

import type { Principal, Webhook } from '../model/index.ts'

/** What a user sees: webhooks of these owners. */
export interface Visibility {
  readonly tenantId: string
  /** The user, who owns what the key makes. */
  readonly subject: string
  /** Null among them: also webhooks that no user owns. */
  readonly owners: readonly (string | null)[]
}

/** Null for a caller who sees all that its tenant has. */
export function visibilityOf({ tenantId, subject, permissions }: Principal): Visibility | null {
  if (subject === null) return null
  const owners = permissions.includes('webhooks:unowned') ? [subject, null] : [subject]
  return { tenantId, subject, owners }
}

export function isVisible(
  { tenantId, owner }: Pick<Webhook, 'tenantId' | 'owner'>,
  visibility: Visibility,
): boolean {
  return tenantId === visibility.tenantId && visibility.owners.includes(owner)
}
