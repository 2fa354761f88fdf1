// Whose a uid is, and for how long that is believed.

import { describe, expect, it } from 'vitest'
import { createTenantDirectory } from '../../../src/engine/configuration/tenant-directory.ts'
import { aTenant, uuid } from '../../contracts/store-fixtures.ts'
import { createMemoryStores } from '../../fakes/stores.ts'

const T = 1_700_000_000_000

/** A directory of these tenants, its clock, and what it asked the database for. */
async function openDirectory(...uids: readonly (string | null)[]) {
  const { tenants } = createMemoryStores()
  for (const [n, uid] of uids.entries()) await tenants.insert(aTenant(n + 1, { uid }))
  const asked: (readonly string[])[] = []
  const state = { now: T, isDown: false }
  const store = {
    ...tenants,
    findIds: async (names: readonly string[]) => {
      asked.push(names)
      if (state.isDown) throw new Error('D1 is down')
      return tenants.findIds(names)
    },
  }
  const open = () => createTenantDirectory({ tenants: store, clock: () => state.now })
  return { tenants, asked, state, open, directory: open() }
}

describe('a directory', () => {
  it('asks once for all that it does not know, and not again for eight seconds', async () => {
    const { directory, open, asked, state } = await openDirectory('a', 'b', null)
    const names = ['a', 'b', uuid(3), 'a']
    const ids = new Map([
      ['a', uuid(1)],
      ['b', uuid(2)],
      [uuid(3), uuid(3)],
    ])
    expect(await directory.findIds(names)).toEqual(ids)
    state.now = T + 7_999
    // Another invocation knows it, too.
    expect(await open().findIds(names)).toEqual(ids)
    expect(await directory.getId('a')).toBe(uuid(1))
    expect(asked).toEqual([['a', 'b', uuid(3)]])
    state.now = T + 8_000
    expect(await directory.getId('a')).toBe(uuid(1))
    expect(asked).toHaveLength(2)
  })

  it('does not keep that there is none', async () => {
    const { directory, tenants } = await openDirectory()
    await expect(directory.getId('a')).rejects.toMatchObject({ code: 'not_found' })
    await tenants.insert(aTenant(1, { uid: 'a' }))
    expect(await directory.getId('a')).toBe(uuid(1))
  })

  it('asks nothing for what cannot be the name of a tenant', async () => {
    const { directory, asked } = await openDirectory()
    for (const name of ['', '.', '..', 'a b', 'a/b', 'ä', 'a'.repeat(257), '{}']) {
      await expect(directory.getId(name)).rejects.toMatchObject({ code: 'not_found' })
    }
    expect(asked).toEqual([])
  })

  it('never leads to the next tenant of a uid, as long as it believes in the former', async () => {
    const { directory, tenants, state } = await openDirectory('a', null)
    state.now = T + 50
    expect(await directory.getId('a')).toBe(uuid(1))
    // Somebody else frees it, at the very moment of the look.
    await tenants.update(uuid(1), { uid: null }, T + 50)
    for (let now = T + 50; now <= T + 12_000; now += 50) {
      state.now = now
      const taken = await tenants.update(uuid(2), { uid: 'a' }, now)
      const known = (await directory.findIds(['a'])).get('a')
      if (known === uuid(1)) expect(taken).toBe('uid_resting')
      if (typeof taken === 'object') expect(known).toBe(uuid(2))
    }
    expect(await directory.getId('a')).toBe(uuid(2))
  })

  it('goes on with ids that it knew while the database cannot be asked, and with no uid', async () => {
    const { directory, state } = await openDirectory('a', null)
    await directory.findIds(['a', uuid(2).toUpperCase()])
    state.isDown = true
    state.now = T + 60_000
    expect(await directory.getId(uuid(2).toUpperCase())).toBe(uuid(2))
    for (const name of ['a', uuid(1), uuid(9)]) {
      await expect(directory.getId(name)).rejects.toMatchObject({
        code: 'unavailable',
        retryAfterSeconds: 5,
      })
    }
  })

  it('forgets what it is told to', async () => {
    const { directory, asked } = await openDirectory('a')
    await directory.getId('a')
    directory.forget('a')
    await directory.getId('a')
    expect(asked).toHaveLength(2)
  })
})
