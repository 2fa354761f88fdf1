// Credentials of a tenant, and what they permit.

export const PERMISSIONS = [
  'webhooks:read',
  'webhooks:list',
  'webhooks:write',
  'webhooks:unowned',
  'events:read',
  'events:list',
  'events:write',
  'diverted-events:read',
  'diverted-events:list',
  'diverted-events:resend',
  'diverted-events:delete',
  'catalogue:write',
] as const

/** Permissions that reach beyond the tenant of a key, so that a key has them only if they are named. */
export const NAMED_PERMISSIONS: readonly Permission[] = ['catalogue:write']

export type Permission = (typeof PERMISSIONS)[number]

/** A credential of a tenant. Its secret is stored as a hash only. */
export interface Key {
  readonly id: string
  readonly tenantId: string
  readonly name: string | null
  /** The user the key acts for, everywhere (visibility.ts); null acts as the tenant itself. */
  readonly subject: string | null
  readonly permissions: readonly Permission[]
  readonly createdAt: number
  readonly expiresAt: number | null
}

/** Who is calling: a key that was proven. */
export type Principal = Pick<Key, 'id' | 'tenantId' | 'subject' | 'permissions'>
