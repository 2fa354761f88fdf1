// The contract of TenantStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Ports } from '../../src/engine/ports/index.ts'
import { aKey, aTenant, aWebhook, uuid } from './store-fixtures.ts'

type Stores = Pick<Ports, 'tenants' | 'keys' | 'webhooks' | 'deduplication'>

/** `make` gives empty stores. */
export function tenantStoreContract(make: () => Promise<Stores>): void {
  describe('a tenant store', () => {
    let stores: Stores
    beforeEach(async () => {
      stores = await make()
    })

    it('finds the tenant that was inserted', async () => {
      await stores.tenants.insert(aTenant(1, { name: 'Ärzte & Söhne' }))
      expect(await stores.tenants.find(uuid(1))).toEqual({
        id: uuid(1),
        name: 'Ärzte & Söhne',
        createdAt: 1_700_000_000_000,
      })
    })

    it('finds null for an id nobody has', async () => {
      expect(await stores.tenants.find(uuid(1))).toBeNull()
    })

    it('refuses a taken id and keeps what was there', async () => {
      expect(await stores.tenants.insert(aTenant(1))).toBe(true)
      expect(await stores.tenants.insert(aTenant(1, { name: 'Other' }))).toBe(false)
      expect((await stores.tenants.find(uuid(1)))?.name).toBe('Tenant 1')
    })

    it('lists in order of id, after an id, at most as many as asked for', async () => {
      for (const n of [3, 1, 4, 2]) await stores.tenants.insert(aTenant(n))
      const ids = async (after: string | null) =>
        (await stores.tenants.list({ limit: 2, after })).map(({ id }) => id)
      expect(await ids(null)).toEqual([uuid(1), uuid(2)])
      expect(await ids(uuid(2))).toEqual([uuid(3), uuid(4)])
      expect(await ids(uuid(4))).toEqual([])
    })

    it('deletes a tenant with its keys, webhooks and deduplication keys, and nobody else’s', async () => {
      const claim = { key: 'k', contentHash: 'h', answer: 'a' }
      const times = { now: 1, expiresAt: 2 }
      for (const n of [1, 2]) {
        const tenantId = uuid(n)
        await stores.tenants.insert(aTenant(n))
        await stores.keys.insert(aKey(n + 10, { tenantId }), 'hash')
        await stores.webhooks.insert(aWebhook(n + 20, { tenantId }))
        await stores.deduplication.claim(tenantId, [claim], times)
      }
      expect(await stores.tenants.delete(uuid(1))).toBe(true)
      const left = async (n: number) => ({
        tenant: (await stores.tenants.find(uuid(n))) !== null,
        key: (await stores.keys.find(uuid(n + 10))) !== null,
        webhook: (await stores.webhooks.find({ tenantId: uuid(n), id: uuid(n + 20) })) !== null,
        claimed: (await stores.deduplication.claim(uuid(n), [claim], times))[0] !== null,
      })
      expect(await left(1)).toEqual({ tenant: false, key: false, webhook: false, claimed: false })
      expect(await left(2)).toEqual({ tenant: true, key: true, webhook: true, claimed: true })
    })

    it('says that there was nothing to delete', async () => {
      expect(await stores.tenants.delete(uuid(1))).toBe(false)
    })
  })
}
