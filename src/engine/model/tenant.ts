// Tenants, and the catalogue of templates.

/** A customer of the account that runs Hookline; everything else belongs to exactly one. */
export interface Tenant {
  readonly id: string
  readonly name: string
  /** What the product that runs Hookline calls it, unique; null where it calls it nothing. */
  readonly uid: string | null
  /** What that product notes of it. */
  readonly metadata: Readonly<Record<string, string>>
  /** Days for which its events are kept, but for those that say so themselves. */
  readonly retentionDays: number
  /** Unix milliseconds, like every `…At` in the model. */
  readonly createdAt: number
}

/** An entry of the catalogue of kinds of processing that some surfaces let a webhook refer to. */
export interface Template {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly description: string
}

/** What a uid may be. `.` and `..` are none: in the path of a URL they stand for other paths. */
export const TENANT_UID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,256}$/

/** Whether a text may name a tenant: an id has the form of a uid, too. */
export function isTenantName(text: string): boolean {
  return TENANT_UID.test(text)
}
