import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { LoggedEvent } from '../../../../src/engine/model/index.ts'
import { EventStore } from '../../../../src/platform/durable/event-log/event-store.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { LOG } from '../../../../src/tuning.ts'
import { anEvent } from '../../../fixtures/bench.ts'

const T = 1_795_000_000_000

/**
 * A store of its own, how many packed rows it got since that was last asked, and the same rows under a store that has
 * just started.
 */
function withStore(
  work: (
    store: EventStore,
    rowsRead: () => number,
    restarted: () => EventStore,
    rowsScanned: () => number,
  ) => void,
): Promise<void> {
  const stub = env.EVENT_LOGS.getByName(newId(Date.now()))
  return runInDurableObject(stub, (_, { storage }) => {
    let rows = 0
    let scanned = 0
    const sql = {
      exec(query: string, ...bindings: unknown[]) {
        const cursor = storage.sql.exec(query, ...bindings)
        if (!/^SELECT (?:\* FROM \(SELECT|first_event, last_event)/.test(query)) return cursor
        return (function* () {
          try {
            for (const row of cursor) {
              rows += 1
              yield row
            }
          } finally {
            scanned += cursor.rowsRead
          }
        })()
      },
    } as unknown as SqlStorage
    const rowsRead = () => {
      const read = rows
      rows = 0
      return read
    }
    const restarted = () => new EventStore(sql)
    work(new EventStore(sql), rowsRead, restarted, () => scanned)
  })
}

const at = (ms: number): LoggedEvent => ({ ...anEvent({ id: newId(T + ms) }), webhookIds: [] })

it('reads few rows for a page, however many came in the last minute', () =>
  withStore((store, rowsRead, _, rowsScanned) => {
    const events = Array.from({ length: 300 }, (_, n) => at(n * 100))
    for (const event of events) store.append([event], T * 1_000, T)
    rowsRead()
    const before = rowsScanned()
    const page: string[] = []
    for (const { id } of store.newestFirst(events[0]?.id ?? '', 'g', null)) {
      page.push(id)
      if (page.length === 5) break
    }
    expect(page).toEqual(
      events
        .slice(-5)
        .map(({ id }) => id)
        .toReversed(),
    )
    expect(rowsRead()).toBeLessThanOrEqual(6)
    expect(rowsScanned() - before).toBeLessThanOrEqual(12)
  }))

const idsIn = (store: EventStore) =>
  [...store.newestFirst('00000000-0000-7000-8000-000000000000', 'g', null)].map(({ id }) => id)

it('reads each row of an earlier object that may hold one of a batch once, and none when there is none', () =>
  withStore((store, rowsRead, restarted) => {
    const [one, two] = [0, 1].map((k) => Array.from({ length: 50 }, (_, n) => at(n * 10 + k)))
    store.append(one ?? [], T * 1_000, T)
    store.append(two ?? [], T * 1_000, T)
    const later = restarted()
    rowsRead()
    later.append([...(two ?? []), at(60_000)], T * 1_000, T)
    expect(rowsRead()).toBe(2)
    later.append([at(120_000)], T * 1_000, T)
    expect(rowsRead()).toBe(0)
    expect(idsIn(later)).toHaveLength(102)
  }))

it('scans nothing for new events, however much an earlier object wrote a moment ago', () =>
  withStore((store, _, restarted, rowsScanned) => {
    for (let n = 0; n < 300; n += 1) store.append([at(n * 10)], T * 1_000, T)
    const later = restarted()
    const before = rowsScanned()
    const news = Array.from({ length: 50 }, (_, n) => at(3_000 + n))
    for (const { id } of news) expect(later.findKnown(id)).toBeNull()
    later.append(news, T * 1_000, T)
    expect(rowsScanned() - before).toBe(0)
    for (const { id } of news) expect(later.findKnown(id)?.id).toBe(id)
    expect(idsIn(later)).toHaveLength(350)
  }))

it('tells new events from repeated ones without reading what it wrote itself', () =>
  withStore((store, rowsRead) => {
    const events = Array.from({ length: 200 }, (_, n) => at(n * 10))
    for (const event of events) store.append([event], T * 1_000, T)
    for (const event of events) store.append([event], T * 1_000, T)
    expect(rowsRead()).toBe(0)
    expect(idsIn(store)).toHaveLength(200)
  }))

it('knows an event again that comes late, after newer ones, in a later object', () =>
  withStore((store, _, restarted) => {
    const [old, late, recent] = [at(0), at(10), at(20)] as const
    store.append([old, recent], T * 1_000, T)
    const later = restarted()
    later.append([late], T * 1_000, T)
    later.append([late, old, recent], T * 1_000, T)
    expect(idsIn(later)).toEqual([recent.id, late.id, old.id])
  }))

it('reads what stands in as many tables as ninety days make', () =>
  withStore((store, _, __, rowsScanned) => {
    const days = [undefined, 1, 2, 3, 4, 5, 6, 7, 30, 60, 90]
    const events = Array.from({ length: 18 }, (_, period) => period * LOG.periodMs).flatMap((ms) =>
      days.map((retentionDays, n): LoggedEvent => {
        const event = at(ms + n)
        return retentionDays === undefined ? event : { ...event, retentionDays }
      }),
    )
    for (const event of events) {
      const now = T + events.indexOf(event)
      store.append(
        [event],
        now * 1_000,
        now + Math.floor(events.indexOf(event) / days.length) * LOG.periodMs,
      )
    }
    for (const { id } of events) expect(store.find(id)?.id).toBe(id)
    const newest = events
      .map(({ id }) => id)
      .toSorted()
      .toReversed()
    expect([...store.newestFirst(newest.at(-1) ?? '', 'g', null)].map(({ id }) => id)).toEqual(
      newest,
    )
    const oldest = [...store.select({ order: 'oldest' }, null)].map(({ event }) => event.id)
    expect(oldest.toSorted()).toEqual(newest.toReversed())
    const before = rowsScanned()
    const page: string[] = []
    for (const { id } of store.newestFirst(newest.at(-1) ?? '', 'g', null)) {
      page.push(id)
      if (page.length === 5) break
    }
    expect(page).toEqual(newest.slice(0, 5))
    // The first of each table, and not all that each has.
    expect(rowsScanned() - before).toBeLessThanOrEqual(2 * 110)
  }))
