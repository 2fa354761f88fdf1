// Calls that may be repeated, and what they were answered.

/** A call that may be repeated, by what tells it from all others. */
export interface CallClaim {
  /** SHA-256 (hex) of who calls, what, and under which key. */
  readonly key: string
  /** SHA-256 (hex) of what was sent. */
  readonly contentHash: string
  /** Random: tells this call from others that want the key. */
  readonly owner: string
}

/** What calls were answered that may be repeated; answers may be secret, and are sealed at rest. */
export interface IdempotencyStore {
  /** Null: the key is this call's until `expiresAt` (an expired one is free). Else whose it is; `answer` is null while that is under way. */
  claim(
    claim: CallClaim,
    times: { readonly now: number; readonly expiresAt: number },
  ): Promise<{ readonly contentHash: string; readonly answer: string | null } | null>
  /**
   * Keeps the answer of the call that has the key, until `expiresAt`. `contentOf`: the tenant of whose events' content it may have some, and
   * since when the call was under way (Unix milliseconds); where an erasure of that was asked for since, or the tenant was deleted, the
   * key is freed instead.
   */
  complete(
    claim: CallClaim,
    answer: string,
    expiresAt: number,
    contentOf?: { readonly tenantId: string; readonly since: number } | null,
  ): Promise<void>
  /** Forgets the answers that may have some content of a tenant's events, with their keys. */
  eraseContentOf(tenantId: string): Promise<void>
  /** Frees the key, if it is this call's and not answered. */
  release(claim: CallClaim): Promise<void>
  /** Removes expired keys, at most `limit`; returns how many. */
  prune(now: number, limit: number): Promise<number>
}
