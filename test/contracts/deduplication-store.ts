// The contract of DeduplicationStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type { DeduplicationEntry, DeduplicationStore } from '../../src/engine/ports/index.ts'

const TENANT = 'tenant-1'
const TIMES = { now: 1_000, expiresAt: 2_000 }

function anEntry(key: string, fields: Partial<DeduplicationEntry> = {}): DeduplicationEntry {
  return { key, contentHash: `hash of ${key}`, answer: `answer of ${key}`, ...fields }
}

/** `make` gives an empty store. */
export function deduplicationStoreContract(make: () => Promise<DeduplicationStore>): void {
  describe('a deduplication store', () => {
    let store: DeduplicationStore
    beforeEach(async () => {
      store = await make()
    })
    const claim = (...keys: string[]) =>
      store.claim(
        TENANT,
        keys.map((key) => anEntry(key)),
        TIMES,
      )

    it('claims nothing for nothing', async () => {
      expect(await store.claim(TENANT, [], TIMES)).toEqual([])
    })

    it('claims a free key and shows it to the next one, not yet confirmed', async () => {
      expect(await store.claim(TENANT, [anEntry('k', { answer: 'first' })], TIMES)).toEqual([null])
      expect(await store.claim(TENANT, [anEntry('k', { answer: 'second' })], TIMES)).toEqual([
        { key: 'k', contentHash: 'hash of k', answer: 'first', confirmed: false },
      ])
    })

    it('shows a confirmed key as confirmed', async () => {
      await claim('a', 'b')
      await store.confirm(TENANT, ['b'])
      expect((await claim('a', 'b')).map((entry) => entry?.confirmed)).toEqual([false, true])
    })

    it('answers in the order given, free and taken mixed', async () => {
      await claim('b', 'd')
      expect((await claim('a', 'b', 'c', 'd')).map((entry) => entry?.key ?? null)).toEqual([
        null,
        'b',
        null,
        'd',
      ])
    })

    it('shows the first of two equal keys in one call to the second', async () => {
      const entries = [anEntry('k', { answer: 'first' }), anEntry('k', { answer: 'second' })]
      expect(await store.claim(TENANT, entries, TIMES)).toEqual([
        null,
        { key: 'k', contentHash: 'hash of k', answer: 'first', confirmed: false },
      ])
      expect((await claim('k'))[0]?.answer).toBe('first')
    })

    it('keeps tenants apart', async () => {
      await claim('k')
      expect(await store.claim('tenant-2', [anEntry('k')], TIMES)).toEqual([null])
    })

    it('frees a key when its claim expires', async () => {
      await claim('k')
      await store.confirm(TENANT, ['k'])
      const renewed = anEntry('k', { answer: 'renewed' })
      const at = (now: number) => store.claim(TENANT, [renewed], { now, expiresAt: 3_000 })
      expect((await at(1_999))[0]?.answer).toBe('answer of k')
      expect(await at(2_000)).toEqual([null])
      expect((await at(2_999))[0]).toEqual({ ...renewed, confirmed: false })
    })

    it('releases claims, but not what was confirmed', async () => {
      await claim('a', 'b', 'c')
      await store.confirm(TENANT, ['b'])
      await store.release(TENANT, ['a', 'b'])
      expect((await claim('a', 'b', 'c')).map((entry) => entry === null)).toEqual([
        true,
        false,
        false,
      ])
    })

    it('gives a key to one of many that claim it at once', async () => {
      const claims = await Promise.all(Array.from({ length: 20 }, () => claim('k')))
      expect(claims.filter(([entry]) => entry === null)).toHaveLength(1)
    })

    it('claims a thousand keys in one call', async () => {
      const keys = Array.from({ length: 1_000 }, (_, n) => `key ${n}`)
      expect((await claim(...keys)).every((entry) => entry === null)).toBe(true)
      expect((await claim(...keys)).map((entry) => entry?.key)).toEqual(keys)
    })

    it('tells keys of unusual characters apart', async () => {
      const keys = [
        'ü',
        'u\u0308',
        'a"b',
        "a'b",
        'a\\b',
        'a\u0000b',
        'a\u0000c',
        '\ud800',
        '\u{1F4EE}',
        ' ',
      ]
      expect((await claim(...keys)).every((entry) => entry === null)).toBe(true)
      expect((await claim(...keys)).map((entry) => entry?.answer)).toHaveLength(keys.length)
      expect((await claim(...keys)).every((entry) => entry !== null)).toBe(true)
    })

    it('prunes expired keys only, at most as many as asked for', async () => {
      await claim('a', 'b', 'c')
      await store.claim(TENANT, [anEntry('d')], { now: 1_000, expiresAt: 5_000 })
      expect(await store.prune(1_999, 10)).toBe(0)
      expect(await store.prune(2_000, 2)).toBe(2)
      expect(await store.prune(2_000, 10)).toBe(1)
      expect((await claim('d'))[0]).not.toBeNull()
    })
  })
}
