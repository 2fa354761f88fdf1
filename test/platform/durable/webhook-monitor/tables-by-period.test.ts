// What a monitor keeps in tables by period: it is read as if it stood in one, and goes with its table, but for what outlives that.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { INITIAL_HEALTH } from '../../../../src/engine/health/health.ts'
import { UNTRIED } from '../../../../src/engine/health/runs.ts'
import { createMonitors } from '../../../../src/platform/durable/monitor-client.ts'
import { DeliveryStore } from '../../../../src/platform/durable/webhook-monitor/delivery-store.ts'
import { ReportStore } from '../../../../src/platform/durable/webhook-monitor/report-store.ts'
import type { MonitorStores } from '../../../../src/platform/durable/webhook-monitor/stores.ts'
import type { WebhookMonitor } from '../../../../src/platform/durable/webhook-monitor/webhook-monitor.ts'
import { firstIdAt, newId } from '../../../../src/primitives/ids.ts'
import {
  delivered,
  diverted,
  dropped,
  eventAt,
  failing,
  idAt,
  NOON,
  reportTo,
} from '../../../contracts/durable-fixtures.ts'
import { interceptDeliveries } from '../../../fixtures/deliveries.ts'

const DAY_MS = 86_400_000
const tenantId = '01940000-0000-7000-8000-000000000001'
const KINDS = ['reports', 'deliveries', 'diverted']

function open() {
  const ref = { tenantId, id: newId(NOON) }
  const stub = env.MONITORS.getByName(ref.id)
  const setTime = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: NOON + ms })
  setTime(0)
  const sent = interceptDeliveries()
  const monitor = createMonitors(env)(ref.id)
  const flush = async () => {
    await runDurableObjectAlarm(stub)
    return sent
  }
  /** Its alarm so many days later, in a new life: none of its tables is half read. */
  const sweep = async (days: number) => {
    await monitor.health()
    await evictDurableObject(stub)
    setTime(days * DAY_MS)
    await runDurableObjectAlarm(stub)
  }
  const tables = () =>
    runInDurableObject(stub, (_, { storage: { sql } }) => tablesByPeriod(sql).toSorted())
  const subject = { ref, monitor, setTime, flush }
  return { ...subject, subject, stub, sweep, tables }
}

function tablesByPeriod(sql: SqlStorage): string[] {
  const query = "SELECT name FROM sqlite_master WHERE type = 'table'"
  const names = sql.exec<{ name: string }>(query).toArray()
  return names
    .map(({ name }) => name)
    .filter((name) => /^(reports|deliveries|diverted)_/.test(name))
}

/** Its storage as an earlier version has it: every row in the one table of its kind, or every one since a time. */
async function becomeFormer(stub: DurableObjectStub, since = 0): Promise<void> {
  // What it was about to tell of its reports is over.
  await evictDurableObject(stub)
  await runInDurableObject(stub, (_, { storage: { sql } }) => {
    sql.exec('ALTER TABLE diverted ADD COLUMN expires_at INTEGER')
    for (const name of tablesByPeriod(sql)) {
      const kind = KINDS.find((one) => name.startsWith(one)) ?? ''
      const columns = Object.keys(sql.exec(`SELECT * FROM ${name}`).toArray()[0] ?? {}).join(', ')
      const theirs = `FROM ${name} WHERE ${kind === 'reports' ? 'seq >= ?' : 'event_id >= ?'}`
      const first = kind === 'reports' ? since * 1_000 : firstIdAt(since)
      sql.exec(`INSERT INTO ${kind} (${columns}) SELECT ${columns} ${theirs}`, first)
      sql.exec(`DELETE ${theirs}`, first)
      if (since === 0) sql.exec(`DROP TABLE ${name}`)
    }
  })
  await evictDurableObject(stub)
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('the health of a webhook', () => {
  it('outlives the table of its last report', async () => {
    const { subject, monitor, stub, sweep, tables } = open()
    await reportTo(subject, [dropped(eventAt(0))])
    await reportTo(subject, [dropped(eventAt(1))])
    await sweep(40)
    expect(await tables()).toEqual([])
    expect((await monitor.health()).health.consecutiveFailures).toBe(2)
    // Nothing is left that could grow old.
    expect(await runInDurableObject(stub, (_, { storage }) => storage.getAlarm())).toBeNull()
    await evictDurableObject(stub)
    const later = eventAt(40 * DAY_MS)
    await reportTo(subject, [failing(later, { at: NOON + 40 * DAY_MS })])
    expect((await monitor.health()).health.consecutiveFailures).toBe(3)
    const { items } = await monitor.attempts({ limit: 9 })
    expect(items.map(({ eventId }) => eventId)).toEqual([later.id])
    await sweep(41)
    expect(await tables()).toHaveLength(2)
    expect((await monitor.health()).health.consecutiveFailures).toBe(3)
  })

  it('stays where it is while its table cannot be dropped', () => {
    const { stub } = open()
    return runInDurableObject(stub, (_, { storage: { sql } }) => {
      const reports = new ReportStore(sql)
      for (const version of [1, 2, 3]) {
        reports.insert({ id: idAt(version), health: { ...INITIAL_HEALTH, version } }, NOON)
      }
      const halfRead = sql.exec(`SELECT * FROM ${tablesByPeriod(sql)[0]}`)
      halfRead.next()
      expect(reports.prune(NOON + 9 * DAY_MS)).toBe(true)
      expect(new ReportStore(sql).health.version).toBe(3)
      expect(halfRead.toArray()).toHaveLength(2)
      expect(reports.prune(NOON + 9 * DAY_MS)).toBe(false)
      expect(tablesByPeriod(sql)).toEqual([])
      expect([reports.health.version, new ReportStore(sql).health.version]).toEqual([3, 3])
    })
  })
})

describe('a delivery', () => {
  it('that is under way outlives its table, and can still end', async () => {
    const { subject, monitor, sweep, tables } = open()
    const [open1, over] = [eventAt(0), eventAt(1)]
    await reportTo(subject, [failing(open1), dropped(over)])
    await sweep(40)
    expect(await tables()).toEqual([])
    const states = () => monitor.statesOfEvents([open1.id, over.id])
    expect(await states()).toMatchObject([
      { status: 'failing', attempts: 1 },
      { status: 'pending' },
    ])
    expect(await monitor.oldestUndelivered()).toBe(NOON)
    await reportTo(subject, [delivered(open1, { attempt: 2, at: NOON + 40 * DAY_MS })])
    expect(await states()).toMatchObject([{ status: 'delivered', attempts: 2 }, {}])
    await sweep(41)
    expect(await states()).toMatchObject([{ status: 'delivered', attempts: 2 }, {}])
    expect(await monitor.oldestUndelivered()).toBeNull()
  })

  it('that is one of very many under way keeps its table, with those that came later', () => {
    const { stub } = open()
    return runInDurableObject(stub, (_, { storage: { sql } }) => {
      const deliveries = new DeliveryStore(sql)
      const state = { ...UNTRIED, status: 'failing' } as const
      for (let n = 0; n < 1_001; n += 1) deliveries.put({ eventId: idAt(n), run: '' }, state)
      const later = idAt(20 * DAY_MS)
      deliveries.put({ eventId: later, run: '' }, state)
      expect(deliveries.prune(NOON + 90 * DAY_MS)).toBe(true)
      expect(tablesByPeriod(sql)).toHaveLength(2)
      const found = new DeliveryStore(sql).openEvents(2_000)
      expect([found.length, found.at(-1)]).toEqual([1_002, later])
      deliveries.put({ eventId: idAt(0), run: '' }, { ...state, status: 'dropped' })
      expect(deliveries.prune(NOON + 90 * DAY_MS)).toBe(true)
      expect(tablesByPeriod(sql)).toEqual([])
      expect(deliveries.openEvents(2_000)).toHaveLength(1_001)
      expect(deliveries.ofEvent(later)).toMatchObject([{ status: 'failing' }])
    })
  })

  it('whose writing was undone may be written again', () => {
    const { stub } = open()
    return runInDurableObject(stub, (_, { storage }) => {
      const deliveries = new DeliveryStore(storage.sql)
      const put = () => deliveries.put({ eventId: idAt(0), run: '' }, UNTRIED)
      expect(() =>
        storage.transactionSync(() => {
          put()
          throw new Error('Undone.')
        }),
      ).toThrow('Undone.')
      deliveries.reload()
      expect(deliveries.ofEvent(idAt(0))).toEqual([])
      put()
      expect(deliveries.ofEvent(idAt(0))).toMatchObject([{ status: 'pending' }])
    })
  })
})

describe('a diverted event', () => {
  const idsOf = async (monitor: ReturnType<typeof open>['monitor']) =>
    (await monitor.diverted({ limit: 99 })).items.map(({ event }) => event.id)

  it('goes when it says itself, or its tenant does, and at the latest 30 days after it was given up', async () => {
    const { subject, monitor, stub, sweep, tables } = open()
    const [brief, long, usual] = [
      eventAt(1, { retentionDays: 1 }),
      eventAt(2, { retentionDays: 60 }),
      eventAt(3),
    ]
    await reportTo(
      subject,
      [brief, long, usual].map((event) => diverted(event)),
    )
    expect(await idsOf(monitor)).toEqual([usual.id, long.id, brief.id])
    await sweep(2)
    expect(await idsOf(monitor)).toEqual([usual.id, long.id])
    expect(await monitor.findDiverted(brief.id)).toBeNull()
    const divertedTables = async () =>
      (await tables()).filter((name) => name.startsWith('diverted')).length
    expect(await divertedTables()).toBe(2)
    await (stub as unknown as { retain(days: number): Promise<void> }).retain(7)
    await sweep(8)
    expect(await idsOf(monitor)).toEqual([long.id])
    await sweep(13)
    expect(await divertedTables()).toBe(1)
    expect(await monitor.findDiverted(long.id)).toMatchObject({ event: long })
    await sweep(31)
    expect(await idsOf(monitor)).toEqual([])
    await sweep(38)
    expect(await divertedTables()).toBe(0)
  })

  it('stands where the events of its time stand, whichever of them goes', async () => {
    const { subject, monitor } = open()
    const events = [eventAt(0), eventAt(1, { retentionDays: 3 }), eventAt(9 * DAY_MS)]
    await reportTo(
      subject,
      events.map((event) => diverted(event)),
    )
    await reportTo(
      subject,
      events.slice(0, 2).map((event) => delivered(event, { attempt: 2 })),
    )
    expect(await idsOf(monitor)).toEqual([idAt(9 * DAY_MS)])
    expect(await monitor.deleteDiverted(idAt(9 * DAY_MS))).toBe(true)
    expect(await idsOf(monitor)).toEqual([])
  })
})

it('finds nothing more where it is purged in the middle of something', async () => {
  const { subject, stub } = open()
  await reportTo(subject, [diverted(eventAt(0))])
  await runInDurableObject(stub, async (object: WebhookMonitor) => {
    const { stores } = object as unknown as { stores: MonitorStores }
    await object.purge()
    expect(stores.told.between(NOON, NOON + DAY_MS)).toEqual([])
    expect(stores.diverted.find(idAt(0))).toBeNull()
    expect(stores.deliveries.ofEvent(idAt(0))).toEqual([])
  })
})

it('works again where a table has lost a column', async () => {
  const { subject, monitor, stub } = open()
  await reportTo(subject, [diverted(eventAt(0))])
  await evictDurableObject(stub)
  await runInDurableObject(stub, (_, { storage: { sql } }) => {
    for (const name of tablesByPeriod(sql)) {
      const lost = { reports: 'unsendable', deliveries: 'carrier', diverted: 'expires_at' }
      const [kind] = name.split('_') as [keyof typeof lost]
      sql.exec(`ALTER TABLE ${name} DROP COLUMN ${lost[kind]}`)
    }
  })
  await evictDurableObject(stub)
  await reportTo(subject, [diverted(eventAt(1))])
  expect(await monitor.statesOfEvents([idAt(0), idAt(1)])).toMatchObject([
    { status: 'diverted' },
    { status: 'diverted' },
  ])
  expect((await monitor.diverted({ limit: 9 })).items).toHaveLength(2)
  expect((await monitor.health()).totals).toMatchObject({ diverted: 2, unsendable: 0 })
})

describe('what came in many periods', () => {
  /** An event every four days, each diverted in a report of its own when it came, and every other one kept for long by itself. */
  async function openMany() {
    const opened = open()
    const events = Array.from({ length: 8 }, (_, n) =>
      eventAt(4 * n * DAY_MS, n % 2 === 0 ? {} : { retentionDays: 61 + 6 * n }),
    )
    for (const [n, event] of events.entries()) {
      opened.setTime(4 * n * DAY_MS + 1)
      await reportTo(opened.subject, [diverted(event, { at: NOON + 4 * n * DAY_MS })])
    }
    return { ...opened, events, newestFirst: events.map(({ id }) => id).toReversed() }
  }

  it.each(['today', 'by an earlier version', 'by both', 'by an earlier version again'])(
    'is listed and sent again, written %s',
    async (when) => {
      const { monitor, ref, stub, tables, flush, subject, events, newestFirst } = await openMany()
      expect((await tables()).length).toBeGreaterThan(15)
      const isAgain = when === 'by an earlier version again'
      if (when !== 'today') await becomeFormer(stub, isAgain ? NOON + 10 * DAY_MS : 0)
      if (when === 'by both') {
        const later = eventAt(29 * DAY_MS)
        await reportTo(subject, [diverted(later, { at: NOON + 29 * DAY_MS })])
        // An event of before that is given up once more stays where it is.
        await reportTo(subject, [
          diverted(events[3] ?? later, { run: idAt(1), at: NOON + 29 * DAY_MS }),
        ])
        newestFirst.unshift(later.id)
      }
      const seen: string[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await monitor.diverted({ limit: 3, ...(cursor !== undefined && { cursor }) })
        seen.push(...page.items.map(({ event }) => event.id))
        cursor = page.nextCursor
      }
      expect(seen).toEqual(newestFirst)
      const attempted = (await monitor.attempts({ limit: 99 })).items.map(({ eventId }) => eventId)
      expect(attempted).toEqual(when === 'by both' ? [events[3]?.id, ...newestFirst] : newestFirst)
      const states = await monitor.statesOfEvents(newestFirst)
      expect(new Set(states.map(({ status }) => status))).toEqual(new Set(['diverted']))
      const job = newId(Date.now())
      expect(await monitor.resendDiverted(ref, job, {})).toBe(newestFirst.length)
      const ids = (await flush()).flatMap((one) => (one.kind === 'deliver' ? one.event.id : []))
      expect(ids.toSorted()).toEqual(newestFirst.toSorted())
      // Each is sent once, and of each it is known what becomes of it.
      await runInDurableObject(stub, (object: WebhookMonitor) => {
        const { stores } = object as unknown as { stores: MonitorStores }
        expect(stores.diverted.unsent(job, 99)).toEqual([])
        expect(stores.reports.last.at).toBeGreaterThan(NOON + 28 * DAY_MS)
      })
      expect(await monitor.findDiverted(newestFirst[0] ?? '')).not.toBeNull()
      expect(await monitor.deleteDiverted(newestFirst[0] ?? '')).toBe(true)
      expect(await monitor.findDiverted(newestFirst[0] ?? '')).toBeNull()
    },
  )

  it('is not read for a page that does not show it', async () => {
    const { stub, tables } = await openMany()
    const count = (await tables()).filter((name) => name.startsWith('diverted')).length
    await runInDurableObject(stub, async (object: WebhookMonitor, { storage: { sql } }) => {
      const { stores } = object as unknown as { stores: MonitorStores }
      for (const [day, retentionDays] of [
        [0, undefined],
        [28, undefined],
        [28, 61],
      ] as const) {
        for (let n = 1; n <= 100; n += 1) {
          const event = eventAt(day * DAY_MS + n, retentionDays && { retentionDays })
          const about = { trigger: 500, message: 'It answered 500.', divertedAt: Date.now() }
          stores.diverted.put({ event, ...about })
        }
      }
      const exec = vi.spyOn(Object.getPrototypeOf(sql), 'exec')
      const page = await object.diverted({ limit: 3, offset: 0, before: null })
      const read = exec.mock.results.reduce((sum, { value }) => sum + value.rowsRead, 0)
      exec.mockRestore()
      expect(page.items).toHaveLength(3)
      expect(count).toBeGreaterThan(7)
      // The first of each table, and those that are shown.
      expect(read).toBeGreaterThan(3)
      expect(read).toBeLessThanOrEqual(count + 10)
    })
  })

  it('is found by whoever erases', async () => {
    const { stub, newestFirst } = await openMany()
    const found = await runInDurableObject(stub, (object: WebhookMonitor) =>
      object.contents(null, NOON + 90 * DAY_MS),
    )
    expect(found.items.map(({ eventId }) => eventId).toReversed()).toEqual(newestFirst)
  })

  it('goes by its age, written by an earlier version', async () => {
    const { monitor, stub, sweep, newestFirst } = await openMany()
    await becomeFormer(stub)
    await sweep(39)
    const ids = (await monitor.diverted({ limit: 99 })).items.map(({ event }) => event.id)
    expect(ids).toEqual(newestFirst.slice(0, 5))
    await sweep(99)
    expect((await monitor.health()).health.consecutiveFailures).toBe(8)
    const left = await runInDurableObject(stub, (_, { storage: { sql } }) =>
      KINDS.map((kind) => Number(sql.exec(`SELECT count(*) AS n FROM ${kind}`).one().n)),
    )
    expect(left).toEqual([1, 0, 0])
  })
})
