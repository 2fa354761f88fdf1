// An object whose table lacks a column, whichever that is, works after opening.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { toDeliverMessage, toDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import type { DeploymentJobs, EventLog, Monitor } from '../../../src/engine/ports/index.ts'
import { createD1Stores } from '../../../src/platform/d1/index.ts'
import { DEPLOYMENT_JOBS_SCHEMA } from '../../../src/platform/durable/deployment-jobs.ts'
import { createDeploymentJobsClient } from '../../../src/platform/durable/deployment-jobs-client.ts'
import { OutcomeRuns } from '../../../src/platform/durable/event-log/outcome-runs.ts'
import { toSegments } from '../../../src/platform/durable/event-log/outcome-segment.ts'
import { EVENT_LOG_SCHEMA } from '../../../src/platform/durable/event-log/schema.ts'
import { createEventLogs } from '../../../src/platform/durable/event-log-client.ts'
import { migrate, type ObjectSchema } from '../../../src/platform/durable/migrate.ts'
import { createMonitors } from '../../../src/platform/durable/monitor-client.ts'
import { MONITOR_SCHEMA } from '../../../src/platform/durable/webhook-monitor/schema.ts'
import { createVault } from '../../../src/platform/vault.ts'
import { frame } from '../../../src/primitives/framed-json.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { delivered, diverted, failing, reportTo } from '../../contracts/durable-fixtures.ts'
import { aWebhook } from '../../contracts/store-fixtures.ts'
import { anEvent } from '../../fixtures/bench.ts'
import { interceptQueues } from '../../fixtures/deliveries.ts'

const tenantId = '01940000-0000-7000-8000-000000000001'
const MINUTE = 60_000

/** A class of objects: how one is found, and what has to work whatever its storage lacked. */
interface ObjectClass {
  readonly schema: ObjectSchema
  readonly stubOf: (name: string) => DurableObjectStub
  /** Writes into every table of a version, through its own tables, which are there. */
  readonly fill: (sql: SqlStorage, name: string, version: number) => void
  readonly works: (name: string, lost: string) => Promise<void>
}

const event = anEvent({ id: newId(Date.now() - MINUTE) })
const other = anEvent({ id: newId(Date.now() - MINUTE + 1) })
const MESSAGE = toDeliveryText({ kind: 'purge', webhookId: newId(0) })
const job = newId(Date.now() - MINUTE + 2)

function insert(sql: SqlStorage, table: string, row: Readonly<Record<string, SqlStorageValue>>) {
  const places = Object.keys(row).map(() => '?')
  const query = `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${places.join(', ')})`
  sql.exec(query, ...Object.values(row))
}

function insertJob(sql: SqlStorage, kind: string, subject: string, request: unknown) {
  const text = request === '' ? '' : JSON.stringify(request)
  const about = { kind, subject, request: text, created_at: Date.now() }
  insert(sql, 'jobs', { id: job, ...about, state: 'running', done: 0, total: 1 })
}

const CLASSES: Readonly<Record<string, ObjectClass>> = {
  WebhookMonitor: {
    schema: MONITOR_SCHEMA,
    stubOf: (name) => env.MONITORS.getByName(name),
    fill(sql, name, version) {
      const made = { ...attemptOf(delivered(event)), at: Date.now() - MINUTE }
      insert(sql, 'reports', {
        ...{ seq: (Date.now() - MINUTE) * 1_000, id: newId(Date.now()), health: '{}' },
        ...{ first_event: event.id, last_event: event.id, delivered: 1, failed: 0, diverted: 0 },
        ...{ latencies: '[20]', attempts: JSON.stringify([made]) },
      })
      const state = { run: '', status: 'diverted', attempts: 4 }
      insert(sql, 'deliveries', { event_id: other.id, ...state })
      const entry = frame({ event: other, divertedAt: Date.now(), trigger: 500, message: 'Bad.' })
      const about = { event_id: other.id, event_type: other.type, diverted_at: Date.now() }
      insert(sql, 'diverted', { ...about, run: job, sent: 0, entry })
      insert(sql, 'outbox', { message: MESSAGE })
      if (version === 1) {
        insert(sql, 'resends', { run: job, tenant_id: tenantId, webhook_id: name })
        return
      }
      sql.exec('UPDATE diverted SET job = run')
      insertJob(sql, 'resend', name, { tenantId, rest: null })
      if (version === 2) return
      insert(sql, 'erased_events', { event_id: newId(0), at: Date.now() })
      insert(sql, 'tenant_retention', { only: 1, days: 30 })
      insert(sql, 'permits', { only: 1, given: '{"perSecond":[[9,1]]}' })
      const ref = { tenantId, id: name }
      const first = { run: '', attempts: 0, role: 'watchdog' } as const
      const waiting = toDeliveryText(toDeliverMessage(ref, anEvent(), first))
      const place = { order_key: 'a', place: 1, message: waiting }
      insert(sql, 'places', { event_id: newId(Date.now()), ...place })
      insert(sql, 'lined_up', { log: 'log', number: 7 })
      const joined = { keys: '[["an event",""]]', parts: JSON.stringify([waiting]) }
      insert(sql, 'joint', { id: newId(Date.now()), ...joined })
    },
    async works(name, lost) {
      const monitor = createMonitors(env)(name)
      const ref = { tenantId, id: name }
      const third = anEvent()
      await reportTo({ monitor, ref }, [failing(third)], { id: newId(Date.now()) })
      await reportTo({ monitor, ref }, [diverted(third)], { id: newId(Date.now()) })
      await readMonitor(monitor, third.id)
      const found = (await monitor.diverted({ limit: 9 })).items.map((one) => one.event.id)
      expect(found).toContain(third.id)
      expect(await monitor.resendDiverted(ref, newId(Date.now()), {})).toBe(found.length)
      expect(await monitor.resend(ref, third, { wasMatched: false, isChosen: false })).toBe(true)
      expect(await monitor.states([{ eventId: third.id, run: '' }])).toHaveLength(1)
      await monitor.resume(ref.tenantId, ref.id)
      if (lost === 'reports.attempts') return
      expect(await monitor.statesOfEvents([event.id])).toMatchObject([{ status: 'delivered' }])
      await monitor.erase([third.id])
      expect(await monitor.findDiverted(third.id)).toBeNull()
    },
  },
  EventLog: {
    schema: EVENT_LOG_SCHEMA,
    stubOf: (name) => env.EVENT_LOGS.getByName(name),
    fill(sql, name, version) {
      const bounds = { first_event: event.id, last_event: other.id }
      const webhooks = JSON.stringify([['a'], ['a']])
      insert(sql, 'packs', { ...bounds, webhooks, events: frame([event, other]) })
      const asked = { webhookId: 'a', eventTypes: ['*'], scope: {}, onlyMissing: false }
      const request = JSON.stringify({ ...asked, since: 0, until: Date.now() })
      insert(sql, 'replays', { run: job, tenant_id: tenantId, request, sent_until: '' })
      insert(sql, 'late_rows', { run: job, first_event: event.id, sent_until: '' })
      insert(sql, 'outbox', { message: MESSAGE })
      if (version === 1) return
      insertJob(sql, 'replay', 'a', '')
      if (version === 2) return
      sql.exec('UPDATE packs SET accepted = 1')
      insert(sql, 'copied_tenant', { only: 1, id: name, name: 'Acme', epoch: 0 })
      const { suspendedAt: _, lane: __, secrets: ___, ...outline } = aWebhook(1, { id: 'a' })
      const sealed = JSON.stringify({ ...outline, tenantId: name, sealed: 'x', version: 'y' })
      insert(sql, 'copied_webhooks', { id: 'a', number: 1, sealed, state: '{"version":1}' })
      insert(sql, 'announcements', { id: job, at: Date.now(), epoch: 0 })
      insert(sql, 'untended', { event: other.id, due_at: Date.now() + MINUTE })
      insert(sql, 'former_keys', { only: 1, until: Date.now() + MINUTE })
      const { id: eventId, type: eventType } = event
      const outcome = { eventId, eventType, webhookId: 'a', at: Date.now() - MINUTE }
      const kept = [{ ...outcome, delivered: { statusCode: 200, durationMs: 20 } }]
      new OutcomeRuns(sql).add((Date.now() - MINUTE) * 1_000, toSegments(kept), event.id)
      if (version === 3) return
      sql.exec('UPDATE copied_webhooks SET since = 9, made = 3')
      const rules = JSON.stringify({ enabled: true, eventTypes: ['b'], scope: {}, attributes: {} })
      const of = { webhook_id: 'gone', first_event: event.id, last_event: event.id }
      const stood = [{ eventId: event.id, status: 'delivered', attempts: 2 }]
      insert(sql, 'kept_deliveries', { ...of, deliveries: JSON.stringify(stood) })
      insert(sql, 'webhook_versions', { webhook_id: 'a', until: 9, since: 3, rules })
      if (version === 4) return
      insert(sql, 'delivered_days', { slot: 0, day: 0, hours: '[{"hour":0,"delivered":1}]' })
      insert(sql, 'day_totals', { day: 0, totals: '{"events":1,"deliveries":1,"bytes":1}' })
      insert(sql, 'erased_events', { event_id: newId(0), at: Date.now() })
      const erased = { salt: 's', scope: '["digest"]', position: '', untold: '[]' }
      insert(sql, 'erasures', { id: newId(0), at: Date.now(), ...erased })
      const ahead = { ...event, id: newId(Date.now() + MINUTE), publishedAt: Date.now() }
      insert(sql, 'scheduled_events', { event_id: ahead.id, bytes: 1, event: frame([ahead]) })
      const ordering = '{"since":1,"order":{"key":null,"onFailure":"continue"}}'
      insert(sql, 'ordered_events', { webhook_id: 'a', number: 7, event_id: event.id, ordering })
    },
    async works(name) {
      const vault = createVault(env.SECRETS_KEY)
      const { tenants, webhooks } = createD1Stores(env.DB, vault)
      await tenants.insert({
        id: name,
        name: 'Acme',
        createdAt: 0,
        uid: null,
        metadata: {},
        retentionDays: 30,
      })
      await webhooks.insert(aWebhook(1, { id: 'a', tenantId: name, eventTypes: ['*'] }))
      const log = createEventLogs(env, vault)(name)
      const third = anEvent({ type: 'invoice.paid' })
      const key = { key: third.id, contentHash: 'hash' }
      const request = { submissions: [{ event: third, key }], requestKey: null, most: 9 }
      const accepted = await log.accept(name, request)
      expect(accepted).toMatchObject({ deliveries: [{ webhooks: [{ id: 'a' }] }] })
      await readLog(log, third.id)
      await log.unmatched(name, { eventId: event.id, limit: 9 })
      await log.keptDeliveries(event.id, ['gone'])
      await readOutcomes(log, third.id)
      const change = newId(Date.now())
      await log.announce(name, change, false)
      await log.confirm(change)
      const now = Date.now()
      const asked = { webhookId: 'a', eventTypes: ['*'], scope: {}, onlyMissing: false }
      const wanted = { ...asked, since: 0, until: now + MINUTE }
      expect(await log.replay(tenantId, newId(now), wanted)).toBe('started')
      const kept = { kind: 'resend', webhookId: 'a', createdAt: now, progress: null } as const
      await log.noteJob(name, { id: newId(now), ...kept })
      await log.erase(name, newId(now), { eventIds: [third.id] })
      expect(await log.find(third.id)).toMatchObject({ data: 'null' })
    },
  },
  DeploymentJobs: {
    schema: DEPLOYMENT_JOBS_SCHEMA,
    stubOf: (name) => env.DEPLOYMENT_JOBS.getByName(name),
    fill(sql) {
      insertJob(sql, 'reencrypt', '', {
        ...{ kind: 'reencrypt', after: null, unreadable: 0, examples: [] },
      })
    },
    async works() {
      const jobs: DeploymentJobs = createDeploymentJobsClient(env)
      const request = { kind: 'reencrypt', after: null, unreadable: 0, examples: [] } as const
      const id = newId(Date.now())
      expect(await jobs.start(id, request)).toMatchObject({ id, kind: 'reencrypt' })
      const listed = await jobs.list({ limit: 9, before: null })
      expect(listed.map((one) => one.id)).toEqual(expect.arrayContaining([id, job]))
      await jobs.cancel(job)
    },
  },
}

function attemptOf(entry: ReturnType<typeof delivered>) {
  if (entry.kind !== 'attempt') throw new Error('It is no attempt.')
  return entry.attempt
}

async function readMonitor(monitor: Monitor, eventId: string): Promise<void> {
  expect(await monitor.statesOfEvents([eventId])).toMatchObject([{ status: 'diverted' }])
  expect((await monitor.attempts({ limit: 9 })).items.length).toBeGreaterThan(1)
  expect((await monitor.health()).totals.failed).toBeGreaterThan(0)
  expect(await monitor.findDiverted(eventId)).not.toBeNull()
  expect(await monitor.job(job)).not.toBe(undefined)
}

async function readLog(log: EventLog, eventId: string): Promise<void> {
  expect(await log.find(eventId)).toMatchObject({ id: eventId })
  for (const order of ['oldest', 'newest'] as const) {
    const { items } = await log.list({ limit: 9, order })
    expect(items.map(({ id }) => id)).toContain(eventId)
  }
  await log.listByRequest('r', null)
  await log.usage(0)
  expect(await log.jobs({ limit: 9, before: null })).not.toHaveLength(0)
}

/** Notes an outcome of an event, and reads it with all there are. */
async function readOutcomes(log: EventLog, eventId: string): Promise<void> {
  const about = { eventId, eventType: 'invoice.paid', webhookId: 'a', at: Date.now() }
  const delivered = { statusCode: 200, durationMs: 20 }
  await log.record([{ ...about, delivered }])
  expect(await log.firstOutcomes([about])).toMatchObject([{ eventId, delivered }])
  const { items } = await log.firstAttempts('a', { limit: 9 })
  expect(items.map((one) => one.eventId)).toContain(eventId)
  expect((await log.successes('a', 0)).delivered).toBeGreaterThan(0)
}

interface ColumnInfo {
  readonly name: string
  readonly pk: number
}

/** Every table that an object of a version has, with its columns. */
function tablesOf(sql: SqlStorage): readonly (readonly [string, readonly ColumnInfo[]])[] {
  const query = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'
    AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`
  return sql
    .exec<{ name: string }>(query)
    .toArray()
    .map(({ name }) => [name, sql.exec(`PRAGMA table_info(${name})`).toArray().map(toInfo)])
}

function toInfo({ name, pk }: Record<string, SqlStorageValue>): ColumnInfo {
  return { name: String(name), pk: Number(pk) }
}

/** Makes an object what it was at a version, with something in each table. */
function become({ schema, fill }: ObjectClass, sql: SqlStorage, name: string, version: number) {
  for (const [table] of tablesOf(sql)) sql.exec(`DROP TABLE ${table}`)
  for (const step of schema.steps.slice(0, version)) sql.exec(step)
  if (version === schema.steps.length) makeOccasional(sql, schema)
  sql.exec('CREATE TABLE purged (at INTEGER PRIMARY KEY)')
  sql.exec('CREATE TABLE schema_version (version INTEGER PRIMARY KEY)')
  sql.exec('INSERT INTO schema_version (version) VALUES (?)', version)
  fill(sql, name, version)
}

/** What an object gets with the first thing that is written to it. */
function makeOccasional(sql: SqlStorage, { tables }: ObjectSchema): void {
  for (const { name: table, columns, occasional } of tables) {
    if (occasional !== undefined) sql.exec(occasional)
    for (const [name, column] of Object.entries(columns)) {
      if (column.occasional) sql.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${column.sql}`)
    }
  }
}

function drop(sql: SqlStorage, table: string, column: string): void {
  const query =
    "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql NOT NULL"
  for (const { name } of sql.exec<{ name: string }>(query, table).toArray()) {
    sql.exec(`DROP INDEX ${name}`)
  }
  sql.exec(`ALTER TABLE ${table} DROP COLUMN ${column}`)
}

/** The object as it is found after a deployment: closed, and with its alarm set. */
async function leave(stub: DurableObjectStub, change: (sql: SqlStorage) => void): Promise<void> {
  await runInDurableObject(stub, async (_, { storage }) => {
    change(storage.sql)
    await storage.setAlarm(Date.now() + MINUTE)
  })
  await evictDurableObject(stub)
}

/** The columns of primary keys, which no table can lose by itself nor get again: what a row is would be lost. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  WebhookMonitor: [
    'deliveries.event_id',
    'deliveries.run',
    'diverted.event_id',
    'erased_events.event_id',
    'held.event_id',
    'held.run',
    'jobs.id',
    'joint.id',
    'lined_up.log',
    'outbox.seq',
    'permits.only',
    'places.event_id',
    'purged.at',
    'reports.seq',
    'schema_version.version',
    'tenant_retention.only',
  ],
  EventLog: [
    'announcements.id',
    'copied_tenant.only',
    'copied_webhooks.id',
    'day_totals.day',
    'delivered_days.slot',
    'erased_events.event_id',
    'erasures.id',
    'former_keys.only',
    'jobs.id',
    'kept_deliveries.first_event',
    'kept_deliveries.last_event',
    'kept_deliveries.webhook_id',
    'late_packs.number',
    'late_rows.first_event',
    'late_rows.run',
    'ordered_events.number',
    'ordered_events.webhook_id',
    'outbox.seq',
    'outcome_runs.run',
    'outcome_segments.last_webhook',
    'outcome_segments.part',
    'outcome_segments.run',
    'packs.first_event',
    'purged.at',
    'replays.run',
    'scheduled_events.event_id',
    'schema_version.version',
    'untended.event',
    'webhook_versions.until',
    'webhook_versions.webhook_id',
  ],
  DeploymentJobs: ['jobs.id', 'purged.at', 'schema_version.version'],
}

/** Loses each column of each table in turn: in the version of today, or in every one. */
export function describeMissingColumns({ every }: { readonly every: boolean }): void {
  beforeEach(() => {
    interceptQueues()
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  describe.each(Object.entries(CLASSES))('%s', (className, object) => {
    const { schema, stubOf, works } = object

    it('has a default for every column but those of primary keys', async () => {
      const stub = stubOf(newId(Date.now()))
      const tables = await runInDurableObject(stub, (_, { storage }) => {
        makeOccasional(storage.sql, schema)
        return tablesOf(storage.sql)
      })
      const all = tables.flatMap(([table, columns]) =>
        columns.map(({ name, pk }) => ({ name: `${table}.${name}`, isKey: pk > 0 })),
      )
      const known = schema.tables.flatMap(({ name, columns, until }) =>
        until === undefined ? Object.keys(columns).map((column) => `${name}.${column}`) : [],
      )
      const [keys, others] = [all.filter(({ isKey }) => isKey), all.filter(({ isKey }) => !isKey)]
      expect(others.map(({ name }) => name).toSorted()).toEqual(known.toSorted())
      expect(keys.map(({ name }) => name).toSorted()).toEqual(KEYS[className])
    })

    const versions = schema.steps.map((_, index) => index + 1)
    const cases = (every ? versions : versions.slice(-1)).flatMap((version) =>
      schema.tables.map(({ name }) => [name, version] as const),
    )
    it.each(cases)(
      'works when %s lacks any of its columns in version %i',
      async (table, version) => {
        const columns = await runInDurableObject(stubOf(newId(Date.now())), (_, { storage }) => {
          become(object, storage.sql, 'x', version)
          const [, found = []] = tablesOf(storage.sql).find(([name]) => name === table) ?? []
          return found.filter(({ pk }) => pk === 0).map(({ name }) => name)
        })
        // Not every version has every table.
        for (const column of columns) {
          const name = newId(Date.now())
          const stub = stubOf(className === 'DeploymentJobs' ? 'deployment' : name)
          await leave(stub, (sql) => {
            become(object, sql, name, version)
            drop(sql, table, column)
          })
          try {
            await works(name, `${table}.${column}`)
            // What was under way goes on, or is given up.
            await runDurableObjectAlarm(stub)
            await works(name, `${table}.${column}`)
          } catch (cause) {
            throw new Error(`It does not work without ${table}.${column}.`, { cause })
          }
        }
      },
    )

    it('is opened without writing when it lacks nothing', async () => {
      const opened = await runInDurableObject(stubOf(newId(Date.now())), (_, { storage }) => {
        const transactions = vi.spyOn(storage, 'transactionSync')
        migrate(storage, schema)
        return transactions.mock.calls.length
      })
      expect(opened).toBe(0)
    })
  })

  it.each(['kind', 'subject', 'request'])(
    'a deletion without its %s removes nothing',
    async (lost) => {
      const id = newId(Date.now())
      const stub = env.MONITORS.getByName(id)
      const monitor = createMonitors(env)(id)
      await reportTo({ monitor, ref: { tenantId, id } }, [delivered(event)], {
        id: newId(Date.now()),
      })
      await leave(stub, (sql) => {
        insertJob(sql, 'deletion', id, tenantId)
        drop(sql, 'jobs', lost)
      })
      await runDurableObjectAlarm(stub)
      expect(await monitor.job(job)).toMatchObject({ state: 'failed' })
      expect(await monitor.statesOfEvents([event.id])).toMatchObject([{ status: 'delivered' }])
    },
  )
}
