// What the statements of the hot paths cost, on a tenant that has many webhooks and keys: rows are what D1 bills, and
// a scan would hold the one database that everything shares.

import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createD1Stores } from '../../../src/platform/d1/index.ts'
import { createVault } from '../../../src/platform/vault.ts'
import { aKey, anOperatorKey, aTenant, aWebhook, uuid } from '../../contracts/store-fixtures.ts'
import { costOf, explain, type Recorded, recordD1 } from './recorded-d1.ts'

const OTHERS = 10_000
const { db, calls } = recordD1(env.DB)
const stores = createD1Stores(db, createVault(env.SECRETS_KEY))
const TENANT = uuid(1)

beforeAll(async () => {
  await stores.tenants.insert(aTenant(1))
  // Half of them want other types, half the same type for another scope.
  const eventType = "iif(n.value % 2, 'other.' || n.value, 'job')"
  const scopeEntry = `iif(n.value % 2, '', '["instance","other' || n.value || '"]')`
  const numbers = JSON.stringify(Array.from({ length: OTHERS }, (_, n) => n))
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO webhooks (tenant_id, id, dialect, owner, slot, name, url, event_types, scope, enabled, failure_handling,
        attributes, sealed, suspended_at, lane, state_version, version, created_at, updated_at, pins, uid, description,
        metadata, channels)
        SELECT ?1, 'other' || n.value, 'native', NULL, NULL, NULL,
        'https://receiver.example/', json_array(${eventType}), '{}', 1, NULL, '{}', 'never opened', NULL, 'fast', 0, 'v', 1, 1, '[]', NULL, NULL, '{}', '[]'
        FROM json_each(?2) AS n`,
    ).bind(TENANT, numbers),
    env.DB.prepare(
      `INSERT INTO subscriptions (tenant_id, event_type, scope_entry, webhook_id) SELECT ?1, ${eventType}, ${scopeEntry}, 'other' || n.value
        FROM json_each(?2) AS n`,
    ).bind(TENANT, numbers),
    env.DB.prepare(
      `INSERT INTO deduplication_keys (tenant_id, key, content_hash, answer, confirmed, expires_at) SELECT ?1, 'other' || n.value, 'h', 'a', 1, 1000000
        FROM json_each(?2) AS n`,
    ).bind(TENANT, numbers),
  ])
}, 60_000)

beforeEach(() => {
  calls.length = 0
})

function only(recorded: readonly Recorded[]): Recorded {
  const [call, ...more] = recorded
  if (call === undefined || more.length > 0) throw new Error(`${recorded.length} statements ran`)
  return call
}

/** Rows written by everything that ran since the test began. */
function rowsWritten(): number {
  return calls.reduce((sum, { meta }) => sum + (meta?.rows_written ?? 0), 0)
}

function rowsRead(): number {
  return calls.reduce((sum, { meta }) => sum + (meta?.rows_read ?? 0), 0)
}

describe('finding subscribers', () => {
  const topic = { tenantId: TENANT, type: 'job', scope: { instance: 'mine', user: 'u' } }

  it('is one statement that searches subscriptions by primary key and scans nothing', async () => {
    await stores.webhooks.findSubscribers([topic, { ...topic, type: 'a.b.c' }])
    const plan = await explain(env.DB, only(calls))
    expect(plan).toContain(
      'SEARCH s USING PRIMARY KEY (tenant_id=? AND event_type=? AND scope_entry=?)',
    )
    expect(plan).toContain('SEARCH webhooks USING PRIMARY KEY (tenant_id=? AND id=?)')
    expect(plan.filter((step) => step.startsWith('SCAN'))).toEqual([
      'SCAN c VIRTUAL TABLE INDEX 1:',
    ])
  })

  it('reads at most 50 rows for an event, whatever other webhooks there are', async () => {
    await stores.webhooks.insert(aWebhook(5, { eventTypes: ['job'], scope: { instance: 'mine' } }))
    calls.length = 0
    const found = await stores.webhooks.findSubscribers([topic])
    expect(found.map(({ id }) => id)).toEqual([uuid(5)])
    expect((await costOf(env.DB, only(calls))).rows_read).toBeLessThanOrEqual(50)
  })

  it('by reference is one statement that scans nothing', async () => {
    await stores.webhooks.insert(aWebhook(6))
    calls.length = 0
    await stores.webhooks.findByRef([{ tenantId: TENANT, id: uuid(6) }])
    const call = only(calls)
    expect((await explain(env.DB, call)).filter((step) => step.startsWith('SCAN'))).toEqual([
      'SCAN json_each VIRTUAL TABLE INDEX 1:',
    ])
    expect((await costOf(env.DB, call)).rows_read).toBeLessThanOrEqual(10)
  })
})

describe('writing a webhook', () => {
  const ref = { tenantId: TENANT, id: uuid(20) }

  it('costs one row, one per event type, and one for a unique key', async () => {
    await stores.webhooks.insert(aWebhook(10, { eventTypes: ['a'] }))
    expect(rowsWritten()).toBe(2)
    calls.length = 0
    await stores.webhooks.insert(aWebhook(20, { eventTypes: ['a', 'b', 'c'], uniqueKey: 's' }))
    expect(rowsWritten()).toBe(5)
  })

  it('leaves subscriptions alone when neither types, scope nor switch change', async () => {
    await stores.webhooks.update(ref, (current) => ({ ...current, name: 'new' }))
    expect(calls.filter(({ sql }) => sql.includes('subscriptions'))).toEqual([])
  })

  it('updates and deletes without reading other webhooks’ rows', async () => {
    await stores.webhooks.update(ref, (current) => ({ ...current, eventTypes: ['a', 'd'] }))
    await stores.webhooks.delete(ref)
    expect(rowsRead()).toBeLessThanOrEqual(50)
  })
})

describe('tenants and keys, beside ten thousand others', () => {
  beforeAll(async () => {
    const numbers = JSON.stringify(Array.from({ length: OTHERS }, (_, n) => n))
    await env.DB.prepare(
      `INSERT INTO tenants (id, name, created_at, uid) SELECT 'other' || n.value, 'Other', 0, 'Uid' || n.value
        FROM json_each(?1) AS n`,
    )
      .bind(numbers)
      .run()
  })

  it('a hundred tenants are found by id and by uid in one statement that scans none', async () => {
    const names = [TENANT.toUpperCase(), ...Array.from({ length: 99 }, (_, n) => `Uid${n}`)]
    expect((await stores.tenants.findIds(names)).size).toBe(100)
    const call = only(calls)
    const plan = await explain(env.DB, call)
    expect(plan.filter((step) => step.includes('SCAN') && !step.includes('VIRTUAL'))).toEqual([])
    expect(plan).toContain('SEARCH tenants USING PRIMARY KEY (id=?)')
    expect((await costOf(env.DB, call)).rows_read).toBeLessThanOrEqual(600)
  })

  it('one is made, named and renamed without reading the others', async () => {
    await stores.tenants.insert(aTenant(50, { uid: 'mine' }))
    await stores.tenants.update(uuid(50), { uid: 'yours' }, 1)
    await stores.tenants.insertFree([aTenant(51, { uid: 'mine' })], 1_000_000)
    expect(rowsRead()).toBeLessThanOrEqual(150)
  })

  it('an operator key is found by the one statement that finds a tenant’s', async () => {
    await stores.keys.insert(aKey(60), 'h')
    await stores.keys.insertOperatorKey(anOperatorKey(61), 'h')
    const costs = []
    for (const n of [60, 61]) {
      calls.length = 0
      expect(await stores.keys.find(uuid(n))).not.toBeNull()
      costs.push((await costOf(env.DB, only(calls))).rows_read)
    }
    expect(costs[0]).toBe(costs[1])
  })
})

describe('deduplication', () => {
  const entries = Array.from({ length: 10 }, (_, n) => ({
    key: `mine ${n}`,
    contentHash: 'h',
    answer: 'a',
  }))
  const times = { now: 1, expiresAt: 2 }

  it('claims with two statements and one row written per key', async () => {
    await stores.deduplication.claim(TENANT, entries, times)
    expect(calls).toHaveLength(2)
    expect(rowsWritten()).toBe(10)
  })

  it('writes nothing for keys that are taken, and reads no others', async () => {
    await stores.deduplication.claim(TENANT, entries, times)
    expect(rowsWritten()).toBe(0)
    expect(rowsRead()).toBeLessThanOrEqual(50)
  })

  it('confirms with one statement and one row written per key', async () => {
    const keys = entries.map(({ key }) => key)
    await stores.deduplication.confirm(TENANT, keys)
    expect(calls).toHaveLength(1)
    expect(rowsWritten()).toBe(10)
    expect(rowsRead()).toBeLessThanOrEqual(50)
  })
})
