// Retention of everything that is kept, through the Worker and in real storage: the clock is moved, what is old goes,
// what should stay stays.

import {
  createExecutionContext,
  createScheduledController,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createD1Stores } from '../../src/platform/d1/index.ts'
import { createVault } from '../../src/platform/vault.ts'
import worker from '../../src/worker.ts'
import { call, createWebhook, fares, final, openWorld } from '../end-to-end/world.ts'
import { openReceiver, publish, sendAs } from '../fixtures/hookline.ts'

const DAY_MS = 86_400_000
const stores = createD1Stores(env.DB, createVault(env.SECRETS_KEY))

function setTime(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(ms)
}

/** What the cron does. */
async function sweep(): Promise<void> {
  const ctx = createExecutionContext()
  await worker.scheduled(createScheduledController(), env, ctx)
  await waitOnExecutionContext(ctx)
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('the cron', () => {
  it('deletes a pull webhook an hour after its last pull, in the name of Hookline', async () => {
    const { key, tenant } = await openWorld()
    const ask = async (method: string, path: string, fields?: object) => {
      const body = fields && JSON.stringify(fields)
      return await sendAs(key)({ method, path: `/v1/webhooks${path}`, ...(body && { body }) })
    }
    const made = { pull: true, eventTypes: ['*'], deleteAfterIdleSeconds: 3_600 }
    const { id } = (await ask('POST', '', made)).body as { id: string }
    const now = Date.now()
    setTime(now + 50 * 60_000)
    expect((await ask('GET', `/${id}/pull`)).status).toBe(200)
    setTime(now + 110 * 60_000)
    await sweep()
    expect((await ask('GET', `/${id}`)).status).toBe(200)
    setTime(now + 116 * 60_000)
    await sweep()
    expect((await ask('GET', `/${id}`)).status).toBe(404)
    const [entry] = await stores.audit.list({ tenantId: tenant.id, limit: 1, behind: null })
    expect(entry).toMatchObject({
      ...{ action: 'webhook.deleted', via: 'system', target: { id } },
      actor: { kind: 'system' },
    })
  })

  it('removes deduplication keys after 24 h, not before: a repetition is one until then', async () => {
    const { key, tenant } = await openWorld()
    const now = Date.now()
    // Where a former version wrote it.
    const former = { key: 'event:order-41', contentHash: 'hash', answer: tenant.id }
    await stores.deduplication.claim(tenant.id, [former], { now, expiresAt: now + DAY_MS })
    const post = async () => {
      const body = '{"type":"a.b","id":"order-42","data":{}}'
      const answer = await sendAs(key)({ method: 'POST', path: '/v1/events', body })
      return (answer.body as { events: [{ id: string; duplicate: boolean }] }).events[0]
    }
    const keys = () => env.DB.prepare('SELECT count(*) AS n FROM deduplication_keys').first('n')
    const first = await post()
    setTime(now + DAY_MS - 60_000)
    await sweep()
    expect(await keys()).toBe(1)
    expect(await post()).toEqual({ ...first, duplicate: true })
    setTime(now + DAY_MS + 60_000)
    await sweep()
    expect(await keys()).toBe(0)
    expect(await post()).toMatchObject({ duplicate: false })
  })

  it('removes dead letters after 30 days, not before', async () => {
    const now = Date.now()
    for (const days of [31, 29]) {
      const letter = { queue: 'events', reason: 'It does not parse.', body: '{' } as const
      const at = now - days * DAY_MS
      await stores.deadLetters.insert({ ...letter, id: `${days}`, at, sentAt: at })
    }
    await sweep()
    const left = await stores.deadLetters.list({ limit: 9, before: null })
    expect(left.map(({ id }) => id)).toEqual(['29'])
  })
})

describe('an alarm', () => {
  /** Rows of each table that an object has. */
  function rows(stub: DurableObjectStub, tables: readonly string[]): Promise<readonly number[]> {
    return runInDurableObject(stub, (_, { storage }) =>
      tables.map((table) => Number(storage.sql.exec(`SELECT count(*) AS n FROM ${table}`).one().n)),
    )
  }

  /** Rows of each kind that a monitor has, in all of its tables: one for each five days of them, and the former one. */
  function rowsOfMonitor(stub: DurableObjectStub): Promise<readonly number[]> {
    return runInDurableObject(stub, (_, { storage: { sql } }) =>
      ['diverted', 'deliveries', 'reports'].map((kind) => {
        const query = `SELECT name FROM sqlite_master WHERE type = 'table' AND (name = ?1 OR name GLOB ?1 || '_*')`
        const tables = sql.exec<{ name: string }>(query, kind).toArray()
        const counts = tables.map(({ name }) =>
          Number(sql.exec(`SELECT count(*) AS n FROM ${name}`).one().n),
        )
        return counts.reduce((sum, count) => sum + count, 0)
      }),
    )
  }

  /** Tables of events that a log has: one for five days of them. */
  function eventTables(stub: DurableObjectStub): Promise<number> {
    const query = "SELECT count(*) AS n FROM sqlite_master WHERE name GLOB 'packs_*'"
    return runInDurableObject(stub, (_, { storage }) => Number(storage.sql.exec(query).one().n))
  }

  /** Jobs of an object that are not over. */
  function running(stub: DurableObjectStub): Promise<number> {
    const query = "SELECT count(*) AS n FROM jobs WHERE state = 'running'"
    return runInDurableObject(stub, (_, { storage }) => Number(storage.sql.exec(query).one().n))
  }

  function alarmOf(stub: DurableObjectStub): Promise<number | null> {
    return runInDurableObject(stub, (_, { storage }) => storage.getAlarm())
  }

  it('removes what 30 days ago was attempted, diverted and published, not what was 29 days ago', async () => {
    const { tenant, key } = await openWorld()
    const webhook = await createWebhook(
      key,
      openReceiver(() => new Response(null, { status: 500 })),
      { failureHandling: { ...final.failureHandling, suspend: null } },
    )
    const now = Date.now()
    const event = { type: 'invoice.paid', data: '{}' }
    const first = await publish(key, event)
    await fares(key, first, webhook, 'diverted')
    const monitor = env.MONITORS.getByName(webhook.id)
    const log = env.EVENT_LOGS.getByName(tenant.id)
    setTime(now + 29 * DAY_MS)
    await runDurableObjectAlarm(monitor)
    await log.sweep()
    expect(await rowsOfMonitor(monitor)).toEqual([1, 1, 1])
    expect((await log.list({ limit: 9 }, null)).items).not.toEqual([])
    expect(await eventTables(log)).toBe(1)
    expect(await alarmOf(monitor)).not.toBeNull()
    vi.useRealTimers()
    const second = await publish(key, event)
    await fares(key, second, webhook, 'diverted')
    // What Hookline tells of both has been published, too.
    await vi.waitFor(async () => {
      expect((await log.list({ limit: 9 }, null)).items).toHaveLength(4)
    }, 10_000)
    setTime(now + 31 * DAY_MS)
    await runDurableObjectAlarm(monitor)
    // What is not gone yet is not shown.
    expect((await log.list({ limit: 9 }, null)).items).toEqual([])
    expect((await monitor.attempts({ limit: 9 }, null)).items).toEqual([])
    expect((await monitor.diverted({ limit: 9, offset: 0, before: null })).items).toEqual([])
    // It sleeps: no table goes while one is half read.
    await evictDurableObject(monitor)
    setTime(now + 36 * DAY_MS)
    await runDurableObjectAlarm(monitor)
    // The newest report is the present health, which never goes.
    expect(await rowsOfMonitor(monitor)).toEqual([0, 0, 1])
    // Nothing is left that could grow old, so nobody is woken for it.
    expect(await alarmOf(monitor)).toBeNull()
    // It sleeps: no table goes while one is half read.
    await evictDurableObject(log)
    await log.sweep()
    expect(await eventTables(log)).toBe(0)
    vi.useRealTimers()
    await fares(key, await publish(key, event), webhook, 'diverted')
    expect([await alarmOf(monitor), await alarmOf(log)]).not.toContain(null)
    const health = await call(key, 200, 'GET', `/webhooks/${webhook.id}/health`)
    expect(health).toMatchObject({ consecutiveFailures: 3 })
  })

  it('leaves nothing of resends, replays and messages once they are sent', async () => {
    const { tenant, key } = await openWorld()
    const webhook = await createWebhook(
      key,
      openReceiver(() => new Response(null, { status: 500 })),
      { failureHandling: { ...final.failureHandling, suspend: null } },
    )
    const id = await publish(key, { type: 'invoice.paid', data: '{}' })
    await fares(key, id, webhook, 'diverted')
    await call(key, 202, 'POST', `/webhooks/${webhook.id}/diverted/resend`, {})
    await call(key, 202, 'POST', `/webhooks/${webhook.id}/replay`, {
      since: '2020-01-01T00:00:00Z',
    })
    const monitor = env.MONITORS.getByName(webhook.id)
    const log = env.EVENT_LOGS.getByName(tenant.id)
    await vi.waitFor(async () => {
      expect(await rows(monitor, ['outbox'])).toEqual([0])
      expect(await rows(log, ['replays', 'late_rows', 'outbox'])).toEqual([0, 0, 0])
      expect([await running(monitor), await running(log)]).toEqual([0, 0])
    })
    // The jobs themselves can be read for 30 days.
    expect([await rows(monitor, ['jobs']), await rows(log, ['jobs'])]).toEqual([[1], [2]])
    setTime(Date.now() + 31 * DAY_MS)
    await runDurableObjectAlarm(monitor)
    await runDurableObjectAlarm(log)
    expect([await rows(monitor, ['jobs']), await rows(log, ['jobs'])]).toEqual([[0], [0]])
  })
})
