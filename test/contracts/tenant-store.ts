// The contract of TenantStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Tenant } from '../../src/engine/model/index.ts'
import type { Ports } from '../../src/engine/ports/index.ts'
import { FENCED } from '../../src/errors.ts'
import { aKey, aTenant, aWebhook, uuid } from './store-fixtures.ts'

type Stores = Pick<Ports, 'tenants' | 'keys' | 'webhooks' | 'deduplication'>

/** Some moment. */
const T = 1_700_000_100_000

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
        uid: null,
        metadata: {},
        retentionDays: 30,
        createdAt: 1_700_000_000_000,
      })
    })

    it('finds null for an id nobody has', async () => {
      expect(await stores.tenants.find(uuid(1))).toBeNull()
    })

    it('refuses a taken id and keeps what was there', async () => {
      expect(await stores.tenants.insert(aTenant(1))).toBe('inserted')
      expect(await stores.tenants.insert(aTenant(1, { name: 'Other' }))).toBe('id_taken')
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

    it('lists those that are searched for', async () => {
      const names = ['Acme', 'acme two', 'Globex 100%', 'Initech']
      for (const [n, name] of names.entries()) {
        const uid = n === 3 ? 'Acme-uid' : null
        await stores.tenants.insert({ ...aTenant(n), id: uuid(n), name, uid })
      }
      const found = async (search: string, after: string | null = null) =>
        (await stores.tenants.list({ limit: 9, after, search })).map(({ name }) => name)
      expect(await found('ACME')).toEqual(['Acme', 'acme two', 'Initech'])
      expect(await found('acme', uuid(0))).toEqual(['acme two', 'Initech'])
      expect(await found('0%')).toEqual(['Globex 100%'])
      expect(await found('_')).toEqual([])
      expect(await found(uuid(2).toUpperCase())).toEqual(['Globex 100%'])
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
      expect(await stores.tenants.delete(uuid(1), 0)).toBe(true)
      const left = async (n: number) => ({
        tenant: (await stores.tenants.find(uuid(n))) !== null,
        key: (await stores.keys.find(uuid(n + 10))) !== null,
        webhook: (await stores.webhooks.find({ tenantId: uuid(n), id: uuid(n + 20) })) !== null,
        claimed: (await stores.deduplication.claim(uuid(n), [claim], times))[0] !== null,
      })
      expect(await left(1)).toEqual({ tenant: false, key: false, webhook: false, claimed: false })
      expect(await left(2)).toEqual({ tenant: true, key: true, webhook: true, claimed: true })
    })

    describe('names: a tenant', () => {
      const named = (n: number, uid: string | null, fields: Partial<Tenant> = {}) =>
        stores.tenants.insert(aTenant(n, { uid, ...fields }))
      const rename = (n: number, uid: string | null, now = T) =>
        stores.tenants.update(uuid(n), { uid }, now)

      it('is found by its id in either case and by its uid as it is written, all in one look', async () => {
        await named(1, 'acme')
        await named(2, 'Acme')
        await named(3, null)
        const names = [uuid(1), uuid(3).toUpperCase(), 'acme', 'Acme', 'ACME', 'nobody']
        const ids = await stores.tenants.findIds(names)
        expect([...ids].toSorted()).toEqual(
          [
            [uuid(1), uuid(1)],
            [uuid(3).toUpperCase(), uuid(3)],
            ['acme', uuid(1)],
            ['Acme', uuid(2)],
          ].toSorted(),
        )
        expect(await stores.tenants.find(uuid(2))).toMatchObject({ uid: 'Acme' })
      })

      it('keeps its metadata', async () => {
        const metadata = { plan: 'gold', 'it’s': '"quoted"' }
        await named(1, 'acme', { metadata })
        expect(await stores.tenants.find(uuid(1))).toMatchObject({ metadata })
      })

      it('has a uid that no other has', async () => {
        await named(1, 'acme')
        await named(2, 'other')
        expect(await named(3, 'acme')).toBe('uid_taken')
        expect(await stores.tenants.find(uuid(3))).toBeNull()
        expect(await rename(2, 'acme')).toBe('uid_taken')
        expect(await stores.tenants.find(uuid(2))).toMatchObject({ uid: 'other' })
        expect(await rename(1, 'acme')).toMatchObject({ uid: 'acme' })
      })

      it('has no uid that is an id, in whichever case, its own neither', async () => {
        const id = 'abcdefab-0000-7000-8000-000000000001'
        const capital = id.toUpperCase()
        await stores.tenants.insert({ ...aTenant(1), id })
        expect(await named(2, capital)).toBe('uid_taken')
        await named(2, null)
        expect(await rename(2, id)).toBe('uid_taken')
        expect(await stores.tenants.update(id, { uid: capital }, T)).toBe('uid_taken')
        expect(await stores.tenants.insert(aTenant(3, { uid: uuid(3) }))).toBe('uid_taken')
      })

      it('has no id that is a uid, in whichever case, or was one lately', async () => {
        const id = 'abcdefab-0000-7000-8000-000000000001'
        await named(2, id.toUpperCase())
        expect(await stores.tenants.insert({ ...aTenant(1), id })).toBe('id_taken')
        await rename(2, null, T)
        const at = (createdAt: number) =>
          stores.tenants.insert({ ...aTenant(1, { createdAt }), id })
        expect(await at(T + 9_999)).toBe('id_taken')
        expect(await at(T + 10_000)).toBe('inserted')
      })

      it('gives up a uid that nobody else has for ten seconds', async () => {
        await named(1, 'acme')
        await named(2, null)
        expect(await rename(1, 'emca', T)).toMatchObject({ uid: 'emca' })
        expect(await rename(2, 'acme', T + 9_999)).toBe('uid_resting')
        expect(await named(3, 'acme', { createdAt: T + 9_999 })).toBe('uid_resting')
        await stores.tenants.insertFree([aTenant(4, { uid: 'acme' })], T + 9_999)
        expect(await stores.tenants.find(uuid(4))).toBeNull()
        expect(await rename(2, 'acme', T + 10_000)).toMatchObject({ uid: 'acme' })
      })

      it('may take back what it gave up', async () => {
        await named(1, 'acme')
        await rename(1, null, T)
        expect(await rename(1, 'acme', T + 1)).toMatchObject({ uid: 'acme' })
      })

      it('gives up nothing when what it wants instead is taken', async () => {
        await named(1, 'acme')
        await named(2, 'other')
        expect(await rename(1, 'other', T)).toBe('uid_taken')
        await rename(1, null, T - 20_000)
        expect(await rename(2, 'acme', T)).toMatchObject({ uid: 'acme' })
      })

      it('gives up its uid with its end', async () => {
        await named(1, 'acme')
        await stores.tenants.delete(uuid(1), T)
        expect(await named(2, 'acme', { createdAt: T + 9_999 })).toBe('uid_resting')
        expect(await named(2, 'acme', { createdAt: T + 10_000 })).toBe('inserted')
      })

      it('keeps what a change does not say', async () => {
        await named(1, 'acme', { metadata: { plan: 'gold' } })
        const { update } = stores.tenants
        expect(await update(uuid(1), { name: 'New' }, T)).toEqual(
          aTenant(1, { name: 'New', uid: 'acme', metadata: { plan: 'gold' } }),
        )
        expect(await update(uuid(1), { metadata: {}, retentionDays: 30 }, T)).toMatchObject({
          metadata: {},
          retentionDays: 30,
        })
        expect(await update(uuid(1), {}, T)).toMatchObject({ name: 'New', uid: 'acme' })
        expect(await update(uuid(9), { name: 'Nobody' }, T)).toBeNull()
      })

      it('is changed in its epoch only', async () => {
        await named(1, 'acme')
        const { update } = stores.tenants
        const epoch = aTenant(1).createdAt
        expect(await update(uuid(1), { name: 'New' }, T, epoch)).toMatchObject({ name: 'New' })
        await expect(
          update(uuid(1), { name: 'Late', uid: 'late' }, T, epoch - 1),
        ).rejects.toMatchObject({ code: 'unavailable', cause: FENCED })
        expect(await stores.tenants.find(uuid(1))).toMatchObject({ name: 'New', uid: 'acme' })
      })

      it('is made with none where a uid of theirs rests', async () => {
        await named(1, 'acme')
        await rename(1, null, T)
        const drafts = ['b', 'acme', 'c'].map((uid, n) => aTenant(n + 5, { uid }))
        expect(await stores.tenants.insertFree(drafts, T + 9_999)).toEqual(['acme'])
        expect(await stores.tenants.list({ limit: 9, after: null })).toHaveLength(1)
        expect(await stores.tenants.insertFree(drafts, T + 10_000)).toEqual([])
        expect(await stores.tenants.list({ limit: 9, after: null })).toHaveLength(4)
      })

      it('is made with others in one go, where its uid is free', async () => {
        await named(1, 'acme')
        const drafts = ['acme', 'b', 'c', 'b', uuid(1)].map((uid, n) => aTenant(n + 5, { uid }))
        await stores.tenants.insertFree(drafts, T)
        expect(await stores.tenants.findIds(['acme', 'b', 'c'])).toEqual(
          new Map([
            ['acme', uuid(1)],
            ['b', uuid(6)],
            ['c', uuid(7)],
          ]),
        )
        expect(await stores.tenants.find(uuid(6))).toEqual(aTenant(6, { uid: 'b' }))
        expect(await stores.tenants.list({ limit: 9, after: null })).toHaveLength(3)
      })
    })

    it('says that there was nothing to delete', async () => {
      expect(await stores.tenants.delete(uuid(1), 0)).toBe(false)
    })
  })
}
