// Links that open a tenant's pages for a customer, once.

import type { Key, Permission } from './key.ts'

/** What a customer may do behind a link, and the permissions that it takes. */
export const CAPABILITIES = {
  view: [
    'webhooks:read',
    'webhooks:list',
    'events:read',
    'events:list',
    'diverted-events:read',
    'diverted-events:list',
  ],
  'manage-webhooks': ['webhooks:write'],
  'rotate-secrets': ['webhook-secrets:write'],
  'resend-events': ['diverted-events:resend'],
  'read-secrets': ['webhook-secrets:read'],
} as const satisfies Record<string, readonly Permission[]>

export type Capability = keyof typeof CAPABILITIES

/** All of them. */
export const CAPABILITY_NAMES = [
  'view',
  'manage-webhooks',
  'rotate-secrets',
  'resend-events',
  'read-secrets',
] as const satisfies readonly Capability[]

/** The permissions of some capabilities, each once. */
export function permissionsOfCapabilities(
  capabilities: readonly Capability[],
): readonly Permission[] {
  return [...new Set(capabilities.flatMap((one): readonly Permission[] => CAPABILITIES[one]))]
}

/** The capabilities that some permissions make up. */
export function capabilitiesOf(permissions: readonly Permission[]): readonly Capability[] {
  return CAPABILITY_NAMES.filter((name) =>
    CAPABILITIES[name].every((permission) => permissions.includes(permission)),
  )
}

/** A link, which has the id of its key: what that may is what its pages show, and when that ends they do. */
export interface PortalLink {
  readonly key: Key
  /** Until when it may be opened. */
  readonly expiresAt: number
  /** When it was opened: nobody opens it again. */
  readonly usedAt: number | null
}
