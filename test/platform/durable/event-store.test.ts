import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { newId } from '../../../src/engine/ids.ts'
import type { LoggedEvent } from '../../../src/engine/model.ts'
import { EventStore } from '../../../src/platform/durable/event-store.ts'
import { anEvent } from '../../fixtures/bench.ts'

const T = 1_795_000_000_000

/** A store of its own, and how many packed rows it read since it was last asked. */
function withStore(work: (store: EventStore, rowsRead: () => number) => void): Promise<void> {
  const stub = env.EVENT_LOGS.getByName(newId(Date.now()))
  return runInDurableObject(stub, (_, { storage }) => {
    let rows = 0
    const sql = {
      exec(query: string, ...bindings: unknown[]) {
        const cursor = storage.sql.exec(query, ...bindings)
        if (!query.includes('SELECT * FROM packs')) return cursor
        return (function* () {
          for (const row of cursor) {
            rows += 1
            yield row
          }
        })()
      },
    } as unknown as SqlStorage
    work(new EventStore(sql), () => {
      const read = rows
      rows = 0
      return read
    })
  })
}

const at = (ms: number): LoggedEvent => ({ ...anEvent({ id: newId(T + ms) }), webhookIds: [] })

it('reads few rows for a page, however many came in the last minute', () =>
  withStore((store, rowsRead) => {
    const events = Array.from({ length: 300 }, (_, n) => at(n * 100))
    for (const event of events) store.append([event])
    rowsRead()
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
  }))

it('reads each row that may hold one of a batch once, and none when there is none', () =>
  withStore((store, rowsRead) => {
    const [one, two] = [0, 1].map((k) => Array.from({ length: 50 }, (_, n) => at(n * 10 + k)))
    store.append(one ?? [])
    expect(rowsRead()).toBe(0)
    store.append(two ?? [])
    expect(rowsRead()).toBe(1)
    store.append([...(two ?? []), at(60_000)])
    expect(rowsRead()).toBe(2)
    store.append([at(120_000)])
    expect([...store.newestFirst('00000000-0000-7000-8000-000000000000', 'g', null)]).toHaveLength(
      102,
    )
  }))
