// The contract of KeyStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Ports } from '../../src/engine/ports/index.ts'
import { aKey, anOperatorKey, aTenant, uuid } from './store-fixtures.ts'

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
        featureFlags: ['beta'],
        expiresAt: 1_900_000_000_000,
      })
      await stores.keys.insert(key, 'abc123')
      expect(await stores.keys.find(uuid(11))).toEqual({
        caller: {
          id: uuid(11),
          kind: 'tenant',
          tenantId: uuid(1),
          subject: 'user-1',
          permissions: ['webhooks:read', 'events:write'],
          featureFlags: ['beta'],
        },
        expiresAt: 1_900_000_000_000,
        secretHash: 'abc123',
      })
      expect(await stores.keys.list(uuid(1), { limit: 1, after: null })).toEqual([key])
    })

    it('finds null for an id nobody has', async () => {
      expect(await stores.keys.find(uuid(11))).toBeNull()
    })

    it('keeps a key without name, subject, permissions and expiry as such', async () => {
      const key = aKey(11, { permissions: [] })
      await stores.keys.insert(key, 'h')
      expect(await stores.keys.find(uuid(11))).toMatchObject({
        caller: { subject: null, permissions: [] },
        expiresAt: null,
      })
      expect(await stores.keys.list(uuid(1), { limit: 1, after: null })).toEqual([key])
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
      expect(await stores.keys.delete(uuid(2), uuid(11))).toBeNull()
      expect(await stores.keys.find(uuid(11))).not.toBeNull()
      expect(await stores.keys.delete(uuid(1), uuid(11))).toEqual(aKey(11))
      expect(await stores.keys.find(uuid(11))).toBeNull()
      expect(await stores.keys.delete(uuid(1), uuid(11))).toBeNull()
    })

    it('has a key end at a time, unless it ends before', async () => {
      const endOf = async () => (await stores.keys.find(uuid(11)))?.expiresAt
      await stores.keys.insert(aKey(11), 'h')
      expect(await stores.keys.expire(uuid(2), uuid(11), 500)).toBeNull()
      expect(await endOf()).toBeNull()
      for (const [at, end] of [
        [500, 500],
        [600, 500],
        [400, 400],
      ] as const) {
        expect(await stores.keys.expire(uuid(1), uuid(11), at)).toEqual(
          aKey(11, { expiresAt: end }),
        )
        expect(await endOf()).toBe(end)
      }
    })

    it('refuses a key of a tenant that is not there', async () => {
      await expect(stores.keys.insert(aKey(11, { tenantId: uuid(9) }), 'h')).rejects.toMatchObject({
        code: 'not_found',
      })
      expect(await stores.keys.find(uuid(11))).toBeNull()
    })

    it('finds an operator key, which has no tenant and no subject', async () => {
      const key = anOperatorKey(11, { expiresAt: 1_900_000_000_000 })
      await stores.keys.insertOperatorKey(key, 'abc123')
      expect(await stores.keys.find(uuid(11))).toEqual({
        caller: {
          id: uuid(11),
          kind: 'operator',
          tenantId: null,
          subject: null,
          permissions: ['events:write', 'tenants:write'],
          featureFlags: null,
        },
        expiresAt: 1_900_000_000_000,
        secretHash: 'abc123',
      })
    })

    it('lists operator keys in order of id, and no tenant’s among them', async () => {
      for (const n of [13, 11, 12]) await stores.keys.insertOperatorKey(anOperatorKey(n), 'h')
      await stores.keys.insert(aKey(14), 'h')
      const list = (after: string | null) => stores.keys.listOperatorKeys({ limit: 2, after })
      expect(await list(null)).toEqual([anOperatorKey(11), anOperatorKey(12)])
      expect(await list(uuid(12))).toEqual([anOperatorKey(13)])
      expect(await stores.keys.list(uuid(1), { limit: 9, after: null })).toEqual([aKey(14)])
    })

    it('deletes an operator key once, and no tenant’s', async () => {
      await stores.keys.insertOperatorKey(anOperatorKey(11), 'h')
      await stores.keys.insert(aKey(12), 'h')
      expect(await stores.keys.deleteOperatorKey(uuid(12))).toBeNull()
      expect(await stores.keys.delete(uuid(1), uuid(11))).toBeNull()
      expect(await stores.keys.deleteOperatorKey(uuid(11))).toEqual(anOperatorKey(11))
      expect(await stores.keys.find(uuid(11))).toBeNull()
      expect(await stores.keys.deleteOperatorKey(uuid(11))).toBeNull()
    })
  })
}
