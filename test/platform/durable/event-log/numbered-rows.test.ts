// The order in which a log accepted its events: over restarts, late events, and rows from before there were numbers.

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { LoggedEvent } from '../../../../src/engine/model/index.ts'
import { EventStore } from '../../../../src/platform/durable/event-log/event-store.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { anEvent } from '../../../fixtures/bench.ts'

const T = 1_795_000_000_000
const HOUR = 3_600_000

const at = (ms: number): LoggedEvent => ({ ...anEvent({ id: newId(T + ms) }), webhookIds: [] })

/** A store of its own, on storage on which others can be opened. */
function withSql(work: (sql: SqlStorage) => void): Promise<void> {
  const stub = env.EVENT_LOGS.getByName(newId(Date.now()))
  return runInDurableObject(stub, (_, { storage }) => work(storage.sql))
}

function read(store: EventStore, position: string | null = null) {
  return [...store.select({ order: 'oldest' }, position)]
}

const idsOf = (placed: readonly { readonly event: LoggedEvent }[]) =>
  placed.map(({ event }) => event.id)

it('is that of writing, whatever the ids, and goes on behind each position', () =>
  withSql((sql) => {
    const store = new EventStore(sql)
    const groups = [
      [at(0), at(5)],
      [at(3)],
      [at(-2 * HOUR), at(-2 * HOUR + 1)],
      [at(20), at(HOUR)],
      [at(7)],
    ]
    for (const [turn, group] of groups.entries()) store.append(group, 1, T + turn)
    const placed = read(store)
    expect(new Set(idsOf(placed))).toEqual(new Set(groups.flat().map(({ id }) => id)))
    const turns = placed.map(({ event }) =>
      groups.findIndex((group) => group.some(({ id }) => id === event.id)),
    )
    expect(turns).toEqual(turns.toSorted())
    for (const [place, { position }] of placed.entries()) {
      expect(idsOf(read(store, position))).toEqual(idsOf(placed.slice(place + 1)))
    }
  }))

it.each([
  ['the same clock', 0],
  ['a clock that is behind', -30_000],
  ['a clock that is ahead', 30_000],
])('goes on in an object that started later, with %s', (_, skew) =>
  withSql((sql) => {
    const store = new EventStore(sql)
    const before = [at(0), at(-HOUR), at(1)]
    for (const event of before) store.append([event], 1, T)
    const position = read(store).at(-1)?.position ?? ''
    const later = new EventStore(sql)
    const after = [at(2), at(-HOUR + 1), at(3)]
    for (const event of after) later.append([event], 1, T + skew)
    expect(idsOf(read(later, position))).toEqual(after.map(({ id }) => id))
    expect(idsOf(read(later))).toEqual([...before, ...after].map(({ id }) => id))
  }),
)

it('shows first, by their ids, what was written before there were numbers', () =>
  withSql((sql) => {
    const first = new EventStore(sql)
    const numbered = at(HOUR)
    const old = [at(0), at(10), at(20)]
    for (const event of old) first.append([event], 1, T)
    // As a table was that had no such column.
    const [{ name } = { name: '' }] = sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name GLOB 'packs_*'")
      .toArray()
    sql.exec(
      `CREATE TABLE former AS SELECT first_event, last_event, webhooks, events, accepted FROM ${name}`,
    )
    sql.exec(`DROP TABLE ${name}; ALTER TABLE former RENAME TO ${name}`)
    const store = new EventStore(sql)
    store.append([numbered], 1, T + HOUR)
    const placed = read(store)
    expect(idsOf(placed)).toEqual([...old, numbered].map(({ id }) => id))
    // A cursor of that time names an event.
    expect(idsOf(read(store, old[1]?.id ?? ''))).toEqual([old[2], numbered].map((one) => one?.id))
    expect(read(store, placed[3]?.position ?? '')).toEqual([])
    // So it is in an object that starts later.
    expect(idsOf(read(new EventStore(sql)))).toEqual(idsOf(placed))
  }))

it('reads few rows behind a position, however many came before', () =>
  withSql((sql) => {
    const store = new EventStore(sql)
    const events = Array.from({ length: 400 }, (_, n) => at(n * 1_000))
    for (const [n, event] of events.entries()) store.append([event], 1, T + n * 1_000)
    const all = read(store)
    const position = all.at(-6)?.position ?? ''
    let rows = 0
    const counting = {
      exec(query: string, ...bindings: unknown[]) {
        const cursor = sql.exec(query, ...bindings)
        if (!query.includes('first_event')) return cursor
        const found = cursor.toArray()
        rows += found.length
        return Object.assign(found, { toArray: () => found })
      },
    } as unknown as SqlStorage
    const counted = new EventStore(counting)
    rows = 0
    expect(idsOf(read(counted, position))).toEqual(events.slice(-5).map(({ id }) => id))
    expect(rows).toBeLessThan(20)
  }))
