// The bars of cost (docs/cost.md): what is asserted is counted, never timed. Event log and attempt log are on.

import { createExecutionContext, createMessageBatch, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import floor from './floor.ts'
import { HeldQueue } from './held-queue.ts'
import { meter, meteredEnv } from './meter.ts'
import { dollarsPerMillion } from './prices.ts'
import { Scenario } from './scenario.ts'

beforeEach(() => {
  vi.restoreAllMocks()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(null, { status: 204 }))
  // A line for every attempt.
  vi.spyOn(console, 'log').mockImplementation(() => {})
})

const perEvent = (count: number, events: number) => count / events

/** What docs/cost.md says of it. */
const [page = ''] = Object.values(
  import.meta.glob<string>('../../docs/cost.md', { query: '?raw', import: 'default', eager: true }),
)

describe('a million events', () => {
  // The ceilings are those the project set itself, but for one: $4.00 where each event comes alone to one webhook. The
  // publish is $0.30, its message $1.20, the invocation that reads it $0.30, a row in the event log and one in the
  // attempt log $1.15 each, what D1 reads a cent: to be cheaper, one of them would have to go. What is counted is
  // asserted as well, because a ceiling has room.
  it.for([
    {
      ...{ webhooks: 1, perPublish: 1, batchSize: 10, events: 100, most: 2, said: '**$1.76' },
      counted: { requests: 100, invocations: 10, queueWrites: 100, calls: 20, rows: 20 },
    },
    {
      ...{ webhooks: 3, perPublish: 1, batchSize: 10, events: 100, most: 2.6, said: '$1.99' },
      counted: { requests: 100, invocations: 10, queueWrites: 100, calls: 40, rows: 40 },
    },
    {
      ...{ webhooks: 1, perPublish: 1, batchSize: 1, events: 50, most: 4.12, said: '$4.11' },
      counted: { requests: 50, invocations: 50, queueWrites: 50, calls: 100, rows: 100 },
    },
    {
      ...{ webhooks: 3, perPublish: 1, batchSize: 1, events: 50, most: 7, said: '$6.42' },
      counted: { requests: 50, invocations: 50, queueWrites: 50, calls: 200, rows: 200 },
    },
    {
      ...{ webhooks: 1, perPublish: 50, batchSize: 10, events: 500, most: 0.3, said: '$0.035' },
      counted: { requests: 10, invocations: 1, queueWrites: 10, calls: 2, rows: 2 },
    },
    {
      ...{ webhooks: 3, perPublish: 50, batchSize: 10, events: 500, most: 0.3, said: '$0.040' },
      counted: { requests: 10, invocations: 1, queueWrites: 10, calls: 4, rows: 4 },
    },
  ])(
    'to $webhooks webhooks, published $perPublish at a time, in batches of $batchSize, cost at most $most dollars',
    async ({ most, said, counted, ...how }, { task }) => {
      const scenario = await Scenario.open(how)
      const counts = await scenario.measure(how)
      expect(fetch).toHaveBeenCalledTimes((how.events + 1) * how.webhooks)
      const dollars = dollarsPerMillion(counts, how.events)
      task.meta.counted = `${how.webhooks} × ${how.perPublish}, batches of ${how.batchSize}: $${dollars.toFixed(3)} a million events`
      expect(dollars).toBeLessThanOrEqual(most)
      expect(counts).toMatchObject({
        requests: counted.requests,
        invocations: counted.invocations,
        queueWrites: counted.queueWrites,
        queueReads: counted.queueWrites,
        queueDeletes: counted.queueWrites,
        objectRequests: counted.calls,
        objectRowsWritten: counted.rows,
        databaseRowsWritten: 0,
      })
      expect(page.includes(said), `docs/cost.md says ${said}`).toBe(true)
      expect(dollars).toBeCloseTo(
        Number(said.replace(/[^0-9.]/g, '')),
        said.includes('$0.') ? 3 : 2,
      )
    },
  )

  // Every tenth of a hundred fails at first. Its first retry is a message of its own: written, read, deleted. From then on
  // it stays in its message and costs a read. Each time the ten share a question to the log and a report, and each has a
  // row that says how it stands. Ten in a row that fail move their webhook to the slow lane and back: two rows of D1.
  it.for([
    { failures: 1, writes: 110, reads: 110, invocations: 11, calls: 22, rows: 41, laneRows: 0 },
    { failures: 2, writes: 110, reads: 120, invocations: 12, calls: 24, rows: 52, laneRows: 2 },
  ])(
    'of which a tenth fails $failures times cost what its retries do, and no more',
    async ({ failures, ...counted }, { task }) => {
      const how = { events: 100, perPublish: 1, batchSize: 10 }
      const scenario = await Scenario.open({ webhooks: 1 })
      const tries = new Map<string | null, number>()
      vi.mocked(fetch).mockImplementation(async (_, init) => {
        const id = new Headers(init?.headers).get('webhook-id')
        const made = tries.get(id) ?? (tries.size % 10 === 9 ? 0 : failures)
        tries.set(id, made + 1)
        return new Response(null, { status: made < failures ? 500 : 204 })
      })
      const counts = await scenario.measure(how)
      expect([...tries.values()]).toEqual(Array.from({ length: 100 }, () => failures + 1))
      const dollars = dollarsPerMillion(counts, how.events)
      task.meta.counted = `a tenth fails ${failures} times: $${dollars.toFixed(2)} a million events`
      expect(counts).toMatchObject({
        invocations: counted.invocations,
        queueWrites: counted.writes,
        queueReads: counted.reads,
        queueDeletes: counted.writes,
        objectRequests: counted.calls,
        objectRowsWritten: counted.rows,
        databaseRowsWritten: counted.laneRows,
      })
    },
  )

  it('cost a row again for each row that is deleted after a month', async ({ task }) => {
    const scenario = await Scenario.open({ webhooks: 1 })
    const { objectRowsWritten } = await scenario.measure({
      ...{ events: 100, perPublish: 1, batchSize: 10 },
    })
    const deleted = await scenario.forget(31 * 86_400_000)
    // The one that opened the scenario goes too, and the newest row of the webhook stays: it is its present health.
    expect(deleted.objectRowsWritten).toBe(objectRowsWritten + 2 - 1)
    expect(await scenario.forget(62 * 86_400_000)).toMatchObject({ objectRowsWritten: 0 })
    const dollars = dollarsPerMillion({ ...deleted, objectRequests: 0 }, 100)
    task.meta.counted = `deleted after a month: $${dollars.toFixed(2)} a million events more`
    expect(dollars).toBeCloseTo(0.2, 1)
    expect(page.includes('another $0.20'), 'docs/cost.md says so').toBe(true)
  })

  it('would cost 1.53 dollars at the floor, in batches of ten', async () => {
    const queue = new HeldQueue()
    const env = { EVENTS: queue.binding, TARGET_URL: 'https://receiver.example/hooks' }
    meter.take()
    for (let index = 0; index < 100; index += 1) {
      const request = new Request('https://floor.test/', { method: 'POST', body: '{}' })
      await floor.fetch(request, env, createExecutionContext())
    }
    for (let messages = queue.take(10); messages.length > 0; messages = queue.take(10)) {
      const batch = createMessageBatch('floor-events', [...messages])
      await floor.queue(batch, env, createExecutionContext())
    }
    expect(fetch).toHaveBeenCalledTimes(100)
    expect(dollarsPerMillion(meter.take(), 100)).toBeCloseTo(1.53, 10)
  })
})

describe('an event', () => {
  it('reads at most 50 rows of D1, however many webhooks do not match it', async ({ task }) => {
    const scenario = await Scenario.open({ webhooks: 1 })
    const scope = { inbox: '5e7a' }
    const otherTypes = await scenario.webhook(['order.*', 'invoice.sent'])
    const otherScope = await scenario.webhook(['invoice.*'], { scope })
    const disabled = await scenario.webhook(['invoice.*'], { enabled: false })
    await scenario.copyWebhook(otherTypes, 5_000)
    await scenario.copyWebhook(otherScope, 4_000)
    await scenario.copyWebhook(disabled, 1_000)
    const counts = await scenario.measure({ events: 10, perPublish: 1, batchSize: 1 })
    expect(fetch).toHaveBeenCalledTimes(1 + 10)
    const rows = perEvent(counts.databaseRowsRead, 10)
    task.meta.counted = `${rows} rows of D1 read an event beside 10,000 webhooks that do not match`
    expect(rows).toBeLessThanOrEqual(50)
  })

  it('reads no more of the logs the more was published before it', async ({ task }) => {
    const scenario = await Scenario.open({ webhooks: 1 })
    const how = { events: 60, perPublish: 1, batchSize: 1 }
    await scenario.measure(how)
    const counts = await scenario.measure(how)
    const rows = perEvent(counts.objectRowsRead, how.events)
    task.meta.counted = `${rows} rows of Durable Objects read an event after 60 others`
    expect(rows).toBeLessThanOrEqual(3)
  })
})

describe('the meter', () => {
  it('refuses what it cannot count', async () => {
    const stub = env.EVENT_LOGS.getByName('uncounted')
    await runInDurableObject(stub, (_, { storage }) => {
      expect(() => storage.put('a', 1)).toThrow('does not count')
      expect(() => storage.kv.put('a', 1)).toThrow('does not count')
    })
    expect(() => meteredEnv(env).DB.withSession()).toThrow('does not count')
  })
})
