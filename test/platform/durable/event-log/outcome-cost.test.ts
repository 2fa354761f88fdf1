// What it costs to keep what became of first deliveries, in rows: $1.00 a million written, $0.001 a million read.

import { expect, it } from 'vitest'
import type { FirstOutcome } from '../../../../src/engine/model/index.ts'
import {
  anOutcome,
  DAY,
  type Opened,
  T,
  webhookIds,
  withOutcomes,
} from '../../../fixtures/outcomes.ts'

/** Outcomes of each case; a run at length is `VITE_OUTCOMES=1000000 npx vitest run …`. */
const TOTAL = Number(import.meta.env.VITE_OUTCOMES ?? 12_000)

/** Events one after the other, each to the webhooks that a mix says, in calls of so many outcomes. */
function* batches(total: number, perCall: number, webhooksOf: (n: number) => readonly string[]) {
  let batch: FirstOutcome[] = []
  let count = 0
  for (let n = 0; count < total; n += 1) {
    const { eventId, at } = anOutcome(n * 20, '')
    for (const webhookId of webhooksOf(n)) {
      batch.push(anOutcome(n * 20, webhookId, { eventId, at }))
      count += 1
    }
    if (batch.length < perCall && count < total) continue
    yield { batch, now: at + 100 }
    batch = []
  }
}

const thousand = webhookIds(1_000)
const changing = (n: number) => anOutcome(n, '').eventId

const MIXES = {
  'every one of 10 webhooks gets every event, 500 a call': [500, () => thousand.slice(0, 10)],
  'every one of 1,000 webhooks gets every event': [1_000, () => thousand],
  'one of 1,000 webhooks each, 100 a call': [100, (n: number) => [thousand[(n * 7) % 1_000] ?? '']],
  'another webhook each time, 100 a call': [100, (n: number) => [changing(n)]],
  'another webhook each time, one a call': [1, (n: number) => [changing(n)]],
  'one large webhook and 500 small ones': [
    200,
    (n: number) => [thousand[0] ?? '', ...(n % 2 ? [thousand[1 + ((n * 13) % 500)] ?? ''] : [])],
  ],
  'one webhook, one outcome a call': [1, () => thousand.slice(0, 1)],
} as const satisfies Record<string, readonly [number, (n: number) => readonly string[]]>

const perMillion = (rows: number, count: number) => (rows / count) * 1_000_000

it.for(Object.entries(MIXES))('of %s', ([name, [perCall, webhooksOf]], { task }) =>
  withOutcomes((opened) => {
    const { added, moving, forgetting, count, slowest, total, moves } = play(
      opened,
      perCall,
      webhooksOf,
    )
    const dollars = (rows: number) => `$${(perMillion(rows, count) / 1_000_000).toFixed(4)}`
    task.meta.counted = `${name}: per million ${dollars(added)} to add, ${dollars(moving)} to move (slowest ${slowest} ms, mean ${(total / moves).toFixed(1)}), ${dollars(forgetting)} to forget`
    expect(perMillion(moving, count)).toBeLessThanOrEqual(50_000)
    expect(perMillion(forgetting, count)).toBeLessThanOrEqual(10_000)
  }),
)

function play(opened: Opened, perCall: number, webhooksOf: (n: number) => readonly string[]) {
  let [added, moving, count, slowest, now, total, moves] = [0, 0, 0, 0, T, 0, 0]
  for (const { batch, now: at } of batches(TOTAL, perCall, webhooksOf)) {
    opened.store.add(batch, String(at), at)
    count += batch.length
    now = at
    // A table is made for what is moved later.
    const { written } = opened.rows()
    added += 1
    moving += written - 1
    if (!opened.store.isDue(at)) continue
    const begun = performance.now()
    opened.store.compact(at)
    const took = performance.now() - begun
    slowest = Math.max(slowest, took)
    total += took
    moves += 1
    moving += opened.rows().written
  }
  // A month later.
  opened.store.prune(now + 31 * DAY)
  const { written: forgetting } = opened.rows()
  expect(opened.store.prune(now + 31 * DAY)).toBe(false)
  return { added, moving, forgetting, count, slowest, total, moves }
}

it('of a tenant with just enough in three days to be moved', ({ task }) =>
  withOutcomes((opened) => {
    const [perTable, count] = [250, 40]
    let moving = 0
    for (let n = 0; n < count; n += 1) {
      const batch = thousand.slice(0, perTable).map((id) => anOutcome(n * 4 * DAY, id))
      opened.store.add(batch, '', T + n * 4 * DAY)
      opened.settle(T + (n * 4 + 3) * DAY)
      // Without the one for the outcomes.
      moving += opened.rows().written - 1
    }
    opened.store.prune(T + (4 * count + 31) * DAY)
    const forgetting = opened.rows().written
    const [toMove, toForget] = [moving, forgetting].map((rows) =>
      perMillion(rows, perTable * count),
    )
    task.meta.counted = `250 outcomes in three days: ${toMove} rows a million to move, ${toForget} to forget`
    expect(toMove).toBeLessThanOrEqual(50_000)
    expect(toForget).toBeLessThanOrEqual(10_000)
  }))

it('the last attempts of a webhook that gets one of a thousand outcomes take few rows', ({
  task,
}) =>
  withOutcomes((opened) => {
    const total = Math.max(100_000, TOTAL)
    const [rare = '', ...others] = thousand
    const of = (n: number) => [n % 1_000 === 500 ? rare : (others[(n * 7) % 999] ?? '')]
    let now = T
    for (const { batch, now: at } of batches(total, 500, of)) {
      now = at
      opened.store.add(batch, '', at)
      opened.settle(at)
    }
    opened.rows()
    const counted: string[] = []
    const measured = (what: string, work: () => number) => {
      const begun = performance.now()
      const result = work()
      const { read } = opened.rows()
      counted.push(`${what} ${result} in ${performance.now() - begun} ms and ${read} rows`)
      return { result, read }
    }
    let from: string | null = null
    let [shown, read] = [0, 0]
    do {
      const page = measured('page of', () => {
        const { items, next } = opened.store.list(rare, { limit: 50 }, from)
        from = next
        return items.length
      })
      shown += page.result
      read += page.read
    } while (from !== null && shown < Math.min(50, total / 1_000))
    expect(shown).toBe(Math.min(50, total / 1_000))
    expect(read).toBeLessThanOrEqual(20_000)
    const all = measured('summary of', () => opened.store.summarize(rare, 0).delivered)
    expect(all.result).toBe(total / 1_000)
    measured('busier summary of', () => opened.store.summarize(others[3] ?? '', 0).delivered)
    const recent = [...opened.store.list(rare, { limit: 3 }, null).items]
    opened.rows()
    const keys = recent.map(({ eventId }) => ({ eventId, webhookId: rare }))
    expect(measured('found', () => opened.store.find(keys).size).read).toBeLessThan(200)
    const none = anOutcome(total * 20 - 60_000, rare)
    measured('not found', () => opened.store.find([none]).size)
    const oldest = anOutcome(0, rare)
    measured('old one not found', () => opened.store.find([oldest]).size)
    opened.rows()
    opened.restart()
    measured('watermark after a start', () => opened.store.watermark.length)
    task.meta.counted = `${total} outcomes until ${now}: ${counted.join('; ')}`
  }))
