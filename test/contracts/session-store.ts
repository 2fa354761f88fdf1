// The contract of SessionStore: each is found by its id until it is ended, alone or with all of its credential.

import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyStore, KnownSession, SessionStore } from '../../src/engine/ports/index.ts'
import { anOperatorKey } from './store-fixtures.ts'

const aSession = (id: string, keyId: string | null, expiresAt = 2_000): KnownSession => ({
  session: { id, keyId, createdAt: 1_000, expiresAt },
  proof: keyId === null ? 'hash of the token' : null,
  secretHash: `hash of ${id}`,
})

/** `make` gives an empty store. */
export function sessionStoreContract(
  make: () => Promise<{ readonly sessions: SessionStore; readonly keys: KeyStore }>,
): void {
  describe('a session store', () => {
    const all = [
      aSession('a', 'key-1'),
      aSession('b', 'key-1', 3_000),
      aSession('c', 'key-2'),
      aSession('d', null),
    ]
    let store: SessionStore
    let keys: KeyStore
    beforeEach(async () => {
      ;({ sessions: store, keys } = await make())
      for (const one of all) await store.insert(one)
    })
    const left = async () => {
      const found = await Promise.all(all.map(({ session }) => store.find(session.id)))
      return found.flatMap((one) => (one === null ? [] : [one.session.id]))
    }

    it('finds each as it was begun, and no other', async () => {
      for (const one of all) expect(await store.find(one.session.id)).toEqual({ ...one, key: null })
      expect(await store.find('e')).toBeNull()
    })

    it('finds each with the key that it was begun with, for as long as there is one', async () => {
      const key = anOperatorKey(7)
      await keys.insertOperatorKey(key, 'hash of a key')
      const one = aSession('e', key.id)
      await store.insert(one)
      const known = await keys.find(key.id)
      expect(known?.caller).toMatchObject({ id: key.id, kind: 'operator', tenantId: null })
      expect(await store.find('e')).toEqual({ ...one, key: known })
      await keys.deleteOperatorKey(key.id)
      expect(await store.find('e')).toEqual({ ...one, key: null })
    })

    it('ends one', async () => {
      await store.delete('b')
      await store.delete('e')
      expect(await left()).toEqual(['a', 'c', 'd'])
    })

    it('ends all of a credential', async () => {
      expect([...(await store.deleteAll('key-1'))].toSorted()).toEqual(['a', 'b'])
      expect(await left()).toEqual(['c', 'd'])
      expect(await store.deleteAll(null)).toEqual(['d'])
      expect(await store.deleteAll('key-3')).toEqual([])
      expect(await left()).toEqual(['c'])
    })

    it('forgets what has expired', async () => {
      await store.prune(2_000)
      expect(await left()).toEqual(['b'])
    })
  })
}
