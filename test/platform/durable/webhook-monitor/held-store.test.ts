import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { DeliveryKey } from '../../../../src/engine/ports/index.ts'
import { HeldStore } from '../../../../src/platform/durable/webhook-monitor/held-store.ts'
import { newId } from '../../../../src/primitives/ids.ts'

const T = 1_700_000_000_000
const NO_JOINTS = { idOf: () => null, size: 0 }
const keyAt = (ms: number, run = ''): DeliveryKey => ({ eventId: newId(T + ms), run })

function inMonitor(work: (sql: SqlStorage) => void): Promise<void> {
  const stub = env.MONITORS.getByName(newId(T))
  return runInDurableObject(stub, (_, { storage }) => work(storage.sql))
}

it('knows after a restart what it knew before', async () => {
  await inMonitor((sql) => {
    const [first, second, third, fourth] = [keyAt(1), keyAt(2), keyAt(3, newId(T)), keyAt(4)]
    const before = new HeldStore(sql, NO_JOINTS)
    for (const key of [third, second, first, fourth]) before.put(key, 'a message')
    before.put(second, 'another one')
    before.put(second, 'and another')
    before.delete(fourth)
    before.delete(fourth)
    expect(before.release(1, T).map(({ key }) => key)).toEqual([first])
    for (const store of [before, new HeldStore(sql, NO_JOINTS)]) {
      expect([store.waiting, store.underWay]).toEqual([2, 1])
      const states = [first, second, third, fourth].map((key) => store.stateOf(key))
      expect(states).toEqual(['released', 'waiting', 'waiting', null])
    }
    const after = new HeldStore(sql, NO_JOINTS)
    after.put(first, 'a message')
    expect([after.waiting, after.underWay]).toEqual([3, 0])
    expect(after.release(9, T).map(({ text }) => text)).toEqual([
      'a message',
      'and another',
      'a message',
    ])
    for (const key of [first, second, third]) after.delete(key)
    expect([after.waiting, after.underWay, after.stateOf(first)]).toEqual([0, 0, null])
  })
})
