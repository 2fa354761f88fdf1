import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { PUBLISH } from '../../../../src/limits.ts'
import { KeyTables } from '../../../../src/platform/durable/event-log/key-tables.ts'
import { newId } from '../../../../src/primitives/ids.ts'

const PERIOD_MS = PUBLISH.deduplicationSeconds * 1_000
/** Where a period begins. */
const T = 20_000 * PERIOD_MS

/** A store of its own, and the same tables under one that has just been opened. */
function withStore(
  work: (store: KeyTables, reopened: () => KeyTables, sql: SqlStorage) => void,
): Promise<void> {
  const stub = env.EVENT_LOGS.getByName(newId(Date.now()))
  return runInDurableObject(stub, (_, { storage: { sql } }) =>
    work(new KeyTables(sql), () => new KeyTables(sql), sql),
  )
}

const entry = (answer: string) => ({ contentHash: `hash of ${answer}`, answer })
const one = (key: string, answer: string) => new Map([[key, entry(answer)]])

function tablesIn(sql: SqlStorage): number {
  const query = "SELECT name FROM sqlite_master WHERE name GLOB 'deduplication_keys_*'"
  return sql.exec(query).toArray().length
}

it('finds a key for 24 hours, in whichever period it was added', () =>
  withStore((store, reopened) => {
    const added = T + PERIOD_MS - 10
    store.add(one('a', 'first'), added)
    for (const found of [store, reopened()]) {
      expect(found.find('a', added)).toEqual(entry('first'))
      expect(found.find('a', added + PERIOD_MS - 1)).toEqual(entry('first'))
      expect(found.find('a', added + PERIOD_MS)).toBeNull()
      expect(found.find('b', added)).toBeNull()
    }
  }))

it('has a key stand for what it was added with last', () =>
  withStore((store, reopened) => {
    store.add(one('a', 'first'), T)
    store.add(one('a', 'second'), T + PERIOD_MS)
    store.add(one('b', 'third'), T + PERIOD_MS)
    for (const found of [store, reopened()]) {
      expect(found.find('a', T + PERIOD_MS)).toEqual(entry('second'))
      expect(found.find('b', T + 2 * PERIOD_MS - 1)).toEqual(entry('third'))
    }
  }))

it('makes no table for nothing', () =>
  withStore((store, _, sql) => {
    store.add(new Map(), T)
    expect(tablesIn(sql)).toBe(0)
    expect(store.prune(T)).toBe(false)
  }))

it('drops a period once the last of its keys is over, and no sooner', () =>
  withStore((store, reopened, sql) => {
    store.add(one('a', 'first'), T)
    store.add(one('b', 'second'), T + PERIOD_MS - 1)
    store.add(one('c', 'third'), T + PERIOD_MS)
    expect(store.prune(T + 2 * PERIOD_MS - 1)).toBe(true)
    expect(tablesIn(sql)).toBe(2)
    expect(store.find('b', T + 2 * PERIOD_MS - 2)).toEqual(entry('second'))
    expect(reopened().prune(T + 2 * PERIOD_MS)).toBe(true)
    expect(tablesIn(sql)).toBe(1)
    expect(reopened().prune(T + 3 * PERIOD_MS)).toBe(false)
    expect(tablesIn(sql)).toBe(0)
  }))

it('keeps a table that cannot be dropped while something is half read, and drops it later', () =>
  withStore((store, _, sql) => {
    store.add(one('a', 'first'), T)
    const cursor = sql.exec('SELECT name FROM sqlite_master')
    cursor.next()
    const later = T + 2 * PERIOD_MS
    expect(store.prune(later)).toBe(true)
    expect(store.find('a', later)).toBeNull()
    cursor.toArray()
    expect(store.prune(later)).toBe(false)
    expect(tablesIn(sql)).toBe(0)
  }))
