// The contract of SecretStore: all secrets come under the newest key, step by step.

import { beforeEach, describe, expect, it } from 'vitest'
import type { SecretStore, WebhookRef } from '../../src/engine/ports/index.ts'
import { uuid } from './store-fixtures.ts'

/** The key that a webhook's secrets are sealed under: the newest, one that still opens them, or one that is gone. */
export type SealedUnder = 'newest' | 'former' | 'lost'

export interface SecretStoreSubject {
  readonly secrets: SecretStore
  /** Keeps a webhook of one of the tenants 1 and 2 whose secrets are sealed so. */
  readonly keep: (ref: WebhookRef, sealedUnder: SealedUnder) => Promise<void>
}

const refOf = (n: number, tenant = 1): WebhookRef => ({ tenantId: uuid(tenant), id: uuid(n) })

/** `make` gives an empty store. */
export function secretStoreContract(make: () => Promise<SecretStoreSubject>): void {
  describe('a secret store', () => {
    let subject: SecretStoreSubject
    beforeEach(async () => {
      subject = await make()
    })
    const reseal = (after: WebhookRef | null = null, limit = 2) =>
      subject.secrets.reseal({ limit, after })

    it('has nothing to do where there is nothing', async () => {
      expect(await reseal()).toEqual({ resealed: 0, unreadable: [], remaining: 0, next: null })
    })

    it('seals anew so many at a time, through all tenants, and counts what is left', async () => {
      await subject.keep(refOf(12), 'former')
      await subject.keep(refOf(11, 2), 'former')
      await subject.keep(refOf(13), 'former')
      const first = await reseal()
      expect(first).toEqual({ resealed: 2, unreadable: [], remaining: 1, next: refOf(13) })
      const second = await reseal(first.next)
      expect(second).toEqual({ resealed: 1, unreadable: [], remaining: 0, next: null })
    })

    it('leaves what is sealed under the newest key', async () => {
      await subject.keep(refOf(11), 'newest')
      await subject.keep(refOf(12), 'former')
      expect(await reseal()).toEqual({ resealed: 1, unreadable: [], remaining: 0, next: null })
    })

    it('can begin again at any time, and does nothing twice', async () => {
      for (const n of [11, 12, 13]) await subject.keep(refOf(n), 'former')
      await reseal()
      expect(await reseal()).toMatchObject({ resealed: 1, remaining: 0, next: null })
      expect(await reseal()).toMatchObject({ resealed: 0, remaining: 0, next: null })
    })

    it('names what no key opens, counts it as left, and goes on behind it', async () => {
      await subject.keep(refOf(11), 'lost')
      await subject.keep(refOf(12), 'former')
      await subject.keep(refOf(13), 'former')
      const first = await reseal()
      expect(first).toMatchObject({ resealed: 1, unreadable: [refOf(11)], remaining: 2 })
      expect(await reseal(first.next)).toEqual({
        ...{ resealed: 1, unreadable: [], remaining: 1, next: null },
      })
    })
  })
}
