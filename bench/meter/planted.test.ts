// Whether the bars would notice: one thing more on the way of an event is planted at a time, and each turns them red.

import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Env } from '../../src/platform/env.ts'
import { EventLog } from '../../src/worker.ts'
import type { Counts } from './counts.ts'
import { HeldQueue } from './held-queue.ts'
import { meteredEnv } from './meter.ts'
import { Scenario } from './scenario.ts'
import { expectUsualWay } from './usual-way.ts'

const HOW = { events: 20, perPublish: 1, together: 10 }
/** Rows of two turns of ten; a key is read once. */
const USUAL = { publishes: 20, rows: 4, keyReads: 10 }

beforeEach(() => {
  vi.restoreAllMocks()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(null, { status: 204 }))
  vi.spyOn(console, 'log').mockImplementation(() => {})
})

afterEach(() => Scenario.closeAll())

/** Has every request to a receiver do something more in the invocation that sends. */
function inEachRequest(act: (env: Env) => Promise<unknown>): void {
  vi.mocked(fetch).mockImplementation(async () => {
    await act(meteredEnv({ ...env, DELIVERIES: new HeldQueue().binding }))
    return new Response(null, { status: 204 })
  })
}

/** Has an object do something more whenever it is asked for this. */
function inEachCall(name: 'accept' | 'record', act: (storage: DurableObjectStorage) => void): void {
  const method: (...args: never[]) => Promise<unknown> = EventLog.prototype[name]
  const spy = vi.spyOn(EventLog.prototype as unknown as Record<string, typeof method>, name)
  spy.mockImplementation(function (this: { ctx: DurableObjectState }, ...args: never[]) {
    act(this.ctx.storage)
    return method.apply(this as never, args)
  })
}

const writeRow = ({ sql }: DurableObjectStorage) => {
  sql.exec('CREATE TABLE IF NOT EXISTS planted (n INTEGER PRIMARY KEY)')
  sql.exec('INSERT INTO planted DEFAULT VALUES')
}

const PLANTED: readonly { what: string; figures: readonly (keyof Counts)[]; plant: () => void }[] =
  [
    {
      what: 'a row when events are accepted',
      figures: ['objectRowsWritten'],
      plant: () => inEachCall('accept', writeRow),
    },
    {
      what: 'a row when outcomes are noted',
      figures: ['objectRowsWritten'],
      plant: () => inEachCall('record', writeRow),
    },
    {
      what: 'an alarm that is set',
      figures: ['objectRowsWritten'],
      plant: () => inEachCall('record', (storage) => void storage.setAlarm(Date.now() + 3_600_000)),
    },
    {
      what: 'a call of an object',
      figures: ['objectRequests'],
      plant: () =>
        inEachRequest(({ EVENT_LOGS }) =>
          EVENT_LOGS.getByName('planted').jobs({ limit: 1, before: null }),
        ),
    },
    {
      what: 'a message',
      figures: ['queueWrites'],
      plant: () => inEachRequest(({ DELIVERIES }) => DELIVERIES.send('planted')),
    },
    {
      what: 'a look at D1',
      figures: ['databaseQueries'],
      plant: () => inEachRequest(({ DB }) => DB.prepare('SELECT 1').first()),
    },
    {
      what: 'a row in D1',
      figures: ['databaseRowsWritten', 'databaseRowsRead', 'databaseQueries'],
      plant: () => inEachRequest(({ DB }) => DB.prepare('UPDATE tenants SET epoch = epoch').run()),
    },
  ]

async function measure(): Promise<Counts> {
  const scenario = await Scenario.open({ webhooks: 1 })
  return scenario.measure(HOW)
}

describe('bars', () => {
  it.for(PLANTED)('notice $what', async ({ what, figures, plant }, { task }) => {
    const usual = await measure()
    expectUsualWay(usual, USUAL)
    plant()
    const counts = await measure()
    const more = figures.map((figure) => `${figure} +${counts[figure] - usual[figure]}`)
    task.meta.counted = `${what}, planted on the way of ${HOW.events} events: ${more.join(', ')}`
    expect(() => expectUsualWay(counts, USUAL)).toThrow()
    // Nothing else than that is why.
    const asUsual = figures.map((figure) => [figure, usual[figure]])
    expectUsualWay({ ...counts, ...Object.fromEntries(asUsual) }, USUAL)
  })
})
