// Credentials, and what they permit.

/** What the key of a tenant may have. */
export const PERMISSIONS = [
  'webhooks:read',
  'webhooks:list',
  'webhooks:write',
  'webhooks:unowned',
  'webhook-secrets:read',
  'webhook-secrets:write',
  'events:read',
  'events:list',
  'events:write',
  'events:pull',
  'diverted-events:read',
  'diverted-events:list',
  'diverted-events:resend',
  'diverted-events:delete',
  'mcp:write',
  'ucp-agent:write',
] as const

/** What an operator key may have: what concerns a tenant, of every tenant; and what concerns more than one. */
export const OPERATOR_PERMISSIONS = [
  ...PERMISSIONS,
  'tenants:read',
  'tenants:write',
  'keys:read',
  'keys:write',
  'catalogue:read',
  'catalogue:write',
  'audit:read',
  'metrics:read',
  'portal-links:write',
  'erase',
] as const

export type Permission = (typeof OPERATOR_PERMISSIONS)[number]

/**
 * What a key has only where it was named: that agents which read payloads may write besides (docs/mcp.md, "Writing"), and for which business
 * UCP's requests are signed, with a key that all tenants share (docs/signatures.md).
 */
const NAMED_ONLY: readonly Permission[] = ['mcp:write', 'ucp-agent:write']

/** What a key of the operator has for which no permissions were named. */
export const OPERATOR_PERMISSIONS_UNLESS_TOLD: readonly Permission[] = OPERATOR_PERMISSIONS.filter(
  (name) => !NAMED_ONLY.includes(name),
)

/** The same of a tenant's key. What reaches beyond its user has to be named as well for a key that acts for one. */
export function permissionsUnlessTold(subject: string | null): readonly Permission[] {
  return PERMISSIONS.filter(
    (name) => !NAMED_ONLY.includes(name) && (subject === null || name !== 'webhooks:unowned'),
  )
}

/** A credential of a tenant. Its secret is stored as a hash only. */
export interface Key {
  readonly id: string
  readonly tenantId: string
  readonly name: string | null
  /** The user the key acts for, everywhere (visibility.ts); null acts as the tenant itself. */
  readonly subject: string | null
  readonly permissions: readonly Permission[]
  /** Event types that have another flag than these are not shown; null shows all. */
  readonly featureFlags: readonly string[] | null
  readonly createdAt: number
  readonly expiresAt: number | null
}

/** A credential of the product that runs Hookline for its customers: each of its calls names the tenant. */
export type OperatorKey = Omit<Key, 'tenantId' | 'subject' | 'featureFlags'>

/** Who is calling: a key that was proven. `tenantId` is null for an operator key, which has no tenant of its own. */
export type Caller = Pick<Key, 'id' | 'subject' | 'permissions' | 'featureFlags'> & {
  readonly kind: KeyKind
  readonly tenantId: string | null
}

type KeyKind = 'tenant' | 'operator'

/** Whom a caller acts for: its own tenant, or the one that its call names. */
export type Principal = Caller & { readonly tenantId: string }
