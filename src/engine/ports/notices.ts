// Notices by e-mail: to whom, what is still to be told, and what sends it.

import type { SystemEventType } from '../model/index.ts'

/** Where a tenant's notices go. */
export interface NoticeAddress {
  readonly address: string
  /** Who reads it opened the link that was mailed there. */
  readonly isConfirmed: boolean
}

/** What is to be told of a webhook, of one kind. */
export interface Notice {
  readonly tenantId: string
  readonly webhookId: string
  readonly kind: SystemEventType
  readonly at: number
  readonly cause: string | null
  readonly failingSince: number | null
  readonly suspendsAt: number | null
}

/** Notices of one kind that wait together, as the latest of them says it. */
export interface WaitingNotice extends Notice {
  readonly count: number
  readonly firstAt: number
}

type Owner = Pick<Notice, 'tenantId' | 'webhookId'>

/** A mail that asks whether an address may get notices. */
export interface ConfirmationMail {
  /** Null where the tenant is made with the address. */
  readonly tenantId: string | null
  /** SHA-256 of the address. */
  readonly addressHash: string
  readonly at: number
}

/** At most so many mails in so many seconds, of those that have this in common. */
export interface MailLimit {
  readonly of: 'tenant' | 'address' | 'deployment'
  readonly most: number
  readonly seconds: number
}

export interface NoticeStore {
  /** By tenant; without those that have none. */
  addressesOf(tenantIds: readonly string[]): Promise<ReadonlyMap<string, NoticeAddress>>
  /** Sets the address anew, to be confirmed, or removes it, and what was to be told. */
  setAddress(
    tenantId: string,
    asked: {
      readonly address: string
      /** SHA-256 of the code that confirms it. */
      readonly codeHash: string
      readonly expiresAt: number
    } | null,
  ): Promise<void>
  /** The address that the code confirms; null where it is wrong, was used, or has expired by `now`. */
  look(tenantId: string, codeHash: string, now: number): Promise<string | null>
  /** Confirms the address; false where `look` finds none. The code does it once. */
  confirm(tenantId: string, codeHash: string, now: number): Promise<boolean>
  /** Counts a mail, in one step with asking whether it keeps to the limits; where it does not: until when there is no room, and nothing is counted. */
  admitConfirmation(mail: ConfirmationMail, limits: readonly MailLimit[]): Promise<number | null>
  /** Adds to what is to be told, where the tenant has a confirmed address. `id`: the same twice in a row counts once. */
  add(id: string, notice: Notice): Promise<void>
  /** What is to be told of a webhook, where nothing was tried since `triedBefore`; it counts as tried at `now`. */
  claim(owner: Owner, now: number, triedBefore: number): Promise<readonly WaitingNotice[]>
  /** They were told. */
  markSent(sent: readonly WaitingNotice[]): Promise<void>
  /** Webhooks of which something is to be told that nothing was tried of since `triedBefore`. */
  listDue(triedBefore: number, limit: number): Promise<readonly Owner[]>
  /** Forgets what has waited since `before`, what was tried when, and mails that were counted; returns how many notices were never told. */
  prune(before: number): Promise<number>
}

export interface MailMessage {
  readonly to: string
  readonly subject: string
  readonly text: string
}

export interface Mail {
  /** Where links in mails lead: an origin. */
  readonly origin: string
  /** Resolves when it was taken for delivery. */
  send(message: MailMessage): Promise<void>
}
