// The contract of PortalLinkStore: a link stands beside its key, is used once, and goes with it.

import { beforeEach, describe, expect, it } from 'vitest'
import type { KnownPortalLink, Ports } from '../../src/engine/ports/index.ts'
import { aKey, aTenant, uuid } from './store-fixtures.ts'

type Stores = Pick<Ports, 'tenants' | 'keys' | 'portalLinks'>

const aLink = (n: number, tenantId = uuid(1)): KnownPortalLink => ({
  link: {
    key: aKey(n, { tenantId, name: 'portal', expiresAt: 3_000 }),
    ...{ expiresAt: 2_000, usedAt: null },
  },
  codeHash: `hash of ${n}`,
})

/** `make` gives empty stores. */
export function portalLinkStoreContract(make: () => Promise<Stores>): void {
  describe('a portal link store', () => {
    let stores: Stores
    beforeEach(async () => {
      stores = await make()
      for (const n of [1, 2]) await stores.tenants.insert(aTenant(n))
    })
    const insert = (known: KnownPortalLink) => stores.portalLinks.insert(known, 'secret')

    it('keeps a link and its key', async () => {
      await insert(aLink(11))
      expect(await stores.portalLinks.find(uuid(11))).toEqual(aLink(11))
      expect(await stores.keys.find(uuid(11))).toMatchObject({ secretHash: 'secret' })
      expect(await stores.portalLinks.find(uuid(12))).toBeNull()
    })

    it('keeps neither for a tenant that is gone', async () => {
      await expect(insert(aLink(11, uuid(3)))).rejects.toMatchObject({ code: 'not_found' })
      expect(await stores.portalLinks.find(uuid(11))).toBeNull()
      expect(await stores.keys.find(uuid(11))).toBeNull()
    })

    it('lets a link be used once, until it expires', async () => {
      for (const n of [11, 12]) await insert(aLink(n))
      const uses = await Promise.all([1, 2, 3].map(() => stores.portalLinks.use(uuid(11), 1_999)))
      expect(uses.filter(Boolean)).toHaveLength(1)
      expect((await stores.portalLinks.find(uuid(11)))?.link.usedAt).toBe(1_999)
      expect(await stores.portalLinks.use(uuid(12), 2_000)).toBe(false)
      expect(await stores.portalLinks.use(uuid(13), 1_000)).toBe(false)
    })

    it('lists a tenant’s links in order of id, and no other keys', async () => {
      for (const n of [13, 11, 15]) await insert(aLink(n))
      await insert(aLink(12, uuid(2)))
      await stores.keys.insert(aKey(14), 'h')
      const list = async (after: string | null) => {
        const links = await stores.portalLinks.list(uuid(1), { limit: 2, after })
        return links.map(({ key }) => key.id)
      }
      expect(await list(null)).toEqual([uuid(11), uuid(13)])
      expect(await list(uuid(13))).toEqual([uuid(15)])
    })

    it('goes with its key', async () => {
      await insert(aLink(11))
      await stores.keys.delete(uuid(1), uuid(11))
      expect(await stores.portalLinks.find(uuid(11))).toBeNull()
      expect(await stores.portalLinks.use(uuid(11), 1_000)).toBe(false)
    })

    it('shows when its key ends as that is now', async () => {
      await insert(aLink(11))
      await stores.keys.expire(uuid(1), uuid(11), 1_500)
      expect((await stores.portalLinks.find(uuid(11)))?.link.key.expiresAt).toBe(1_500)
    })

    it('forgets links whose keys have expired, with these, and no other key', async () => {
      await insert(aLink(11))
      await stores.keys.insert(aKey(14, { expiresAt: 1 }), 'h')
      await stores.portalLinks.prune(2_999)
      expect(await stores.portalLinks.find(uuid(11))).not.toBeNull()
      await stores.portalLinks.prune(3_000)
      expect(await stores.portalLinks.find(uuid(11))).toBeNull()
      expect(await stores.keys.find(uuid(11))).toBeNull()
      expect(await stores.keys.find(uuid(14))).not.toBeNull()
    })
  })
}
