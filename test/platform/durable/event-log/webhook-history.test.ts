import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Webhook } from '../../../../src/engine/model/index.ts'
import { createD1Stores } from '../../../../src/platform/d1/index.ts'
import type { SealedWebhook } from '../../../../src/platform/d1/tenant-webhooks.ts'
import {
  knownSince,
  Moments,
  nextPeriod,
  type Rules,
  rulesAt,
  WebhookHistory,
} from '../../../../src/platform/durable/event-log/webhook-history.ts'
import { createEventLogs } from '../../../../src/platform/durable/event-log-client.ts'
import { HISTORY } from '../../../../src/platform/tuning.ts'
import { createVault } from '../../../../src/platform/vault.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { RETENTION } from '../../../../src/retention.ts'
import { LOG } from '../../../../src/tuning.ts'
import { accept } from '../../../contracts/event-log-fixtures.ts'
import { aWebhook, uuid } from '../../../contracts/store-fixtures.ts'
import { anEvent } from '../../../fixtures/bench.ts'

const T = 1_795_000_000_000
const US = 1_000

const RULES: Rules = {
  enabled: true,
  eventTypes: ['a'],
  scope: {},
  attributes: {},
  pins: [],
  channels: [],
}
const SEALED: SealedWebhook = {
  ...RULES,
  tenantId: 'tenant',
  id: 'webhook',
  dialect: 'native',
  owner: null,
  uniqueKey: null,
  uid: null,
  description: null,
  metadata: {},
  pause: null,
  name: null,
  url: 'https://receiver.example/',
  failureHandling: null,
  sealed: '',
  version: '1',
  createdAt: T,
  updatedAt: T,
}

describe('moments', () => {
  it('put a change behind what was accepted before it, and before what is accepted after it, within one millisecond', () => {
    const moments = new Moments(0)
    const before = moments.accepting(T)
    const change = moments.changing(T)
    const after = moments.accepting(T)
    expect(before).toBeLessThan(change)
    expect(after).toBeGreaterThanOrEqual(change)
    expect(moments.changing(T)).toBeGreaterThan(after)
  })

  it('are one for changes between which nothing is accepted', () => {
    const moments = new Moments(0)
    const change = moments.changing(T)
    expect(moments.changing(T + 60_000)).toBe(change)
    moments.accepting(T + 60_000)
    expect(moments.changing(T + 60_000)).toBeGreaterThan((T + 60_000) * US)
  })

  it('ascend when the clock goes back, and in the next life of the object', () => {
    const moments = new Moments(0)
    const change = moments.changing(T)
    const accepted = moments.accepting(T - 5_000)
    expect(accepted).toBeGreaterThanOrEqual(change)
    const next = new Moments(change)
    expect(next.accepting(T - 5_000)).toBeGreaterThanOrEqual(change)
    // A former object may have accepted something in this millisecond.
    expect(new Moments(0).changing(T)).toBeGreaterThan(moments.accepting(T) - 1)
  })
})

describe('the period of a webhook that was read', () => {
  const at = T * US

  it('begins with its making, where the log was there', () => {
    const read = nextPeriod(null, SEALED, { at, isFirstRead: false })
    expect(read).toEqual({ period: { since: at, made: at }, ended: null })
  })

  it('begins at the first reading with its last write, or at once where that was just now', () => {
    const old = { ...SEALED, updatedAt: T - 3_600_000 }
    const since = (T - 3_600_000 + LOG.clockSkewMs) * US
    const read = nextPeriod(null, old, { at, isFirstRead: true })
    expect(read).toEqual({ period: { since, made: 0 }, ended: null })
    expect(knownSince({ updatedAt: T }, at)).toBe(at)
  })

  const before = { sealed: SEALED, period: { since: 1, made: 1 } }

  it.each([
    ['another name', { name: 'Other', updatedAt: T + 1, version: '2' }],
    ['another URL', { url: 'https://other.example/' }],
    ['another secret', { sealed: 'x' }],
  ])('goes on with %s', (_, fields) => {
    const read = nextPeriod(before, { ...SEALED, ...fields }, { at, isFirstRead: false })
    expect(read).toEqual({ period: before.period, ended: null })
  })

  it.each([
    ['another type', { eventTypes: ['b'] }],
    ['another scope', { scope: { inbox: 'a' } }],
    ['being disabled', { enabled: false }],
    ['another attribute of its dialect', { attributes: { template: 'x' } }],
  ])('ends with %s', (_, fields) => {
    const read = nextPeriod(before, { ...SEALED, ...fields }, { at, isFirstRead: false })
    expect(read.period).toEqual({ since: at, made: 1 })
    expect(read.ended).toEqual({ since: 1, until: at, rules: RULES })
  })

  it('keeps nothing of a version that counted for nothing', () => {
    const same = { sealed: SEALED, period: { since: at, made: 1 } }
    const read = nextPeriod(same, { ...SEALED, enabled: false }, { at, isFirstRead: false })
    expect(read).toEqual({ period: { since: at, made: 1 }, ended: null })
  })
})

describe('what decided at a moment', () => {
  const present = { ...SEALED, eventTypes: ['now'] }
  const version = { since: 200, until: 300, rules: RULES }
  it.each([
    ['now', 300, { since: 300, made: 100 }, null, 'now'],
    ['then', 250, { since: 300, made: 100 }, version, 'a'],
    ['then, from its begin', 200, { since: 300, made: 100 }, version, 'a'],
    ['before all versions that are kept', 150, { since: 300, made: 100 }, version, 'unknown'],
    ['where none is kept', 250, { since: 300, made: 100 }, null, 'unknown'],
    ['before its making', 99, { since: 300, made: 100 }, version, 'created_later'],
    [
      'before its time, where its making was not seen',
      T * US - 1,
      { since: 300, made: 0 },
      null,
      'created_later',
    ],
    ['after that', T * US, { since: T * US + 1, made: 0 }, null, 'unknown'],
  ])('%s', (_, at, period, former, expected) => {
    const rules = rulesAt(at, { sealed: present, period }, former)
    expect(typeof rules === 'string' ? rules : rules.eventTypes[0]).toBe(expected)
  })
})

describe('kept versions', () => {
  const withHistory = (work: (history: WebhookHistory, rows: () => number) => void) => {
    const stub = env.EVENT_LOGS.getByName(newId(Date.now()))
    return runInDurableObject(stub, (_, { storage: { sql } }) =>
      work(new WebhookHistory(sql), () =>
        Number(sql.exec('SELECT count(*) AS n FROM webhook_versions').one().n),
      ),
    )
  }
  const versionOf = (n: number, rules = RULES) => ({ since: n, until: n + 1, rules })

  it('are the newest, and no more than may be kept', () =>
    withHistory((history, rows) => {
      for (let n = 0; n < HISTORY.versions + 5; n += 1) history.add('a', versionOf(n))
      history.add('b', versionOf(0))
      expect(rows()).toBe(HISTORY.versions + 1)
      expect(history.endedAfter('a', 0)).toEqual(versionOf(5))
      expect(history.endedAfter('b', 0)).toEqual(versionOf(0))
    }))

  it('have no more characters together than may be kept', () =>
    withHistory((history, rows) => {
      const eventTypes = ['x'.repeat(HISTORY.chars / 4)]
      for (let n = 0; n < 10; n += 1) history.add('a', versionOf(n, { ...RULES, eventTypes }))
      expect(rows()).toBe(3)
      expect(history.endedAfter('a', 0)).toMatchObject({ since: 7 })
    }))

  it('are forgotten with the events for which they counted', () =>
    withHistory((history, rows) => {
      const kept = (T - RETENTION.eventSeconds * US) * US
      history.add('a', { since: 0, until: kept - 2 * LOG.clockSkewMs * US, rules: RULES })
      history.add('a', { since: 1, until: kept, rules: RULES })
      history.prune(T)
      expect(rows()).toBe(1)
      expect(history.endedAfter('a', 0)).toMatchObject({ since: 1 })
    }))

  it('are forgotten with their webhook', () =>
    withHistory((history, rows) => {
      history.add('a', versionOf(1))
      history.add('b', versionOf(1))
      history.forget('a')
      expect(rows()).toBe(1)
    }))
})

describe('a log that an earlier version wrote', () => {
  const HOUR = 3_600_000

  it('says what follows from the last write of a webhook, and of what was before that, that nobody knows', async () => {
    const tenantId = newId(Date.now())
    const stub = env.EVENT_LOGS.getByName(tenantId)
    const vault = createVault(env.SECRETS_KEY)
    const log = createEventLogs(env, vault)(tenantId)
    const { tenants, webhooks } = createD1Stores(env.DB, vault)
    await tenants.insert({
      id: tenantId,
      name: 'Acme',
      createdAt: 0,
      uid: null,
      metadata: {},
      retentionDays: 30,
    })
    const now = Date.now()
    const event = anEvent({ id: newId(now - HOUR), type: 'order.sent' })
    const written = [
      [1, { updatedAt: now - 2 * HOUR }],
      [2, { updatedAt: now - HOUR / 2 }],
      [3, { createdAt: now - HOUR / 2, updatedAt: now - HOUR / 2 }],
      // It wants the event, and yet did not get it.
      [4, { updatedAt: now - 2 * HOUR, eventTypes: ['order.*'] }],
    ] as const
    for (const [n, fields] of written.slice(0, 3)) {
      await webhooks.insert(aWebhook(n, { tenantId, ...fields }))
    }
    await accept({ log, tenantId }, [event])
    for (const [n, fields] of written.slice(3)) {
      await webhooks.insert(aWebhook(n, { tenantId, ...fields }))
    }
    await runInDurableObject(stub, (_, { storage: { sql } }) => {
      const [table] = sql
        .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name GLOB 'packs_*'")
        .toArray()
      sql.exec(`UPDATE ${table?.name} SET accepted = 1`)
      sql.exec('DELETE FROM copied_tenant')
      sql.exec('DROP TABLE webhook_versions')
      sql.exec('ALTER TABLE copied_webhooks DROP COLUMN since')
      sql.exec('ALTER TABLE copied_webhooks DROP COLUMN made')
      sql.exec('UPDATE schema_version SET version = 3')
    })
    await evictDurableObject(stub)
    expect(await log.unmatched(tenantId, { eventId: event.id, limit: 9 })).toEqual({
      items: [
        { webhookId: uuid(1), reasons: ['event_type'] },
        { webhookId: uuid(2), reasons: ['unknown'] },
        { webhookId: uuid(3), reasons: ['created_later'] },
        { webhookId: uuid(4), reasons: ['unknown'] },
      ],
      nextCursor: null,
    })
    // What changes from now on is noted.
    const next = anEvent({ type: 'order.sent' })
    await accept({ log, tenantId }, [next])
    const changed = (current: Webhook) => ({
      ...current,
      eventTypes: ['order.*'],
      updatedAt: Date.now(),
    })
    const epoch = await log.announce(tenantId, newId(now), false)
    await webhooks.update({ tenantId, id: uuid(2) }, changed, epoch)
    await log.confirm(newId(now))
    const { items } = await log.unmatched(tenantId, { eventId: next.id, limit: 9 })
    expect(items.find(({ webhookId }) => webhookId === uuid(2))?.reasons).toEqual(['event_type'])
  })
})
