// What surfaces may ask about notices by e-mail.

import type { NoticeAddress } from '../ports/index.ts'

export interface Notices {
  /** By tenant; without those that have none. */
  addressesOf(tenantIds: readonly string[]): Promise<ReadonlyMap<string, NoticeAddress>>
  /** Throws `conflict`, with the reason, where this deployment sends no e-mail. */
  requireMail(): void
  /**
   * Where a tenant's notices go from now on; null: nowhere. A link is mailed to an address that is not confirmed yet, a new one each
   * time. Throws `conflict` like `requireMail`.
   */
  setAddress(tenantId: string, address: string | null): Promise<void>
  /** The address that a code confirms; null where it confirms none (any more). */
  look(code: string): Promise<string | null>
  /** Confirms the address, once; false where there is none to confirm. */
  confirm(code: string): Promise<boolean>
}
