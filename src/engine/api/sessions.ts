// Sessions of the deployment's pages, as these may ask for them.

import type { Session, SignedIn } from '../model/index.ts'

/** `secret` is what its holder is known by, and stands nowhere else. */
export interface BegunSession {
  readonly session: Session
  readonly secret: string
}

/** `administrator`: SHA-256 (hex) of the administrator's token as it is now; another one ends the sessions that were begun with it. */
export interface Sessions {
  /** Null `keyId`: the administrator's. */
  begin(keyId: string | null, administrator: string): Promise<BegunSession>
  /**
   * Whose session it is; null for an unknown, wrong or ended one, and where the credential was revoked or has expired. May answer from a
   * cache for 5 s.
   */
  find(
    id: string,
    secret: string,
    administrator: string,
  ): Promise<{ readonly session: Session; readonly signedIn: SignedIn } | null>
  end(id: string): Promise<void>
  /** All that were begun with the same credential. */
  endAll(session: Pick<Session, 'keyId'>): Promise<void>
}
