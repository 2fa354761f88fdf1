// The contract of EventTypeStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type { EventTypeDefinition } from '../../src/engine/model/index.ts'
import type { EventTypeStore } from '../../src/engine/ports/index.ts'

export function anEventType(
  name: string,
  given: Partial<EventTypeDefinition> = {},
): EventTypeDefinition {
  return {
    name,
    description: null,
    group: null,
    deprecated: false,
    archived: false,
    featureFlag: null,
    check: 'off',
    schemas: {},
    conversions: [],
    examples: [],
    createdAt: 1,
    updatedAt: 1,
    ...given,
  }
}

/** `make` gives an empty store, and other stores of the same catalogue. */
export function eventTypeStoreContract(make: () => Promise<() => EventTypeStore>): void {
  describe('an event type store', () => {
    let open: () => EventTypeStore
    let store: EventTypeStore
    beforeEach(async () => {
      open = await make()
      store = open()
    })

    const names = async (from: EventTypeStore) => [...(await from.current(0)).types.keys()]
    const save = (revision: number, ...saved: readonly EventTypeDefinition[]) =>
      store.write({ revision, saved, deleted: [] })

    it('begins with nothing', async () => {
      expect(await store.current(0)).toEqual({ revision: 0, types: new Map() })
    })

    it('keeps definitions, in order of their names', async () => {
      const rich = anEventType('b.paid', {
        description: 'Paid.',
        check: 'enforce',
        schemas: { '2025-01': { type: 'object', required: ['a'] }, '2026-11': true },
        examples: [{ a: [1.5, null] }],
      })
      expect(await save(0, rich, anEventType('a'), anEventType('B'))).toBe(true)
      expect(await names(store)).toEqual(['B', 'a', 'b.paid'])
      expect((await open().current(0)).types.get('b.paid')).toEqual(rich)
    })

    it('shows others what was changed, added and deleted', async () => {
      const other = open()
      await save(0, anEventType('a'), anEventType('b'))
      expect(await names(other)).toEqual(['a', 'b'])
      await save(1, anEventType('b', { group: 'x' }), anEventType('c'))
      expect((await other.current(0)).types.get('b')?.group).toBe('x')
      expect(
        await store.write({ revision: 2, saved: [anEventType('d')], deleted: ['a', 'c'] }),
      ).toBe(true)
      expect(await names(other)).toEqual(['b', 'd'])
      expect((await other.current(0)).revision).toBe(3)
    })

    it('has the same objects while nothing changes', async () => {
      await save(0, anEventType('a'), anEventType('b'))
      const before = await store.current(0)
      expect(await store.current(0)).toBe(before)
      await save(1, anEventType('c'))
      expect((await store.current(0)).types.get('a')).toBe(before.types.get('a'))
    })

    it('writes nothing of a change that was made from another revision', async () => {
      await save(0, anEventType('a'))
      expect(await save(0, anEventType('a', { group: 'x' }), anEventType('b'))).toBe(false)
      expect(await store.write({ revision: 0, saved: [], deleted: ['a'] })).toBe(false)
      expect(await store.write({ revision: 7, saved: [anEventType('b')], deleted: [] })).toBe(false)
      expect((await open().current(0)).types.get('a')?.group).toBeNull()
      expect(await names(store)).toEqual(['a'])
    })

    it('takes one of two changes that come at once', async () => {
      const written = await Promise.all([
        save(0, anEventType('a')),
        open().write({ revision: 0, saved: [anEventType('b')], deleted: [] }),
      ])
      expect(written.toSorted()).toEqual([false, true])
      expect(await names(store)).toHaveLength(1)
    })
  })
}
