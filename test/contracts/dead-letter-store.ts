// The contract of DeadLetterStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type { DeadLetter, DeadLetterStore } from '../../src/engine/ports/index.ts'

function aLetter(id: string, at: number): DeadLetter {
  return { id, queue: 'events', reason: 'It does not parse.', body: '{"a":1}', at }
}

/** `make` gives an empty store. */
export function deadLetterStoreContract(make: () => Promise<DeadLetterStore>): void {
  describe('a dead letter store', () => {
    let letters: DeadLetterStore
    beforeEach(async () => {
      letters = await make()
    })
    const ids = async (limit: number, before: string | null) =>
      (await letters.list({ limit, before })).map(({ id }) => id)

    it('lists a letter as it was inserted', async () => {
      await letters.insert(aLetter('a', 5))
      expect(await letters.list({ limit: 10, before: null })).toEqual([
        { id: 'a', queue: 'events', reason: 'It does not parse.', body: '{"a":1}', at: 5 },
      ])
    })

    it('keeps the first letter of an id', async () => {
      await letters.insert(aLetter('a', 5))
      await letters.insert(aLetter('a', 6))
      expect(await letters.list({ limit: 10, before: null })).toEqual([aLetter('a', 5)])
    })

    it('lists newest first, whatever the ids, and goes on before one', async () => {
      for (const [id, at] of [
        ['x', 1],
        ['a', 3],
        ['m', 2],
        ['b', 3],
      ] as const) {
        await letters.insert(aLetter(id, at))
      }
      expect(await ids(2, null)).toEqual(['b', 'a'])
      expect(await ids(2, 'a')).toEqual(['m', 'x'])
      expect(await ids(2, 'x')).toEqual([])
    })

    it('empties the bodies of which that is said, of however many', async () => {
      const all = Array.from({ length: 120 }, (_, n) => aLetter(`id-${String(n)}`, n))
      for (const [n, letter] of all.entries()) {
        await letters.insert({ ...letter, body: n % 3 === 0 ? 'secret' : 'other' })
      }
      await letters.erase((body) => body === 'secret')
      const left = await letters.list({ limit: 200, before: null })
      const bodies = new Map(left.map(({ id, body }) => [id, body]))
      for (const [n, { id }] of all.entries()) {
        expect(bodies.get(id)).toBe(n % 3 === 0 ? '' : 'other')
      }
    })

    it('removes those older than a time', async () => {
      for (const [id, at] of [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ] as const) {
        await letters.insert(aLetter(id, at))
      }
      expect(await letters.prune(3)).toBe(2)
      expect(await ids(10, null)).toEqual(['c'])
    })
  })
}
