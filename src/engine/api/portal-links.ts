// Links that open a tenant's pages for a customer, as surfaces and pages may ask for them.

import type { Caller, Key, Permission, PortalLink } from '../model/index.ts'
import type { IdPage } from './pages.ts'
import type { BegunSession } from './sessions.ts'

interface PortalLinkDraft {
  readonly name: string | null
  readonly subject: string | null
  readonly permissions: readonly Permission[]
  /** Event types that have a flag are shown under these only. */
  readonly featureFlags: readonly string[]
  /** Unix milliseconds until when the link may be opened. */
  readonly expiresAt: number
  /** Unix milliseconds until when its key, and thus what it opened, works. */
  readonly keyExpiresAt: number
}

/** `usable`, or why it is not; `unknown` of one that was revoked, too. */
export type PortalLinkState = 'usable' | 'used' | 'expired' | 'unknown'

export interface PortalLinks {
  /**
   * `code` stands in the link's address and `secret` proves its key; both are known this once. `grantable`: the permissions of whoever
   * makes it, null for the administrator. Throws `not_found` for the tenant, `forbidden` for a permission that its maker lacks.
   */
  create(
    tenantId: string,
    draft: PortalLinkDraft,
    grantable: readonly Permission[] | null,
  ): Promise<{ readonly link: PortalLink; readonly code: string; readonly secret: string }>
  list(tenantId: string, page: IdPage): Promise<readonly PortalLink[]>
  /** Ends the link, its key and its session; answers the key. Throws `not_found`. */
  revoke(tenantId: string, id: string): Promise<Key>
  /** Whether a key is that of a link: it opens the portal, and not the console. */
  isOfLink(keyId: string): Promise<boolean>
  /** What would come of opening it; uses up nothing. */
  look(code: string): Promise<PortalLinkState>
  /** Uses the link up, and begins a session of its key; or says why not. */
  open(code: string): Promise<
    | {
        readonly state: 'opened'
        readonly link: PortalLink
        readonly caller: Caller
        readonly begun: BegunSession
      }
    | { readonly state: Exclude<PortalLinkState, 'usable'> }
  >
}
