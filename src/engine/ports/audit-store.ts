// Where the audit is kept.

import type { AuditDraft, AuditEntry, AuditTargetKind } from '../model/index.ts'

/** Which entries, newest first. Undefined: whichever. */
export interface AuditQuery {
  /** Null: those of no tenant. */
  readonly tenantId: string | null | undefined
  /** Of those of tenants, only what is about these kinds. */
  readonly kindsOfTenants?: readonly AuditTargetKind[] | undefined
  /** When it was (Unix milliseconds), both excluded. */
  readonly after?: number | undefined
  readonly before?: number | undefined
  /** All actions on what it names: `webhook` is `webhook.created` and its like. */
  readonly action?: string | undefined
  /** The id of a key, a subject, or a kind of actors. */
  readonly actor?: string | undefined
  /** The id of what was changed. */
  readonly target?: string | undefined
  readonly limit: number
  /** The id of the entry behind which it goes on; null from the newest. */
  readonly behind: string | null
}

export interface AuditStore {
  /**
   * Writes entries once each, by their ids, with the names that their keys, and webhooks without a given name, have now. Leaves out what
   * is of a tenant that is not there (any more).
   */
  append(entries: readonly AuditDraft[]): Promise<void>
  list(query: AuditQuery): Promise<readonly AuditEntry[]>
  /** Removes entries from before a time (Unix milliseconds), at most `limit`; returns how many. */
  prune(before: number, limit: number): Promise<number>
}
