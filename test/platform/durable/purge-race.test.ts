// A purge that meets what its object is doing: what knows that it was purged must outlive every message about it.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { newId } from '../../../src/primitives/ids.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2096, 0, 1)

const objects = [
  ['a monitor', (name: string) => env.MONITORS.getByName(name) as unknown as Stub],
  ['an event log', (name: string) => env.EVENT_LOGS.getByName(name) as unknown as Stub],
] as const

/** What both objects can do. */
type Stub = DurableObjectStub & Record<'ping' | 'purge' | 'revive', () => Promise<void>>

/** Days from now until the alarm fires; null when none is set. */
function alarmInDays(stub: Stub): Promise<number | null> {
  return runInDurableObject(stub, async (_, { storage }) => {
    const at = await storage.getAlarm()
    return at === null ? null : (at - Date.now()) / DAY_MS
  })
}

function isMarked(stub: Stub): Promise<boolean> {
  return runInDurableObject(stub, (_, { storage }) => {
    const query = "SELECT 1 FROM sqlite_master WHERE name = 'purged'"
    if (storage.sql.exec(query).toArray().length === 0) return false
    return storage.sql.exec('SELECT 1 FROM purged').toArray().length > 0
  })
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(NOW)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe.each(objects)('%s that is purged', (_, byName) => {
  const open = () => byName(newId(Date.now()))

  it.each([
    ['the queue fails then', true],
    ['the queue takes it', false],
  ])('while it sends stays so for 14 days: %s', async (_, fails) => {
    const name = newId(NOW)
    const stub = byName(name)
    const purging = vi.fn(async () => {
      // From inside the object, whose sending waits for this.
      await byName(name).purge()
      if (fails) throw new Error('The queue is down.')
    })
    for (const queue of [env.ACCEPTED, env.DELIVERIES]) {
      vi.spyOn(Object.getPrototypeOf(queue), 'sendBatch').mockImplementation(purging)
    }
    await stub.ping()
    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec("INSERT INTO outbox (message) VALUES ('frame/1 {}')")
      return storage.setAlarm(NOW + DAY_MS)
    })
    await runDurableObjectAlarm(stub)
    expect(purging).toHaveBeenCalledTimes(1)
    expect(await alarmInDays(stub)).toBe(14)
  })

  it('stays so when an alarm of before fires, and is gone after 14 days', async () => {
    const stub = open()
    await stub.purge()
    vi.setSystemTime(NOW + DAY_MS)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    await evictDurableObject(stub)
    expect([await isMarked(stub), await alarmInDays(stub)]).toEqual([true, 13])
    vi.setSystemTime(NOW + 14 * DAY_MS)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect([await isMarked(stub), await alarmInDays(stub)]).toEqual([false, null])
  })

  it('twice stays so for 14 days after the second time', async () => {
    const stub = open()
    await stub.purge()
    vi.setSystemTime(NOW + DAY_MS)
    await stub.purge()
    expect(await alarmInDays(stub)).toBe(14)
  })

  it('and revived keeps things again', async () => {
    const stub = open()
    await stub.purge()
    await stub.revive()
    await evictDurableObject(stub)
    expect([await isMarked(stub), await alarmInDays(stub)]).toEqual([false, null])
  })
})
