// The contract of KeyStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Ports } from '../../src/engine/ports/index.ts'
import { aKey, aTenant, uuid } from './store-fixtures.ts'

type Stores = Pick<Ports, 'tenants' | 'keys'>

/** `make` gives empty stores. */
export function keyStoreContract(make: () => Promise<Stores>): void {
  describe('a key store', () => {
    let stores: Stores
    beforeEach(async () => {
      stores = await make()
      for (const n of [1, 2]) await stores.tenants.insert(aTenant(n))
    })

    it('finds a key with the hash of its secret', async () => {
      const key = aKey(11, {
        name: 'CI',
        subject: 'user-1',
        permissions: ['webhooks:read', 'events:write'],
        expiresAt: 1_900_000_000_000,
      })
      await stores.keys.insert(key, 'abc123')
      expect(await stores.keys.find(uuid(11))).toEqual({ key, secretHash: 'abc123' })
    })

    it('finds null for an id nobody has', async () => {
      expect(await stores.keys.find(uuid(11))).toBeNull()
    })

    it('keeps a key without name, subject, permissions and expiry as such', async () => {
      const key = aKey(11, { permissions: [] })
      await stores.keys.insert(key, 'h')
      expect((await stores.keys.find(uuid(11)))?.key).toEqual(key)
    })

    it('lists a tenant’s keys in order of id, without hashes', async () => {
      for (const n of [13, 11, 12]) await stores.keys.insert(aKey(n), 'h')
      await stores.keys.insert(aKey(14, { tenantId: uuid(2) }), 'h')
      const list = (after: string | null) => stores.keys.list(uuid(1), { limit: 2, after })
      expect(await list(null)).toEqual([aKey(11), aKey(12)])
      expect(await list(uuid(12))).toEqual([aKey(13)])
    })

    it('deletes a key of the tenant, not another’s', async () => {
      await stores.keys.insert(aKey(11), 'h')
      expect(await stores.keys.delete(uuid(2), uuid(11))).toBe(false)
      expect(await stores.keys.find(uuid(11))).not.toBeNull()
      expect(await stores.keys.delete(uuid(1), uuid(11))).toBe(true)
      expect(await stores.keys.find(uuid(11))).toBeNull()
      expect(await stores.keys.delete(uuid(1), uuid(11))).toBe(false)
    })

    it('refuses a key of a tenant that is not there', async () => {
      await expect(stores.keys.insert(aKey(11, { tenantId: uuid(9) }), 'h')).rejects.toMatchObject({
        code: 'not_found',
      })
      expect(await stores.keys.find(uuid(11))).toBeNull()
    })
  })
}
