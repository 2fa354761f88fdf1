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
        ['{"tenantId":"acme"}', 999, ''],
        [`{"tenantId":"${one.toUpperCase()}"}`, 999, ''],
        [`{"tenantId":"${one}"}`, 1_001, `{"tenantId":"${one}"}`],
        [`{"tenantId":"${two}"}`, 1, `{"tenantId":"${two}"}`],
        ['{"tenantId":"\\u0061cme"}', 1, ''],
        ['{"tenantId":"\\u0061cme"', 1, ''],
      ] as const
      for (const [n, [body, at]] of cases.entries()) {
        await letters.insert(sent({ ...aLetter(String(n), n), body }, at))
      }
      const left = await letters.list({ limit: 10, before: null })
      expect(left.toReversed().map(({ body }) => body)).toEqual(cases.map(([, , kept]) => kept))
    })

    it('keeps no body that may be anybody’s and was sent before anybody’s events were erased', async () => {
      const [one, two, three] = [aTenant(1).id, aTenant(2).id, aTenant(3).id]
      for (const n of [1, 2, 3])
        await tenants.insert({ ...aTenant(n), uid: n === 2 ? 'two' : null })
      await tenants.noteErasure(one, 1_000)
      await tenants.delete(three, 2_000)
      const nobodys = ['planted', '{"events":[]}', '{"tenantId":"acme"}', '{"tenantId":7}', '[]']
      const anothers = [`{"tenantId":"${two}"}`, '{"tenantId":"two", broken']
      const keep = async (body: string, sentAt: number) => {
        const id = `${sentAt} ${body}`
        await letters.insert(sent({ ...aLetter(id, 9_000), body }, sentAt))
        const kept = await letters.list({ limit: 99, before: null })
        return kept.find((letter) => letter.id === id)?.body
      }
      for (const body of nobodys) {
        expect(await keep(body, 2_000), body).toBe('')
        expect(await keep(body, 2_001), body).toBe(body)
      }
      for (const body of anothers) expect(await keep(body, 1), body).toBe(body)
    })

    describe('knows tenants by what they were called', () => {
      const [one, two] = [aTenant(1).id, aTenant(2).id]
      beforeEach(async () => {
        await tenants.insert({ ...aTenant(1), uid: 'acme' })
        await tenants.insert({ ...aTenant(2), uid: null })
      })
      const rename = (id: string, uid: string | null, now: number) =>
        tenants.update(id, { uid }, now)
      /** The body that is left of a letter that was sent then, and kept long after. */
      const keep = async (sentAt: number, name = 'acme') => {
        const id = `${name}-${String(sentAt)}`
        await letters.insert(
          sent({ ...aLetter(id, 99_000), body: `{"tenantId":"${name}"}` }, sentAt),
        )
        const kept = await letters.list({ limit: 99, before: null })
        return kept.find((letter) => letter.id === id)?.body
      }
      const names = async (id: string) =>
        (await tenants.namesOf(id))
          .map(({ name, after, until }) => [name, after, until])
          .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))

      it('by a uid that it gave up, until that is another’s', async () => {
        await rename(one, 'acme-2', 1_000)
        await rename(one, 'acme-3', 1_500)
        expect(await names(two)).toEqual([[two, null, null]])
        expect(await names(one)).toEqual([
          [one, null, null],
          ['acme', null, null],
          ['acme-2', null, null],
          ['acme-3', null, null],
        ])
        await tenants.noteErasure(one, 90_000)
        expect(await keep(2_000)).toBe('')
        expect(await rename(two, 'acme', 80_000)).toMatchObject({ uid: 'acme' })
        expect(await names(one)).toContainEqual(['acme', null, 1_000])
        expect(await names(two)).toContainEqual(['acme', 1_000, null])
        expect(await keep(1_000)).toBe('')
        expect(await keep(1_001)).toBe('{"tenantId":"acme"}')
      })

      it('by a uid from when on its former tenant had given it up', async () => {
        await rename(one, null, 1_000)
        await rename(two, 'acme', 80_000)
        await tenants.noteErasure(two, 90_000)
        expect(await keep(1_000)).toBe('{"tenantId":"acme"}')
        expect(await keep(1_001)).toBe('')
      })

      it('by a uid that three had in turn, each for its time', async () => {
        await tenants.insert({ ...aTenant(3), uid: null })
        await rename(one, null, 1_000)
        await rename(two, 'acme', 20_000)
        await rename(two, null, 30_000)
        expect(await names(one)).toContainEqual(['acme', null, 1_000])
        expect(await names(two)).toContainEqual(['acme', 1_000, null])
        await rename(aTenant(3).id, 'acme', 50_000)
        expect(await names(two)).toContainEqual(['acme', 1_000, 30_000])
        expect(await names(aTenant(3).id)).toContainEqual(['acme', 30_000, null])
        await tenants.noteErasure(two, 90_000)
        expect(await Promise.all([999, 1_001, 30_000].map((at) => keep(at)))).toEqual([
          '{"tenantId":"acme"}',
          '',
          '',
        ])
        expect(await keep(30_001)).toBe('{"tenantId":"acme"}')
      })

      it('by a uid that two had in turn, and each again', async () => {
        await rename(one, null, 1_000)
        await rename(two, 'acme', 20_000)
        await rename(two, null, 30_000)
        await rename(one, 'acme', 40_000)
        await rename(one, null, 50_000)
        await rename(two, 'acme', 70_000)
        const spans = async (id: string) =>
          (await names(id)).filter(([name]) => name === 'acme').map(([, ...span]) => span)
        const byTime = (all: (string | number | null)[][]) =>
          all.toSorted(([a], [b]) => Number(a) - Number(b))
        expect(byTime(await spans(one))).toEqual([
          [null, 1_000],
          [30_000, 50_000],
        ])
        expect(byTime(await spans(two))).toEqual([
          [1_000, 30_000],
          [50_000, null],
        ])
        await tenants.noteErasure(one, 90_000)
        const left = await Promise.all(
          [1_000, 1_001, 30_000, 30_001, 50_000, 50_001].map((at) => keep(at)),
        )
        const whole = '{"tenantId":"acme"}'
        expect(left).toEqual(['', whole, whole, '', '', whole])
      })

      it('by its id, of messages from before it was deleted for the second time', async () => {
        await tenants.delete(one, 20_000)
        await tenants.insert({ ...aTenant(1), uid: null, createdAt: 40_000 })
        await tenants.delete(one, 60_000)
        expect((await names(one)).map(([name, , until]) => [name, until])).toContainEqual([
          one,
          60_000,
        ])
        expect(await keep(60_000, one)).toBe('')
        expect(await keep(60_001, one)).toBe(`{"tenantId":"${one}"}`)
      })

      it('by its names when it was deleted, of messages from before', async () => {
        await rename(one, 'acme-2', 1_000)
        await rename(two, 'acme', 20_000)
        await tenants.delete(one, 40_000)
        expect(await names(one)).toEqual([
          [one, null, 40_000],
          ['acme', null, 1_000],
          ['acme-2', null, 40_000],
        ])
        for (const [name, sentAt] of [
          ['acme', 1_000],
          ['acme-2', 40_000],
          [one, 40_000],
          [one.toUpperCase(), 1],
        ] as const) {
          expect(await keep(sentAt, name), name).toBe('')
        }
        for (const [name, sentAt] of [
          ['acme', 1_001],
          ['acme-2', 40_001],
          [one, 40_001],
        ] as const) {
          expect(await keep(sentAt, name), name).toBe(`{"tenantId":"${name}"}`)
        }
        await tenants.insert({ ...aTenant(3), uid: 'acme-2', createdAt: 60_000 })
        expect(await names(aTenant(3).id)).toContainEqual(['acme-2', 40_000, null])
      })
    })

    it('tells whoever erases when each was sent, not when it was kept', async () => {
      await letters.insert(sent(aLetter('a', 90), 10))
      await letters.insert(sent(aLetter('b', 20)))
      const told: number[] = []
      await letters.erase(({ sentAt }) => told.push(sentAt) > 9)
      expect(told).toEqual([10, 20])
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
