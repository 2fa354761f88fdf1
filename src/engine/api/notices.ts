// What surfaces may ask about notices by e-mail.

import type { NoticeAddress } from '../ports/index.ts'

export interface Notices {
  /** By tenant; without those that have none. */
  addressesOf(tenantIds: readonly string[]): Promise<ReadonlyMap<string, NoticeAddress>>
  /**
   * Before an address is set, of a tenant or (null) of one to be made. Throws `conflict`, with the reason, where this deployment sends no
   * e-mail, and `rate_limited` where too many were mailed lately. Counts the mail that setting it sends.
   */
  admit(tenantId: string | null, address: string): Promise<void>
  /**
   * Where a tenant's notices go from now on; null: nowhere. A link is mailed to an address that is not confirmed yet, a new one each
   * time: `admit` comes before. Throws `conflict` where this deployment sends no e-mail.
   */
  setAddress(tenantId: string, address: string | null): Promise<void>
  /** The address that a code confirms; null where it confirms none (any more). */
  look(code: string): Promise<string | null>
  /** Confirms the address, once; false where there is none to confirm. */
  confirm(code: string): Promise<boolean>
}
