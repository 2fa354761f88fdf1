// The contract of IdempotencyStore: one call has a key, and its answer is everybody's.

import { beforeEach, describe, expect, it } from 'vitest'
import type { CallClaim, IdempotencyStore, Ports } from '../../src/engine/ports/index.ts'
import { aTenant } from './store-fixtures.ts'

const TIMES = { now: 1_000, expiresAt: 2_000 }
const aClaim = (owner: string, key = 'k'): CallClaim => ({ key, contentHash: 'hash', owner })

/** `make` gives an empty store. */
export function idempotencyStoreContract(
  make: () => Promise<Pick<Ports, 'idempotency' | 'tenants'>>,
): void {
  describe('an idempotency store', () => {
    let store: IdempotencyStore
    let tenants: Ports['tenants']
    const [one, two] = [aTenant(1).id, aTenant(2).id]
    beforeEach(async () => {
      const made = await make()
      store = made.idempotency
      tenants = made.tenants
      for (const n of [1, 2]) await tenants.insert({ ...aTenant(n), uid: null })
    })
    const about = (tenantId: string, since = TIMES.now) => ({ tenantId, since })

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
      const all = { k: about(one), l: about(two), m: null }
      for (const [key, contentOf] of Object.entries(all)) {
        await store.claim(aClaim('a', key), TIMES)
        await store.complete(aClaim('a', key), 'done', 3_000, contentOf)
      }
      await store.eraseContentOf(one)
      const again = Object.keys(all).map((key) => store.claim(aClaim('b', key), TIMES))
      const answers = (await Promise.all(again)).map((one) => one?.answer)
      expect(answers).toEqual([undefined, 'done', 'done'])
    })

    it('keeps no answer with content of a call that an erasure, or its tenant’s deletion, came in between', async () => {
      await tenants.noteErasure(one, 1_500)
      await tenants.delete(two, 1_500)
      const cases = [
        [about(one, 1_500), false],
        [about(one, 1_501), true],
        [about(two, 1_501), false],
        [null, true],
      ] as const
      for (const [n, [contentOf, isKept]] of cases.entries()) {
        await store.claim(aClaim('a', `k-${n}`), TIMES)
        await store.complete(aClaim('a', `k-${n}`), 'done', 3_000, contentOf)
        const again = await store.claim(aClaim('b', `k-${n}`), TIMES)
        expect(again, `case ${n}`).toEqual(isKept ? { contentHash: 'hash', answer: 'done' } : null)
      }
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
