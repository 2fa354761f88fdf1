// The contract of IdempotencyStore: one call has a key, and its answer is everybody's.

import { beforeEach, describe, expect, it } from 'vitest'
import type { CallClaim, IdempotencyStore } from '../../src/engine/ports/index.ts'

const TIMES = { now: 1_000, expiresAt: 2_000 }
const aClaim = (owner: string, key = 'k'): CallClaim => ({ key, contentHash: 'hash', owner })

/** `make` gives an empty store. */
export function idempotencyStoreContract(make: () => Promise<IdempotencyStore>): void {
  describe('an idempotency store', () => {
    let store: IdempotencyStore
    beforeEach(async () => {
      store = await make()
    })

    it('gives a key to the first of ten that want it at once', async () => {
      const owners = Array.from({ length: 10 }, (_, n) => `owner-${n}`)
      const held = await Promise.all(owners.map((owner) => store.claim(aClaim(owner), TIMES)))
      expect(held.filter((one) => one === null)).toHaveLength(1)
      expect(held.filter((one) => one?.answer === null)).toHaveLength(9)
    })

    it('shows the answer to whoever comes later', async () => {
      await store.claim(aClaim('a'), TIMES)
      await store.complete(aClaim('a'), '{"secret":"whsec_1"}', 3_000)
      expect(await store.claim({ ...aClaim('b'), contentHash: 'other' }, TIMES)).toEqual({
        contentHash: 'hash',
        answer: '{"secret":"whsec_1"}',
      })
    })

    it('keeps the answer of nobody but the call that has the key', async () => {
      await store.claim(aClaim('a'), TIMES)
      await store.complete(aClaim('b'), 'wrong', 3_000)
      await store.release(aClaim('b'))
      expect(await store.claim(aClaim('c'), TIMES)).toEqual({ contentHash: 'hash', answer: null })
    })

    it('forgets the answers with content of a tenant, and of no other', async () => {
      const tenants = { k: 'one', l: 'two', m: null }
      for (const [key, contentOf] of Object.entries(tenants)) {
        await store.claim(aClaim('a', key), TIMES)
        await store.complete(aClaim('a', key), 'done', 3_000, contentOf)
      }
      await store.eraseContentOf('one')
      const again = Object.keys(tenants).map((key) => store.claim(aClaim('b', key), TIMES))
      const answers = (await Promise.all(again)).map((one) => one?.answer)
      expect(answers).toEqual([undefined, 'done', 'done'])
    })

    it('frees a key that is released, and none that was answered', async () => {
      await store.claim(aClaim('a'), TIMES)
      await store.release(aClaim('a'))
      expect(await store.claim(aClaim('b'), TIMES)).toBeNull()
      await store.complete(aClaim('b'), 'done', 3_000)
      await store.release(aClaim('b'))
      expect(await store.claim(aClaim('c'), TIMES)).toMatchObject({ answer: 'done' })
    })

    it('frees a key that has expired', async () => {
      await store.claim(aClaim('a'), TIMES)
      expect(await store.claim(aClaim('b'), { now: 2_000, expiresAt: 4_000 })).toBeNull()
      await store.complete(aClaim('a'), 'late', 9_000)
      expect(await store.claim(aClaim('c'), { now: 3_000, expiresAt: 4_000 })).toMatchObject({
        answer: null,
      })
    })

    it('removes what has expired, and at most so many', async () => {
      for (const key of ['x', 'y', 'z']) await store.claim(aClaim('a', key), TIMES)
      await store.claim(aClaim('a', 'w'), { now: 1_000, expiresAt: 9_000 })
      expect(await store.prune(2_000, 2)).toBe(2)
      expect(await store.prune(2_000, 2)).toBe(1)
      expect(await store.claim(aClaim('b', 'w'), TIMES)).not.toBeNull()
    })
  })
}
