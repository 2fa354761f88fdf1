// Who signed in to the deployment's pages, and links by which customers do, as the database keeps them.

import type { PortalLink, Session } from '../model/index.ts'
import type { KnownKey } from './stores.ts'

/** A session as it is kept. */
export interface KnownSession {
  readonly session: Session
  /** SHA-256 of the administrator's token that it was begun with; null of one that was begun with a key. */
  readonly proof: string | null
  readonly secretHash: string
}

export interface SessionStore {
  insert(session: KnownSession): Promise<void>
  /** With the key that it was begun with, as that is now, in one call; null for one that is gone, or was the administrator's token. */
  find(id: string): Promise<(KnownSession & { readonly key: KnownKey | null }) | null>
  delete(id: string): Promise<void>
  /** All that were begun with a key, or with the administrator's token (null); returns their ids. */
  deleteAll(keyId: string | null): Promise<readonly string[]>
  /** Removes what has expired. */
  prune(now: number): Promise<void>
}

/** A link as it is kept. */
export interface KnownPortalLink {
  readonly link: PortalLink
  /** SHA-256 of the code in its address. */
  readonly codeHash: string
}

export interface PortalLinkStore {
  /** Keeps the link and its key, both or neither. Throws `not_found` where the tenant is gone. */
  insert(link: KnownPortalLink, secretHash: string): Promise<void>
  /** By the id of its key; null once that was revoked. */
  find(id: string): Promise<KnownPortalLink | null>
  /** Notes that it was opened; false where it was before, has expired by `now`, or is gone. */
  use(id: string, now: number): Promise<boolean>
  /** In order of id, after `after`. */
  list(
    tenantId: string,
    page: { readonly limit: number; readonly after: string | null },
  ): Promise<readonly PortalLink[]>
  /** Removes links whose keys have expired, with these. */
  prune(now: number): Promise<void>
}
