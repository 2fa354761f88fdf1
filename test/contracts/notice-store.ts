// The contract of NoticeStore: one address a tenant, confirmed by a code, and notices that wait together, claimed by one at a time.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Notice, Ports } from '../../src/engine/ports/index.ts'
import { aTenant, uuid } from './store-fixtures.ts'

type Stores = Pick<Ports, 'tenants' | 'notices'>

const OWNER = { tenantId: uuid(1), webhookId: uuid(11) }
const HOUR = 3_600_000
const ASKED = { address: 'a@acme.example', codeHash: 'hash', expiresAt: 2_000 }

const aNotice = (at: number, fields: Partial<Notice> = {}): Notice => ({
  ...OWNER,
  kind: 'webhook.exhausted',
  at,
  cause: 'gateway',
  failingSince: null,
  suspendsAt: null,
  ...fields,
})

/** `make` gives empty stores. */
export function noticeStoreContract(make: () => Promise<Stores>): void {
  describe('a notice store', () => {
    let store: Ports['notices']
    let stores: Stores
    beforeEach(async () => {
      stores = await make()
      for (const n of [1, 2]) await stores.tenants.insert(aTenant(n))
      store = stores.notices
    })
    const confirmed = async () => {
      await store.setAddress(uuid(1), ASKED)
      await store.confirm(uuid(1), 'hash', 1_000)
    }
    const address = async () => (await store.addressesOf([uuid(1), uuid(2)])).get(uuid(1))

    it('has an address confirmed by its code, once and in time', async () => {
      expect(await address()).toBeUndefined()
      await store.setAddress(uuid(1), ASKED)
      expect(await address()).toEqual({ address: 'a@acme.example', isConfirmed: false })
      expect(await store.look(uuid(1), 'hash', 1_999)).toBe('a@acme.example')
      for (const [tenantId, hash, now] of [
        [uuid(1), 'other', 1_000],
        [uuid(2), 'hash', 1_000],
        [uuid(1), 'hash', 2_000],
      ] as const) {
        expect(await store.look(tenantId, hash, now)).toBeNull()
        expect(await store.confirm(tenantId, hash, now)).toBe(false)
      }
      expect(await store.confirm(uuid(1), 'hash', 1_999)).toBe(true)
      expect(await store.confirm(uuid(1), 'hash', 1_999)).toBe(false)
      expect(await address()).toEqual({ address: 'a@acme.example', isConfirmed: true })
    })

    it('has another address confirmed anew, and forgets what the former was to be told', async () => {
      await confirmed()
      await store.add('1', aNotice(1))
      await store.setAddress(uuid(1), { ...ASKED, address: 'b@acme.example', codeHash: 'next' })
      expect(await address()).toEqual({ address: 'b@acme.example', isConfirmed: false })
      expect(await store.confirm(uuid(1), 'hash', 1_000)).toBe(false)
      expect(await store.claim(OWNER, HOUR, 0)).toEqual([])
      await store.setAddress(uuid(1), null)
      expect(await address()).toBeUndefined()
    })

    it('counts mails that keep to all limits, and says until when others do not', async () => {
      const limits = [
        { of: 'tenant', most: 1, seconds: 1 },
        { of: 'address', most: 2, seconds: 10 },
        { of: 'deployment', most: 4, seconds: 100 },
      ] as const
      const ask = (at: number, tenant: number | null, addressHash: string) => {
        const tenantId = tenant === null ? null : uuid(tenant)
        return store.admitConfirmation({ tenantId, addressHash, at }, limits)
      }
      const atOnce = await Promise.all([1, 2, 3].map(() => ask(10_000, 1, 'a')))
      expect(atOnce.toSorted()).toEqual([11_000, 11_000, null])
      expect(await ask(10_999, 1, 'a')).toBe(11_000)
      expect(await ask(11_000, 1, 'a')).toBeNull()
      // Whoever is not there yet is nobody's tenant, and the address the same.
      expect(await ask(11_000, null, 'a')).toBe(20_000)
      expect(await ask(11_500, 1, 'a')).toBe(20_000)
      expect(await ask(12_000, null, 'b')).toBeNull()
      expect(await ask(12_000, null, 'b')).toBeNull()
      expect(await ask(12_000, 2, 'c')).toBe(110_000)
      expect(await ask(110_000, 2, 'c')).toBeNull()
      await store.prune(12_000)
      expect(await ask(110_000, 9, 'd')).toBeNull()
    })

    it('keeps nothing for who has no confirmed address', async () => {
      await store.add('1', aNotice(1))
      await store.setAddress(uuid(1), ASKED)
      await store.add('2', aNotice(2))
      expect(await store.claim(OWNER, HOUR, 0)).toEqual([])
    })

    it('counts those of a kind together, as the latest says it, and none twice', async () => {
      await confirmed()
      const suspended = { kind: 'webhook.suspended', cause: null, failingSince: 3 } as const
      await store.add('1', aNotice(1))
      await store.add('2', aNotice(5, { cause: 'dns' }))
      await store.add('2', aNotice(5, { cause: 'dns' }))
      await store.add('3', aNotice(6, suspended))
      const claimed = await store.claim(OWNER, HOUR, 0)
      expect(claimed.toSorted((a, b) => a.at - b.at)).toEqual([
        { ...aNotice(5, { cause: 'dns' }), count: 2, firstAt: 1 },
        { ...aNotice(6, suspended), count: 1, firstAt: 6 },
      ])
    })

    it('gives them to one, and what came meanwhile, or was not told, to the next', async () => {
      await confirmed()
      await store.add('1', aNotice(1))
      await store.add('2', aNotice(2, { kind: 'webhook.failing' }))
      const now = 10 * HOUR
      const claims = await Promise.all([1, 2].map(() => store.claim(OWNER, now, now - HOUR)))
      expect(claims.map(({ length }) => length).toSorted()).toEqual([0, 2])
      await store.add('3', aNotice(3))
      await store.markSent(claims.flat())
      expect(await store.claim(OWNER, now + 1, now + 1 - HOUR)).toEqual([])
      expect(await store.listDue(now - 1, 10)).toEqual([])
      expect(await store.listDue(now, 10)).toEqual([OWNER])
      expect(await store.claim(OWNER, now + HOUR, now)).toMatchObject([{ at: 3, count: 1 }])
      expect(await store.claim(OWNER, now + 2 * HOUR, now + HOUR)).toHaveLength(1)
    })

    it('forgets what waited too long, and says how many', async () => {
      await confirmed()
      await store.add('1', aNotice(1))
      await store.add('2', aNotice(9))
      await store.add('3', aNotice(5, { webhookId: uuid(12) }))
      expect(await store.prune(4)).toBe(2)
      expect(await store.listDue(HOUR, 10)).toEqual([{ ...OWNER, webhookId: uuid(12) }])
    })

    it('keeps nothing of a tenant that is gone', async () => {
      await confirmed()
      await store.add('1', aNotice(1))
      await stores.tenants.delete(uuid(1), 2_000)
      expect(await address()).toBeUndefined()
      expect(await store.listDue(HOUR, 10)).toEqual([])
    })
  })
}
