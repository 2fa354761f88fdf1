// The bars of cost (docs/cost.md): what is asserted is counted, never timed. Event log and attempt log are on.

import { createExecutionContext, createMessageBatch, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { KEYS } from '../../src/limits.ts'
import { costPage } from './cost-page.ts'
import floor from './floor.ts'
import { HeldQueue } from './held-queue.ts'
import { meter, meteredEnv } from './meter.ts'
import { dollarsPerMillion } from './prices.ts'
import { Scenario, withinDay } from './scenario.ts'
import { expectUsualWay } from './usual-way.ts'

beforeEach(() => {
  vi.restoreAllMocks()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(null, { status: 204 }))
  // A line for every attempt.
  vi.spyOn(console, 'log').mockImplementation(() => {})
})

afterEach(() => Scenario.closeAll())

const perEvent = (count: number, events: number) => count / events

describe('a million events', () => {
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

  // The ceilings are those the project set itself. What is counted is asserted as well, because a ceiling has room: each publish is
  // a request and two calls of its event log, and each of these writes a row, which ten publishes share where they come together.
  it.for([
    { webhooks: 1, perPublish: 1, together: 10, events: 100, most: 0.9, said: '$0.80', rows: 20 },
    { webhooks: 3, perPublish: 1, together: 10, events: 100, most: 0.9, said: '$0.80', rows: 20 },
    { webhooks: 10, perPublish: 1, together: 10, events: 100, most: 0.95, said: '$0.80', rows: 20 },
    { webhooks: 1, perPublish: 50, together: 1, events: 500, most: 0.06, said: '$0.052', rows: 20 },
    { webhooks: 1, perPublish: 50, together: 10, events: 500, most: 0.02, said: '$0.016', rows: 2 },
    { webhooks: 3, perPublish: 50, together: 10, events: 500, most: 0.02, said: '$0.016', rows: 2 },
    { webhooks: 100, perPublish: 1, together: 1, events: 3, most: 4, said: '$2.60', rows: 6 },
  ])(
    'to $webhooks webhooks, published $perPublish at a time and $together together, cost at most $most dollars',
    async ({ most, said, rows, ...how }, { task }) => {
      const scenario = await Scenario.open(how)
      const begun = Date.now()
      const counts = await scenario.measure(how)
      // Each of those that come together when a key is due again reads it.
      const keyReads = how.together * Math.ceil((Date.now() - begun) / KEYS.cacheMs)
      expect(fetch).toHaveBeenCalledTimes((how.events + 1) * how.webhooks)
      const dollars = dollarsPerMillion(counts, how.events)
      task.meta.counted = `${how.webhooks} × ${how.perPublish}, ${how.together} together: $${dollars.toFixed(3)} a million events`
      expectUsualWay(counts, { publishes: how.events / how.perPublish, rows, keyReads })
      expect(dollars).toBeLessThanOrEqual(most)
      expect(costPage.includes(said), `docs/cost.md says ${said}`).toBe(true)
      expect(dollars).toBeCloseTo(Number(said.slice(1)), dollars < 0.1 ? 3 : 2)
    },
  )

  // What expressions make, and what a filter leaves out, is in the row that is written anyway.
  it.for([
    { fields: { filter: 'type = "invoice.paid"', body: '{"text": type}' }, sent: 101 },
    { fields: { filter: 'type = "none"' }, sent: 0 },
  ])('cost nothing more with expressions: $fields', async ({ fields, sent }) => {
    const how = { perPublish: 1, together: 10, events: 100 }
    const scenario = await Scenario.open({ webhooks: 1, fields })
    const counts = await scenario.measure(how)
    expect(fetch).toHaveBeenCalledTimes(sent)
    expect(counts).toMatchObject({ objectRequests: 200, objectRowsWritten: 20, queueWrites: 0 })
    expect(dollarsPerMillion(counts, how.events)).toBeCloseTo(0.8, 2)
  })

  // Each writes two rows; the alarm that looks for what was lost is set and rings once in five minutes at most.
  it.for([
    { webhooks: 1, events: 60, everyMs: 60_000, most: 3, said: '$2.85' },
    { webhooks: 3, events: 60, everyMs: 60_000, most: 3, said: '$2.85' },
    { webhooks: 1, events: 24, everyMs: 3_600_000, most: 4, said: '$3.85' },
    { webhooks: 10, events: 24, everyMs: 3_600_000, most: 4, said: '$3.85' },
  ])(
    'to $webhooks webhooks, each alone and $everyMs ms after the one before, cost at most $most dollars',
    async ({ webhooks, events, everyMs, most, said }, { task }) => {
      const scenario = await Scenario.open({ webhooks })
      const counts = await scenario.measureApart(events, everyMs)
      // The look for the key, which tells the catalogue's revision, too; and once what the day's activity was.
      expect(counts.databaseQueries).toBeLessThanOrEqual(events + 1)
      const dollars = dollarsPerMillion(counts, events)
      task.meta.counted = `one in ${everyMs / 60_000} min, ${webhooks} webhooks: $${dollars.toFixed(2)} a million events`
      expect(dollars).toBeLessThanOrEqual(most)
      expect(costPage.includes(said), `docs/cost.md says ${said}`).toBe(true)
      expect(dollars).toBeCloseTo(Number(said.slice(1)), 1)
    },
  )

  // Every tenth of a hundred, each published alone, fails at first. Its report is a call and a row, as is what the event log hears of
  // its webhook's trouble, and the same again with the next success, which ends it. Its retry is a message: written, read,
  // deleted; from then on it stays in its message and costs a read. (Two rows are the table of what waits in a hold, which each
  // monitor makes once, and four those of reports and deliveries, which it makes once in five days.) What fails at once changes no lane.
  it.for([
    { failures: 1, writes: 10, reads: 10, invocations: 1, calls: 241, rows: 274, laneRows: 0 },
    // After an hour of failing its owner is told, once: two messages (a batch each here), an event without a webhook for it.
    { failures: 2, writes: 12, reads: 22, invocations: 4, calls: 245, rows: 290, laneRows: 0 },
  ])(
    'of which a tenth fails $failures times cost what its retries do, and no more',
    async ({ failures, ...counted }, { task }) => {
      const how = { events: 100, perPublish: 1 }
      const tries = new Map<string | null, number>()
      vi.mocked(fetch).mockImplementation(async (_, init) => {
        const id = new Headers(init?.headers).get('webhook-id')
        const made = tries.get(id) ?? (tries.size % 10 === 9 ? 0 : failures)
        tries.set(id, made + 1)
        return new Response(null, { status: made < failures ? 500 : 204 })
      })
      const counts = await withinDay(async () => {
        const scenario = await Scenario.open({ webhooks: 1 })
        tries.clear()
        return scenario.measure(how)
      })
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
      })
      // What the monitor counted, told by the first report of an hour: each retry may come in another one.
      expect(counts.databaseRowsWritten - counted.laneRows).toBeLessThanOrEqual(failures + 1)
    },
  )

  it('whose producer gave them an id cost a row more each: its deduplication key', async ({
    task,
  }) => {
    const how = { events: 100, perPublish: 1, together: 10 }
    const scenario = await Scenario.open({ webhooks: 1 })
    await scenario.measure({ ...how, events: 10, isKeyed: true })
    const counts = await scenario.measure({ ...how, isKeyed: true })
    const dollars = dollarsPerMillion(counts, how.events)
    task.meta.counted = `with a key: $${dollars.toFixed(2)} a million events`
    expect(counts).toMatchObject({ objectRequests: 200, objectRowsWritten: 20 + 100 })
    expect(dollars).toBeCloseTo(0.8 + 1, 1)
    expect(costPage).toContain('$1.00 a million keys')
  })

  // Each is a request, a call and a row of the table of scheduled events; a hundred are accepted in two rows, by a step of fifty each,
  // which end their waiting (a row each), and are handed to the queue as what nobody took care of (two rows each).
  it('that are scheduled, a hundred for one time, cost four rows each', async ({ task }) => {
    const scenario = await Scenario.open({ webhooks: 1 })
    const counts = await scenario.measureScheduled(100, 60_000)
    expect(fetch).toHaveBeenCalledTimes(1 + 101)
    const dollars = dollarsPerMillion(counts, 100)
    task.meta.counted = `scheduled: $${dollars.toFixed(2)} a million events, ${JSON.stringify(counts)}`
    expect(counts).toMatchObject({ requests: 100, databaseRowsWritten: 0 })
    expect(perEvent(counts.objectRowsWritten, 100)).toBeLessThanOrEqual(4.3)
    const said = '$4.73'
    expect(costPage.includes(said), `docs/cost.md says ${said}`).toBe(true)
    expect(dollars).toBeCloseTo(Number(said.slice(1)), 1)
  })

  // The acceptance is a call and a row, and its page a request and a call; nothing is sent, and nothing noted of it.
  it('that consumers of a webhook read themselves cost their publish, and hardly more', async ({
    task,
  }) => {
    const scenario = await Scenario.open({ webhooks: 1, fields: { url: undefined, pull: true } })
    const { read, ...counts } = await scenario.measurePulled(100)
    const dollars = dollarsPerMillion(counts, 100)
    task.meta.counted = `pulled: $${dollars.toFixed(2)} a million events, ${JSON.stringify(counts)}`
    // With the one that was published before anything was counted.
    expect(read).toBe(101)
    expect(fetch).not.toHaveBeenCalled()
    expect(counts).toMatchObject({ requests: 101, objectRequests: 101, queueWrites: 0 })
    expect(counts).toMatchObject({ objectRowsWritten: 100, databaseRowsWritten: 0 })
    const said = '$1.46'
    expect(costPage.includes(said), `docs/cost.md says ${said}`).toBe(true)
    expect(dollars).toBeCloseTo(Number(said.slice(1)), 1)
  })

  it('to a webhook with a rate that has room for them, cost a message and a permit each', async ({
    task,
  }) => {
    const scenario = await Scenario.open({ webhooks: 1, fields: { rate: { perSecond: 1_000 } } })
    const counts = await scenario.measureReleased(100)
    const dollars = dollarsPerMillion(counts, 100)
    task.meta.counted = `rated: $${dollars.toFixed(2)} a million events, ${JSON.stringify(counts)}`
    expect(fetch).toHaveBeenCalledTimes(101)
    expect(counts).toMatchObject({ requests: 100, queueWrites: 100, queueReads: 100 })
    expect(perEvent(counts.objectRowsWritten, 100)).toBeLessThanOrEqual(9.2)
    const said = '$11.44'
    expect(costPage.includes(said), `docs/cost.md says ${said}`).toBe(true)
    expect(dollars).toBeCloseTo(Number(said.slice(1)), 1)
  })

  it('to a webhook with a batch of fifty, fifty a publish, cost a fiftieth of a message each', async ({
    task,
  }) => {
    const fields = { batch: { maxEvents: 50, maxWaitMs: 0 } }
    const scenario = await Scenario.open({ webhooks: 1, fields })
    await scenario.measureReleased(50, 50)
    const counts = await scenario.measureReleased(500, 50)
    const dollars = dollarsPerMillion(counts, 500)
    task.meta.counted = `together: $${dollars.toFixed(2)} a million events, ${JSON.stringify(counts)}`
    expect(counts).toMatchObject({ requests: 10, queueWrites: 10, queueReads: 10 })
    expect(perEvent(counts.objectRowsWritten, 500)).toBeLessThanOrEqual(4.3)
    const said = '$4.26'
    expect(costPage.includes(said), `docs/cost.md says ${said}`).toBe(true)
    expect(dollars).toBeCloseTo(Number(said.slice(1)), 1)
  })

  it('to a paused webhook cost what they do with a rate, but for the permit, once it is resumed', async ({
    task,
  }) => {
    const scenario = await Scenario.open({ webhooks: 1, fields: { paused: true } })
    await scenario.measureReleased(1, 1)
    const counts = await scenario.measureReleased(100, 1, () => scenario.resume())
    const dollars = dollarsPerMillion(counts, 100)
    task.meta.counted = `paused: $${dollars.toFixed(2)} a million events, ${JSON.stringify(counts)}`
    const said = '$10.49'
    expect(costPage.includes(said), `docs/cost.md says ${said}`).toBe(true)
    expect(dollars).toBeCloseTo(Number(said.slice(1)), 1)
  })

  it('to a webhook with an order, of keys of their own, cost a message each', async ({ task }) => {
    const fields = { order: { key: 'id' } }
    const scenario = await Scenario.open({ webhooks: 1, fields })
    await scenario.measureReleased(1)
    const counts = await scenario.measureReleased(100)
    const dollars = dollarsPerMillion(counts, 100)
    task.meta.counted = `in order: $${dollars.toFixed(2)} a million events, ${JSON.stringify(counts)}`
    expect(fetch).toHaveBeenCalledTimes(102)
    expect(counts).toMatchObject({ requests: 100, queueWrites: 100, queueReads: 100 })
    expect(perEvent(counts.objectRowsWritten, 100)).toBeLessThanOrEqual(13.4)
    const said = '$15.18'
    expect(costPage.includes(said), `docs/cost.md says ${said}`).toBe(true)
    expect(dollars).toBeCloseTo(Number(said.slice(1)), 1)
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
    const counts = await scenario.measure({ events: 10, perPublish: 1 })
    expect(fetch).toHaveBeenCalledTimes(1 + 10)
    const rows = perEvent(counts.databaseRowsRead, 10)
    task.meta.counted = `${rows} rows of D1 read an event beside 10,000 webhooks that do not match`
    expect(rows).toBeLessThanOrEqual(50)
  })

  it('reads no more of the logs the more was published before it', async ({ task }) => {
    const scenario = await Scenario.open({ webhooks: 1 })
    const how = { events: 60, perPublish: 1 }
    const before = await scenario.measure(how)
    const after = await scenario.measure(how)
    const rows = perEvent(after.objectRowsRead, how.events)
    task.meta.counted = `${rows} rows of Durable Objects read an event after 60 others`
    expect(rows).toBe(perEvent(before.objectRowsRead, how.events))
    expect(rows).toBeLessThanOrEqual(5)
  })
})

describe('the meter', () => {
  it('counts nothing later of what was measured before', async () => {
    const scenario = await Scenario.open({ webhooks: 1, fields: { order: { key: 'type' } } })
    await scenario.measureReleased(2)
    expect(await scenario.alarms()).not.toEqual([null, null])
    await Scenario.closeAll()
    expect(await scenario.alarms()).toEqual([null, null])
  })

  it('refuses what it cannot count', async () => {
    const stub = env.EVENT_LOGS.getByName('uncounted')
    await runInDurableObject(stub, (_, { storage }) => {
      expect(() => storage.put('a', 1)).toThrow('does not count')
      expect(() => storage.kv.put('a', 1)).toThrow('does not count')
    })
    expect(() => meteredEnv(env).DB.withSession()).toThrow('does not count')
  })
})
