// The catalogue of event types in D1: the contract, how often it is asked, and what happens while it does not answer.

import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../../../src/platform/d1/database.ts'
import { createEventTypeStore } from '../../../src/platform/d1/event-type-store.ts'
import { createKeyStore } from '../../../src/platform/d1/key-store.ts'
import { anEventType, eventTypeStoreContract } from '../../contracts/event-type-store.ts'

async function empty(): Promise<void> {
  await env.DB.batch(
    ['event_types', 'catalogue'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  )
}

eventTypeStoreContract(async () => {
  await empty()
  return () => createEventTypeStore(openDatabase(env.DB), () => Date.now())
})

describe('a look at the catalogue', () => {
  const statements: string[] = []
  let isDown = false
  const counted = new Proxy(env.DB, {
    get: (target, name) => {
      if (name !== 'prepare') return Reflect.get(target, name)
      return (sql: string) => {
        statements.push(sql)
        if (isDown) throw new Error('D1 is down.')
        return target.prepare(sql)
      }
    },
  })

  it('is one statement, none while the last one is young, and the former one while D1 is down', async () => {
    await empty()
    let now = 1_000_000
    const writer = createEventTypeStore(openDatabase(env.DB), () => now)
    await writer.write({ revision: 0, saved: [anEventType('a')], deleted: [] })
    const store = createEventTypeStore(openDatabase(counted), () => now)
    const first = await store.current(10_000)
    expect(statements.splice(0)).toHaveLength(2)
    now += 9_999
    expect(await store.current(10_000)).toBe(first)
    expect(statements).toEqual([])
    now += 1
    expect(await store.current(10_000)).toBe(first)
    expect(statements.splice(0)).toHaveLength(1)
    now += 10_000
    isDown = true
    expect(await store.current(10_000)).toBe(first)
    await expect(store.current(0)).rejects.toThrow()
    const fresh = createEventTypeStore(openDatabase(counted), () => now)
    await expect(fresh.current(10_000)).rejects.toThrow()
    isDown = false
  })

  it('is not needed while looks for keys see that nothing was changed', async () => {
    await empty()
    let now = 1_000_000
    const open = (d1: D1Database) => createEventTypeStore(openDatabase(d1), () => now)
    const [writer, store] = [open(env.DB), open(counted)]
    const keys = createKeyStore(openDatabase(counted), (mark) => store.seen(mark, now))
    const key = { id: crypto.randomUUID(), name: null, permissions: [], createdAt: now }
    await keys.insertOperatorKey({ ...key, expiresAt: null }, 'hash')
    expect((await store.current(10_000)).types.size).toBe(0)
    await writer.write({ revision: 0, saved: [anEventType('a')], deleted: [] })
    now += 1
    // Another one than was seen last is looked at, however young that is.
    await keys.find(key.id)
    expect([...(await store.current(10_000)).types.keys()]).toEqual(['a'])
    statements.splice(0)
    for (let times = 0; times < 3; times += 1) {
      now += 9_000
      expect((await keys.find(key.id))?.caller.id).toBe(key.id)
      expect((await store.current(10_000)).types.size).toBe(1)
    }
    expect(statements.splice(0)).toHaveLength(3)
    now += 10_000
    await store.current(10_000)
    expect(statements.splice(0)).toHaveLength(1)
    await keys.deleteOperatorKey(key.id)
  })

  it('reads definitions of several parameters', async () => {
    await empty()
    const large = { schemas: { '1': { description: 'x'.repeat(60_000) } } }
    const saved = Array.from({ length: 25 }, (_, n) => anEventType(`t${n}`, large))
    const store = createEventTypeStore(openDatabase(env.DB), () => Date.now())
    expect(await store.write({ revision: 0, saved, deleted: [] })).toBe(true)
    expect((await store.current(0)).types.size).toBe(25)
    await empty()
  })
})
