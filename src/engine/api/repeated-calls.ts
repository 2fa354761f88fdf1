// Calls that may be repeated without doing again what they do.

/** Calls that may be repeated. */
export interface RepeatedCalls {
  /**
   * What `answer` answers, or answered to the call that had this key before; one that is under way is waited for. `key` and
   * `contentHash`: SHA-256 (hex) of what tells the call from all others, and of what was sent. What rejects is not remembered. Throws
   * `idempotency_mismatch` for a key of other content, `unavailable` when the first takes too long.
   */
  once(
    call: { readonly key: string; readonly contentHash: string },
    answer: () => Promise<RepeatedAnswer>,
  ): Promise<string>
}

/** `contentOf`: the tenant of whose events' content it may have some, so that an erasure reaches it; null for none. */
export interface RepeatedAnswer {
  readonly text: string
  readonly contentOf: string | null
}
