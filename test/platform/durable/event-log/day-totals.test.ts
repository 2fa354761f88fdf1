// The totals of a day in the rows of a log: over restarts, late events, and rows from before there were totals.

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { LoggedEvent } from '../../../../src/engine/model/index.ts'
import { EventStore } from '../../../../src/platform/durable/event-log/event-store.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { anEvent } from '../../../fixtures/bench.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The first of three days in one table. */
const TODAY = Date.UTC(2026, 10, 20)
const NOON = TODAY + 12 * HOUR

const at = (time: number): LoggedEvent => ({
  ...anEvent({ id: newId(time), data: '{"a":1}' }),
  webhookIds: ['a', 'b', 'c'],
})

function withSql(work: (sql: SqlStorage) => void): Promise<void> {
  const stub = env.EVENT_LOGS.getByName(newId(Date.now()))
  return runInDurableObject(stub, (_, { storage }) => work(storage.sql))
}

const usage = (store: EventStore, now = NOON) => store.numbers.usage(TODAY, now)

/** What so many events of a day come to. */
const day = (start: number, events: number) => {
  return { day: start, events, deliveries: 3 * events, bytes: 7 * events, invalid: 0 }
}

/** Has the tables lose the totals, as those of an earlier version had none. */
function forgetTotals(sql: SqlStorage): void {
  const query = "SELECT name FROM sqlite_master WHERE name GLOB 'packs_*'"
  for (const { name } of sql.exec<{ name: string }>(query).toArray()) {
    sql.exec(`ALTER TABLE ${name} DROP COLUMN totals`)
  }
}

/** An event as 0.1.0 wrote it. */
function writeFormer(sql: SqlStorage, event: LoggedEvent): void {
  const query =
    'INSERT INTO packs (first_event, last_event, webhooks, events, accepted) VALUES (?, ?, ?, ?, 0)'
  sql.exec(query, event.id, event.id, '[["a"]]', '')
}

it.each([
  ['the same clock', 0],
  ['a clock that is behind', -30_000],
  ['a clock that is ahead', 30_000],
])('go on in an object that started later, with %s', (_, skew) =>
  withSql((sql) => {
    new EventStore(sql).append([at(NOON), at(NOON + 1)], 1, NOON)
    const later = new EventStore(sql)
    expect(usage(later).days).toEqual([day(TODAY, 2)])
    later.append([at(NOON + 2)], 1, NOON + skew)
    expect(usage(later).days).toEqual([day(TODAY, 3)])
    expect(usage(new EventStore(sql)).days).toEqual([day(TODAY, 3)])
  }),
)

it('go on from the row that was written last, whatever the ids of others say', () =>
  withSql((sql) => {
    const times = [NOON, NOON + 2 * HOUR, NOON - 2 * HOUR, NOON + 3, NOON - HOUR]
    for (const [turn, time] of times.entries()) {
      const store = new EventStore(sql)
      store.append([at(time)], 1, NOON + turn * 600_000)
      expect(usage(store).days).toEqual([day(TODAY, turn + 1)])
      expect(usage(new EventStore(sql)).days).toEqual([day(TODAY, turn + 1)])
    }
  }))

it('stay those of a day once others have begun, and an event that comes late counts where it comes', () =>
  withSql((sql) => {
    const store = new EventStore(sql)
    store.append([at(TODAY + DAY - 2), at(TODAY + DAY - 1)], 1, TODAY + DAY - 1)
    store.append([at(TODAY + DAY - 3), at(TODAY + DAY)], 1, TODAY + DAY)
    store.append([at(NOON), at(TODAY + 2 * DAY)], 1, TODAY + 2 * DAY)
    for (const one of [store, new EventStore(sql)]) {
      const days = [day(TODAY + 2 * DAY, 2), day(TODAY + DAY, 2), day(TODAY, 2)]
      expect(usage(one)).toEqual({ since: TODAY, days })
    }
  }))

it('do not count again what is there already', () =>
  withSql((sql) => {
    const [one, two] = [at(NOON), at(NOON + 1)]
    const store = new EventStore(sql)
    store.append([one], 1, NOON)
    store.append([one, two, two], 1, NOON + 1)
    expect(usage(store).days).toEqual([day(TODAY, 2)])
  }))

it('are not told of a day that has rows without them, but of each day after it', () =>
  withSql((sql) => {
    const former = new EventStore(sql)
    former.append([at(NOON - HOUR)], 1, NOON - HOUR)
    former.append([at(NOON)], 1, NOON)
    forgetTotals(sql)
    const store = new EventStore(sql)
    expect(usage(store)).toEqual({ since: TODAY + DAY, days: [] })
    store.append([at(NOON + 1)], 1, NOON + 1)
    expect(usage(new EventStore(sql))).toEqual({ since: TODAY + DAY, days: [] })
    store.append([at(NOON + DAY)], 1, NOON + DAY)
    for (const one of [store, new EventStore(sql)]) {
      expect(usage(one)).toEqual({ since: TODAY + DAY, days: [day(TODAY + DAY, 1)] })
    }
  }))

it('are not told of the day on which a log of 0.1.0 goes on, but of each day after it', () =>
  withSql((sql) => {
    writeFormer(sql, at(NOON - DAY))
    const store = new EventStore(sql)
    expect(usage(store)).toEqual({ since: TODAY + DAY, days: [] })
    store.append([at(NOON)], 1, NOON)
    expect(usage(new EventStore(sql))).toEqual({ since: TODAY + DAY, days: [] })
    new EventStore(sql).append([at(NOON + DAY)], 1, NOON + DAY)
    expect(usage(store, NOON + DAY)).toMatchObject({ since: TODAY + DAY })
    expect(usage(new EventStore(sql)).days).toEqual([day(TODAY + DAY, 1)])
  }))

it('are found in few rows, however many a day has', () =>
  withSql((sql) => {
    const store = new EventStore(sql)
    for (let n = 0; n < 600; n += 1) store.append([at(NOON + n * 60_000)], 1, NOON + n * 60_000)
    for (let n = 0; n < 600; n += 1) {
      store.append([at(NOON + DAY + n * 60_000)], 1, NOON + DAY + n * 60_000)
    }
    let rows = 0
    const counting = {
      exec(query: string, ...bindings: unknown[]) {
        const cursor = sql.exec(query, ...bindings)
        const found = cursor.toArray()
        if (query.includes('totals')) rows += cursor.rowsRead
        return Object.assign(found, { toArray: () => found })
      },
    } as unknown as SqlStorage
    const days = [day(TODAY + DAY, 600), day(TODAY, 600)]
    const counted = new EventStore(counting)
    rows = 0
    expect(usage(counted).days).toEqual(days)
    expect(rows).toBeLessThan(60)
  }))
