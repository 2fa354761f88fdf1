// Who signed in to the deployment's pages.

import type { Caller } from './key.ts'

/** Somebody who signed in with a credential, and is known by a secret of the session's own until it ends. */
export interface Session {
  readonly id: string
  /** The key that it was begun with; null: the administrator's token. */
  readonly keyId: string | null
  readonly createdAt: number
  readonly expiresAt: number
}

/** Whoever is behind a session: what its credential permits now. */
export type SignedIn = 'administrator' | Caller
