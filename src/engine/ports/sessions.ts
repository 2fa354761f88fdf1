// Who signed in to the deployment's pages, as the database keeps it.

import type { Session } from '../model/index.ts'

/** A session as it is kept. */
export interface KnownSession {
  readonly session: Session
  /** SHA-256 of the administrator's token that it was begun with; null of one that was begun with a key. */
  readonly proof: string | null
  readonly secretHash: string
}

export interface SessionStore {
  insert(session: KnownSession): Promise<void>
  find(id: string): Promise<KnownSession | null>
  delete(id: string): Promise<void>
  /** All that were begun with a key, or with the administrator's token (null); returns their ids. */
  deleteAll(keyId: string | null): Promise<readonly string[]>
  /** Removes what has expired. */
  prune(now: number): Promise<void>
}
