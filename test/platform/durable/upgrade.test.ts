// Objects as 0.1.0 left them are read, go on with what was under way, and keep what they know.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import type { Event } from '../../../src/engine/model/index.ts'
import { createD1Stores } from '../../../src/platform/d1/index.ts'
import { createVault } from '../../../src/platform/vault.ts'
import { frame } from '../../../src/primitives/framed-json.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { failing, reportTo } from '../../contracts/durable-fixtures.ts'
import { accept } from '../../contracts/event-log-fixtures.ts'
import { anEvent, type Deliver } from '../../fixtures/bench.ts'
import { openPlatformBench } from '../../fixtures/platform-bench.ts'

/** The tables of a webhook monitor and an event log, written down from the release. */
const MONITOR_0_1_0 = `
  CREATE TABLE reports (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, first_event TEXT NOT NULL,
    last_event TEXT NOT NULL, delivered INTEGER NOT NULL, failed INTEGER NOT NULL,
    diverted INTEGER NOT NULL, latencies TEXT NOT NULL, health TEXT NOT NULL, attempts TEXT NOT NULL);
  CREATE TABLE deliveries (event_id TEXT NOT NULL, run TEXT NOT NULL, status TEXT NOT NULL,
    attempts INTEGER NOT NULL, last_attempt_at INTEGER, next_attempt_at INTEGER,
    PRIMARY KEY (event_id, run)) WITHOUT ROWID;
  CREATE TABLE diverted (event_id TEXT PRIMARY KEY, event_type TEXT NOT NULL,
    diverted_at INTEGER NOT NULL, run TEXT, sent INTEGER NOT NULL DEFAULT 0,
    entry TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX diverted_unsent ON diverted (event_id) WHERE sent = 0 AND run IS NOT NULL;
  CREATE TABLE outbox (seq INTEGER PRIMARY KEY, message TEXT NOT NULL);
  CREATE TABLE resends (run TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, webhook_id TEXT NOT NULL)
    WITHOUT ROWID`

const LOG_0_1_0 = `
  CREATE TABLE packs (first_event TEXT PRIMARY KEY, last_event TEXT NOT NULL,
    webhooks TEXT NOT NULL, events TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE replays (run TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, request TEXT NOT NULL,
    sent_until TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE late_rows (run TEXT NOT NULL, first_event TEXT NOT NULL, sent_until TEXT NOT NULL,
    PRIMARY KEY (run, first_event)) WITHOUT ROWID;
  CREATE TABLE outbox (seq INTEGER PRIMARY KEY, message TEXT NOT NULL)`

/** The object again as the former release left it: with its tables, and these rows in them. */
async function becomeFormer(
  stub: DurableObjectStub,
  tables: string,
  fill: (sql: SqlStorage) => void,
): Promise<void> {
  await runInDurableObject(stub, async (_, { storage }) => {
    const { sql } = storage
    const query =
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'"
    for (const { name } of sql.exec<{ name: string }>(query).toArray())
      sql.exec(`DROP TABLE ${name}`)
    sql.exec(tables)
    fill(sql)
    // What is under way always has one.
    await storage.setAlarm(Date.now() + 60_000)
  })
  await evictDurableObject(stub)
}

/** The deliveries that objects hand to the queue. */
function openQueue(): Deliver[] {
  const sent: Deliver[] = []
  const spy = vi.spyOn(Object.getPrototypeOf(env.DELIVERIES), 'sendBatch')
  spy.mockImplementation(async (messages) => {
    const bodies = (messages as { body: string }[]).map(({ body }) => fromDeliveryText(body))
    sent.push(...bodies.filter((message) => message?.kind === 'deliver'))
  })
  return sent
}

afterEach(() => {
  vi.restoreAllMocks()
})

it('a webhook monitor knows its events, and ends a resend that was under way', async () => {
  const sent = openQueue()
  const bench = await openPlatformBench()
  const webhook = await bench.webhook()
  const events = Array.from({ length: 3 }, () => anEvent())
  const [first, second, third] = events as [Event, Event, Event]
  const run = newId(Date.now())
  const stub = env.MONITORS.getByName(webhook.id)
  const dataOf = (event: Event) =>
    frame({ event, divertedAt: Date.now(), trigger: 500, message: 'answered 500' })
  await becomeFormer(stub, MONITOR_0_1_0, (sql) => {
    for (const event of events) {
      // One is sent, one is claimed and not sent, one waits.
      const claimed = event === third ? null : run
      const query = 'INSERT INTO diverted VALUES (?, ?, ?, ?, ?, ?)'
      const isSent = event === first ? 1 : 0
      sql.exec(query, event.id, event.type, Date.now(), claimed, isSent, dataOf(event))
      const delivery = "INSERT INTO deliveries VALUES (?, '', 'diverted', 4, ?, NULL)"
      sql.exec(delivery, event.id, Date.now())
    }
    sql.exec('INSERT INTO resends VALUES (?, ?, ?)', run, bench.tenantId, webhook.id)
  })

  const monitor = bench.ports.monitor(webhook.id)
  expect((await monitor.diverted({ limit: 9 })).items).toHaveLength(3)
  expect(await monitor.statesOfEvents([first.id])).toMatchObject([
    { status: 'diverted', attempts: 4, reason: null, carrier: null },
  ])
  expect((await monitor.health()).totals).toMatchObject({ unsendable: 0 })
  await reportTo({ monitor, ref: bench.ref(webhook) }, [failing(anEvent())])
  await runDurableObjectAlarm(stub)
  expect(sent).toMatchObject([{ run, event: { id: second.id } }])
  expect(await monitor.job(run)).toMatchObject({ state: 'done', done: 1 })
  // All three can be asked for.
  expect(await bench.engine.webhooks.resendDiverted(bench.ref(webhook), {})).toMatchObject({
    queued: 3,
  })
})

it('an event log knows its events, and ends a replay that was under way', async () => {
  const sent = openQueue()
  const bench = await openPlatformBench()
  const webhook = await bench.webhook()
  const events = Array.from({ length: 3 }, () => anEvent())
  const stub = env.EVENT_LOGS.getByName(bench.tenantId)
  const run = newId(Date.now())
  const request = {
    webhookId: webhook.id,
    eventTypes: ['*'],
    scope: {},
    since: 0,
    until: Date.now() + 60_000,
    onlyMissing: false,
  }
  await becomeFormer(stub, LOG_0_1_0, (sql) => {
    for (const event of events) {
      const query = 'INSERT INTO packs VALUES (?, ?, ?, ?)'
      sql.exec(query, event.id, event.id, JSON.stringify([[webhook.id]]), frame([event]))
    }
    const [first] = events as [Event]
    const until = `${first.id}/${first.id}`
    sql.exec(
      'INSERT INTO replays VALUES (?, ?, ?, ?)',
      run,
      bench.tenantId,
      JSON.stringify(request),
      until,
    )
  })

  const log = bench.ports.eventLog(bench.tenantId)
  expect((await log.list({ limit: 9 })).items.map(({ id }) => id).toSorted()).toEqual(
    events.map(({ id }) => id).toSorted(),
  )
  expect(await bench.engine.jobs.get(bench.tenantId, run)).toMatchObject({
    kind: 'replay',
    webhookId: webhook.id,
    state: 'running',
  })
  await runDurableObjectAlarm(stub)
  await vi.waitFor(() => expect(sent).toHaveLength(2))
  expect(sent).toMatchObject(events.slice(1).map(({ id }) => ({ run, event: { id } })))
  await vi.waitFor(async () =>
    expect(await bench.engine.jobs.get(bench.tenantId, run)).toMatchObject({
      state: 'done',
      done: 2,
      total: 2,
    }),
  )
})

describe('an event log of before', () => {
  const DAY_MS = 86_400_000

  /** One that has an event, published an hour ago to a webhook. */
  async function openFormer() {
    openQueue()
    const bench = await openPlatformBench()
    const webhook = await bench.webhook()
    const event = anEvent({ id: newId(Date.now() - 3_600_000) })
    const stub = env.EVENT_LOGS.getByName(bench.tenantId)
    await becomeFormer(stub, LOG_0_1_0, (sql) => {
      const query = 'INSERT INTO packs VALUES (?, ?, ?, ?)'
      sql.exec(query, event.id, event.id, JSON.stringify([[webhook.id]]), frame([event]))
    })
    const { tenantId } = bench
    const subject = { log: bench.ports.eventLog(tenantId), tenantId }
    return { bench, webhook, event, stub, subject }
  }

  it('sends nothing on that it did not accept', async () => {
    const { stub, subject, event } = await openFormer()
    await runDurableObjectAlarm(stub)
    await accept(subject, [anEvent()])
    await runDurableObjectAlarm(stub)
    const sending = vi.mocked(Object.getPrototypeOf(env.DELIVERIES).sendBatch)
    expect(JSON.stringify(sending.mock.calls)).not.toContain(event.id)
    // It is for whom it was for, and may be accepted again.
    expect(await accept(subject, [event])).toMatchObject({ deliveries: [{ mayHaveBegun: true }] })
  })

  it('knows for 24 hours the keys that stand in the database', async () => {
    const { bench, event, subject } = await openFormer()
    const { tenantId } = bench
    const { deduplication } = createD1Stores(env.DB, createVault(env.SECRETS_KEY))
    const now = Date.now()
    const entries = [
      { key: 'event:known', contentHash: 'hash', answer: event.id },
      { key: 'event:unconfirmed', contentHash: 'hash', answer: event.id },
      { key: 'request:known', contentHash: 'hash', answer: `${event.id} ${event.id}+` },
    ]
    await deduplication.claim(tenantId, entries, { now, expiresAt: now + 2 * DAY_MS })
    await deduplication.confirm(tenantId, ['event:known', 'request:known'])
    const hand = (key: string, contentHash = 'hash') => {
      const submissions = [{ event: anEvent(), key: { key, contentHash } }]
      return accept(subject, [], { submissions })
    }
    const duplicate = { id: event.id, duplicate: true }
    expect(await hand('known')).toMatchObject({ answers: [duplicate], deliveries: [] })
    expect(await hand('known', 'other')).toEqual({ kind: 'conflict', index: 0 })
    expect(await hand('unconfirmed')).toMatchObject({ answers: [{ duplicate: false }] })
    const requestKey = { key: 'known', contentHash: 'hash' }
    expect(await accept(subject, [anEvent()], { requestKey })).toMatchObject({
      answers: [{ id: event.id, duplicate: false }, duplicate],
    })
    vi.useFakeTimers({ toFake: ['Date'], now: now + DAY_MS + 60_000 })
    expect(await hand('known')).toMatchObject({ answers: [{ duplicate: false }] })
    vi.useRealTimers()
  })

  it('that has no event asks the database for no key', async () => {
    openQueue()
    const { tenantId, ports } = await openPlatformBench()
    const { deduplication } = createD1Stores(env.DB, createVault(env.SECRETS_KEY))
    const now = Date.now()
    const entry = { key: 'event:known', contentHash: 'hash', answer: newId(now) }
    await deduplication.claim(tenantId, [entry], { now, expiresAt: now + DAY_MS })
    await deduplication.confirm(tenantId, [entry.key])
    const submissions = [{ event: anEvent(), key: { key: 'known', contentHash: 'hash' } }]
    expect(
      await accept({ log: ports.eventLog(tenantId), tenantId }, [], { submissions }),
    ).toMatchObject({ answers: [{ duplicate: false }] })
  })
})
