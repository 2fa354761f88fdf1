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

/**
 * The tenant of whoever runs Hookline, made when its first webhook is: its events tell of the webhooks of all others. Its id is older
 * than any that is made.
 */
export const OPERATIONS_TENANT = {
  id: '00000000-0000-7000-8000-000000000000',
  name: 'Operations',
} as const

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
