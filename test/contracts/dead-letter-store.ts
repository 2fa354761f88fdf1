// The contract of DeadLetterStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type {
  DeadLetter,
  DeadLetterStore,
  Ports,
  TenantStore,
} from '../../src/engine/ports/index.ts'
import { DEAD_LETTER } from '../../src/tuning.ts'
import { aTenant } from './store-fixtures.ts'

function aLetter(id: string, at: number): DeadLetter {
  return { id, queue: 'events', reason: 'It does not parse.', body: '{"a":1}', at }
}

const sent = (letter: DeadLetter, sentAt = letter.at) => ({ ...letter, sentAt })

/** `make` gives an empty store. */
export function deadLetterStoreContract(
  make: () => Promise<Pick<Ports, 'deadLetters' | 'tenants'>>,
): void {
  describe('a dead letter store', () => {
    let letters: DeadLetterStore
    let tenants: TenantStore
    beforeEach(async () => {
      ;({ deadLetters: letters, tenants } = await make())
    })
    const ids = async (limit: number, before: string | null) =>
      (await letters.list({ limit, before })).map(({ id }) => id)

    it('lists a letter as it was inserted', async () => {
      await letters.insert(sent(aLetter('a', 5)))
      expect(await letters.list({ limit: 10, before: null })).toEqual([
        { id: 'a', queue: 'events', reason: 'It does not parse.', body: '{"a":1}', at: 5 },
      ])
    })

    it('keeps the first letter of an id', async () => {
      await letters.insert(sent(aLetter('a', 5)))
      await letters.insert(sent(aLetter('a', 6)))
      expect(await letters.list({ limit: 10, before: null })).toEqual([aLetter('a', 5)])
    })

    it('lists newest first, whatever the ids, and goes on before one', async () => {
      for (const [id, at] of [
        ['x', 1],
        ['a', 3],
        ['m', 2],
        ['b', 3],
      ] as const) {
        await letters.insert(sent(aLetter(id, at)))
      }
      expect(await ids(2, null)).toEqual(['b', 'a'])
      expect(await ids(2, 'a')).toEqual(['m', 'x'])
      expect(await ids(2, 'x')).toEqual([])
    })

    it('empties the bodies of which that is said, of however many', async () => {
      const all = Array.from({ length: 120 }, (_, n) => aLetter(`id-${String(n)}`, n))
      for (const [n, letter] of all.entries()) {
        await letters.insert(sent({ ...letter, body: n % 3 === 0 ? 'secret' : 'other' }))
      }
      await letters.erase(({ body }) => body === 'secret')
      const left = await letters.list({ limit: 200, before: null })
      const bodies = new Map(left.map(({ id, body }) => [id, body]))
      for (const [n, { id }] of all.entries()) {
        expect(bodies.get(id)).toBe(n % 3 === 0 ? '' : 'other')
      }
      const reasons = new Set(left.filter(({ body }) => body === '').map(({ reason }) => reason))
      expect([...reasons]).toEqual([DEAD_LETTER.erasedReason])
    })

    it('keeps no body that was sent before events of a tenant were erased that it names', async () => {
      await tenants.insert({ ...aTenant(1), uid: 'acme' })
      await tenants.insert({ ...aTenant(2), uid: null })
      const [one, two] = [aTenant(1).id, aTenant(2).id]
      await tenants.noteErasure(one, 1_000)
      const cases = [
        [`{"tenantId":"${one}"}`, 1_000, ''],
        ['{"tenant":"acme"}', 999, ''],
        [`{"tenantId":"${one.toUpperCase()}"}`, 999, ''],
        [`{"tenantId":"${one}"}`, 1_001, `{"tenantId":"${one}"}`],
        [`{"tenantId":"${two}"}`, 1, `{"tenantId":"${two}"}`],
        ['{"tenant":"acme-2"}', 1, '{"tenant":"acme-2"}'],
      ] as const
      for (const [n, [body, at]] of cases.entries()) {
        await letters.insert(sent({ ...aLetter(String(n), n), body }, at))
      }
      const left = await letters.list({ limit: 10, before: null })
      expect(left.toReversed().map(({ body }) => body)).toEqual(cases.map(([, , kept]) => kept))
    })

    it('knows a tenant by a uid that it gave up, until that is another’s', async () => {
      await tenants.insert({ ...aTenant(1), uid: 'acme' })
      await tenants.insert({ ...aTenant(2), uid: null })
      const [one, two] = [aTenant(1).id, aTenant(2).id]
      const keep = async (id: string, sentAt: number) => {
        await letters.insert(sent({ ...aLetter(id, 9), body: '{"tenant":"acme"}' }, sentAt))
        return (await letters.list({ limit: 10, before: null })).find((one) => one.id === id)?.body
      }
      await tenants.update(one, { uid: 'acme-2' }, 1_000)
      await tenants.update(one, { uid: 'acme-3' }, 1_500)
      expect(await tenants.formerUids(two)).toEqual([])
      const former = await tenants.formerUids(one)
      expect(former.toSorted((a, b) => (a.uid < b.uid ? -1 : 1))).toEqual([
        { uid: 'acme', until: null },
        { uid: 'acme-2', until: null },
      ])
      await tenants.noteErasure(one, 90_000)
      expect(await keep('a', 2_000)).toBe('')
      expect(await tenants.update(two, { uid: 'acme' }, 80_000)).toMatchObject({ uid: 'acme' })
      expect(await tenants.formerUids(one)).toContainEqual({ uid: 'acme', until: 1_000 })
      expect(await keep('b', 1_000)).toBe('')
      expect(await keep('c', 1_001)).toBe('{"tenant":"acme"}')
    })

    it('removes those older than a time', async () => {
      for (const [id, at] of [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ] as const) {
        await letters.insert(sent(aLetter(id, at)))
      }
      expect(await letters.prune(3)).toBe(2)
      expect(await ids(10, null)).toEqual(['c'])
    })
  })
}
