// An erasure whose object is killed at each of its steps: it goes on where it was, and nothing of its events is left.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebhookMonitor } from '../../../src/platform/durable/webhook-monitor/webhook-monitor.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { ACCEPTED } from '../../../src/retention.ts'
import { diverted, reportTo } from '../../contracts/durable-fixtures.ts'
import { anEvent } from '../../fixtures/bench.ts'
import { interceptQueues } from '../../fixtures/deliveries.ts'
import { openPlatformBench } from '../../fixtures/platform-bench.ts'

/** Rows of three steps. */
const ROWS = 50
const SCOPE = { user: 'grace' }
const MINUTE_MS = 60_000

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** A log with a row for each event, which a webhook did not take. */
async function openLog() {
  interceptQueues()
  const bench = await openPlatformBench()
  const webhook = await bench.webhook()
  const start = Date.now() - ROWS * MINUTE_MS
  const events = Array.from({ length: ROWS }, (_, n) =>
    anEvent({
      ...{ id: newId(start + n * MINUTE_MS), data: `{"text":"planted-${n}"}` },
      scope: n % 5 === 0 ? { user: 'ada' } : SCOPE,
    }),
  )
  const log = () => env.EVENT_LOGS.getByName(bench.tenantId)
  const monitor = () => env.MONITORS.getByName(webhook.id)
  for (const event of events) await log().append([{ ...event, webhookIds: [webhook.id] }])
  const ref = bench.ref(webhook)
  const kept = events.map((event) => diverted(event, { responseExcerpt: event.data }))
  await reportTo({ monitor: bench.ports.monitor(webhook.id), ref }, kept)
  /** The planted texts in all tables of an object. */
  const plantedIn = (stub: DurableObjectStub) =>
    runInDurableObject(stub, (_, { storage: { sql } }) => {
      const tables = sql
        .exec<{ name: string }>(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'",
        )
        .toArray()
      const rows = tables.map(({ name }) => sql.exec(`SELECT * FROM ${name}`).toArray())
      return new Set(JSON.stringify(rows).match(/planted-\d+/g))
    })
  const planted = async () => [await plantedIn(log()), await plantedIn(monitor())]
  const jobOf = async (id: string) => (await log().job(id))?.progress
  const another = () => bench.webhook()
  return { ...bench, another, events, log, planted, jobOf }
}

/** Monitors are told of erasures call by call: of the one of this number the log hears that it failed, be it carried out or not. */
function failAt(call: number, mode: 'before' | 'after') {
  const erase = WebhookMonitor.prototype.erase
  let [calls, isOver] = [0, false]
  vi.spyOn(WebhookMonitor.prototype, 'erase').mockImplementation(async function (
    this: WebhookMonitor,
    ids,
  ) {
    calls += 1
    if (calls !== call) return erase.call(this, ids)
    if (mode === 'after') await erase.call(this, ids)
    isOver = true
    throw new Error('The connection broke.')
  })
  return () => vi.waitFor(() => expect(isOver).toBe(true))
}

const STEPS = [1, 2, 3].flatMap((call) =>
  (['before', 'after'] as const).map((mode) => [call, mode] as const),
)

describe('an erasure', () => {
  it.each(STEPS)(
    'goes on when it is killed at step %i, %s its monitor heard of it',
    async (...at) => {
      const { tenantId, log, planted, jobOf } = await openLog()
      for (const found of await planted()) expect(found.size).toBe(ROWS)
      const failed = failAt(...at)
      const id = newId(Date.now())
      await log().erase(tenantId, id, { scope: SCOPE })
      await failed()
      await evictDurableObject(log())
      vi.restoreAllMocks()
      interceptQueues()
      await runDurableObjectAlarm(log())
      const others = Array.from({ length: ROWS / 5 }, (_, n) => `planted-${n * 5}`).toSorted()
      for (const found of await planted()) expect([...found].toSorted()).toEqual(others)
      const done = ROWS - others.length
      expect(await jobOf(id)).toMatchObject({ state: 'running', done })
      // And once more, while it waits for what was being sent.
      await evictDurableObject(log())
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ACCEPTED.underWayMs + 1_000 })
      await runDurableObjectAlarm(log())
      expect(await jobOf(id)).toMatchObject({ state: 'done', done, total: done, error: null })
    },
  )

  it('is not held up by a monitor that cannot be told', async () => {
    const { tenantId, log, planted, jobOf, events, another } = await openLog()
    const broken = await another()
    await log().addWebhooks(
      events.map((event) => event.id),
      [broken.id],
    )
    const { erase } = WebhookMonitor.prototype
    const tell = vi.spyOn(WebhookMonitor.prototype, 'erase')
    tell.mockImplementation(async function (this: WebhookMonitor, ...args) {
      const { items } = await this.attempts({ limit: 1 }, null)
      // Of the broken one there are none.
      if (items.length === 0) throw new Error('The connection broke.')
      return erase.apply(this, args)
    })
    const id = newId(Date.now())
    await log().erase(tenantId, id, { scope: SCOPE })
    const others = Array.from({ length: ROWS / 5 }, (_, n) => `planted-${n * 5}`).toSorted()
    await vi.waitFor(async () => {
      for (const found of await planted()) expect([...found].toSorted()).toEqual(others)
    })
    const waiting = { state: 'running', error: expect.any(String) }
    await vi.waitFor(async () => expect(await jobOf(id)).toMatchObject(waiting))
    vi.restoreAllMocks()
    interceptQueues()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ACCEPTED.underWayMs + 1_000 })
    await runDurableObjectAlarm(log())
    expect(await jobOf(id)).toMatchObject({ state: 'done', error: null })
  })

  it('of events by their ids has them gone before anybody is told, and is repeated', async () => {
    const { tenantId, log, planted, jobOf, events } = await openLog()
    const tell = vi.spyOn(WebhookMonitor.prototype, 'erase').mockRejectedValue(new Error('Gone.'))
    const eventIds = events.map((event) => event.id)
    const [id, again] = [newId(Date.now()), newId(Date.now())]
    await log().erase(tenantId, id, { eventIds })
    await vi.waitFor(() => expect(tell).toHaveBeenCalled())
    await evictDurableObject(log())
    expect((await planted()).map((found) => found.size)).toEqual([0, ROWS])
    vi.restoreAllMocks()
    interceptQueues()
    await log().erase(tenantId, again, { eventIds })
    await runDurableObjectAlarm(log())
    expect((await planted()).map((found) => found.size)).toEqual([0, 0])
    for (const one of [id, again]) expect(await jobOf(one)).toMatchObject({ done: ROWS })
  })
})
