// What is handed in to be published, and what comes of it.

import type { EventDraft } from '../model/index.ts'

export interface AcceptedEvent {
  readonly id: string
  readonly type: string
  readonly duplicate: boolean
  /** When a scheduled event is to be accepted and sent, RFC 3339. */
  readonly deliverAt?: string
}

export interface PublishOptions {
  /** `contentHash`: SHA-256 (hex) of the request the idempotency key stands for. */
  readonly idempotency?: { readonly key: string; readonly contentHash: string } | undefined
}

/** What is to be published, and the id of the tenant for which. */
export interface AddressedEvent {
  readonly tenantId: string
  readonly draft: EventDraft
}

export interface ManyTenants {
  /**
   * `Events.publish` of events of several tenants, in the order given. All is looked through before anything is accepted; a publish that
   * died half-way is completed by its repetition, as far as its events have keys. An idempotency key counts in each of the tenants.
   * Throws what `Events.publish` does, and `invalid` for a tenant that is not there (any more).
   */
  publishToTenants(
    events: readonly AddressedEvent[],
    options?: PublishOptions,
  ): Promise<readonly AcceptedEvent[]>
  /**
   * Throws what looking through such a publish would, and has nothing accepted or noted. `toBeMade` are names of tenants that there are
   * not, which stand in place of their ids: no key is known of them.
   */
  checkPublish(
    events: readonly AddressedEvent[],
    options: PublishOptions & { readonly toBeMade: ReadonlySet<string> },
  ): Promise<void>
}
