// The event log read in both directions, where packs overlap in time because batches were routed out of order.

import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { LoggedEvent } from '../../../src/engine/model.ts'
import type { EventQuery } from '../../../src/engine/ports.ts'
import { createEventLogs } from '../../../src/platform/durable/index.ts'

const NOON = Date.parse('2026-11-22T12:00:00.000Z')

/** The event accepted so many milliseconds after noon. */
function at(ms: number, type = 'thing.happened'): LoggedEvent {
  const time = (NOON + ms).toString(16).padStart(12, '0')
  return {
    id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`,
    type,
    time: '2026-11-22T12:00:00.000Z',
    data: '{}',
    scope: {},
    actor: null,
    requestId: null,
    webhookIds: [],
  }
}

let tenants = 0

async function openLog(packs: readonly (readonly LoggedEvent[])[]) {
  tenants += 1
  const log = createEventLogs(env)(`tenant-${tenants}`)
  for (const pack of packs) await log.append('', pack)
  const read = async (query: Omit<EventQuery, 'limit'> & { limit?: number }) => {
    const { items, nextCursor } = await log.list({ limit: 100, ...query })
    const times = items.map(
      ({ id }) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) - NOON,
    )
    return { times, nextCursor }
  }
  return { log, read }
}

const overlapping = [
  [at(1_000), at(9_000), at(30_000)],
  [at(5_000, 'other'), at(20_000)],
  [at(2_000), at(61_500)],
  [at(70_000, 'other')],
]

describe('an event log', () => {
  it('lists the newest first unless told', async () => {
    const { read } = await openLog(overlapping)
    const newestFirst = [70_000, 61_500, 30_000, 20_000, 9_000, 5_000, 2_000, 1_000]
    expect((await read({})).times).toEqual(newestFirst)
    expect((await read({ order: 'newest' })).times).toEqual(newestFirst)
  })

  it('lists the oldest first', async () => {
    const { read } = await openLog(overlapping)
    expect((await read({ order: 'oldest' })).times).toEqual([
      1_000, 2_000, 5_000, 9_000, 20_000, 30_000, 61_500, 70_000,
    ])
  })

  it.each([['newest'], ['oldest']] as const)('lists within bounds, the %s first', async (order) => {
    const { read } = await openLog(overlapping)
    const { times } = await read({ order, after: NOON + 2_000, before: NOON + 30_000 })
    expect(times.toSorted((a, b) => a - b)).toEqual([5_000, 9_000, 20_000])
  })

  it.each([['newest'], ['oldest']] as const)('lists one type, the %s first', async (order) => {
    const { read } = await openLog(overlapping)
    const { times } = await read({ order, type: 'other' })
    expect(times.toSorted((a, b) => a - b)).toEqual([5_000, 70_000])
  })

  it.each([
    [
      'newest',
      [
        [70_000, 61_500, 30_000],
        [20_000, 9_000, 5_000],
        [2_000, 1_000],
      ],
    ],
    [
      'oldest',
      [
        [1_000, 2_000, 5_000],
        [9_000, 20_000, 30_000],
        [61_500, 70_000],
      ],
    ],
  ] as const)('goes on where a page ended, the %s first', async (order, pages) => {
    const { read } = await openLog(overlapping)
    let cursor: string | undefined
    for (const expected of pages) {
      const { times, nextCursor } = await read({ order, limit: 3, cursor })
      expect(times).toEqual(expected)
      cursor = nextCursor ?? undefined
    }
  })

  it('leads, oldest first, to what is published after the last page', async () => {
    const { log, read } = await openLog([[at(1_000)]])
    const { nextCursor } = await read({ order: 'oldest' })
    const cursor = nextCursor ?? undefined
    expect(await read({ order: 'oldest', cursor })).toEqual({ times: [], nextCursor: null })
    await log.append('', [at(2_000)])
    expect((await read({ order: 'oldest', cursor })).times).toEqual([2_000])
  })
})
