// Rows that 0.1.0 wrote, after the migrations since then.

import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { DEFAULT_FAILURE_HANDLING } from '../../../src/engine/attempt/failure-handling.ts'
import type { FailureHandling } from '../../../src/engine/model/index.ts'
import { aKey, anOperatorKey, aTenant, aWebhook, uuid } from '../../contracts/store-fixtures.ts'
import { makeD1Stores } from './stores.ts'

const handling = (triggers: FailureHandling['triggers']): FailureHandling => ({
  ...DEFAULT_FAILURE_HANDLING,
  triggers,
})

/** The statements of a migration, which this database has had before: they can be run again. */
async function migrate(name: string): Promise<void> {
  const migration = env.MIGRATIONS.find((one) => one.name === name)
  if (!migration) throw new Error(`There is no migration ${name}.`)
  for (const query of migration.queries) await env.DB.prepare(query).run()
}

it.each([
  ['native', ['4xx', '5xx', 'timeout'], ['3xx', '4xx', '5xx', 'timeout']],
  ['native', ['4xx', '5xx'], ['4xx', '5xx']],
  ['native', [404, '4xx', '5xx', 'timeout'], [404, '4xx', '5xx', 'timeout']],
  ['native', null, null],
  ['socotra', ['4xx', '5xx'], ['4xx', '5xx', '3xx']],
  ['socotra', ['4xx', '5xx', 'timeout'], ['3xx', '4xx', '5xx', 'timeout']],
  ['socotra', ['5xx', 404], ['5xx', 404]],
] as const)('triggers of %s webhooks: %j become %j', async (dialect, before, after) => {
  const { tenants, webhooks } = await makeD1Stores()
  await tenants.insert(aTenant(1))
  const failureHandling = before === null ? null : handling(before)
  await webhooks.insert(aWebhook(2, { dialect, failureHandling }))
  await migrate('0002_triggers_3xx.sql')
  const found = await webhooks.find({ tenantId: uuid(1), id: uuid(2) })
  expect(found?.failureHandling?.triggers ?? null).toEqual(after)
  expect(found?.failureHandling).toEqual(after === null ? null : handling(after))
})

it('JSON that lacks fields of today reads with their defaults', async () => {
  const { tenants, webhooks, keys } = await makeD1Stores()
  await tenants.insert(aTenant(1))
  await webhooks.insert(aWebhook(2))
  await keys.insert(aKey(3), 'hash')
  await env.DB.batch([
    env.DB.prepare(`UPDATE webhooks SET failure_handling = '{"divert":false}', attributes = '{}'`),
    env.DB.prepare(`UPDATE keys SET permissions = '["events:write","events:dream"]'`),
  ])
  const found = await webhooks.find({ tenantId: uuid(1), id: uuid(2) })
  const { triggers, timeoutMs } = DEFAULT_FAILURE_HANDLING
  expect(found?.failureHandling).toEqual({
    ...{ triggers, timeoutMs, divert: false },
    ...{ retry: null, suspend: null, alertUrl: null },
  })
  expect((await keys.find(uuid(3)))?.caller.permissions).toEqual(['events:write'])
})

it('keys that might change webhooks may change their secrets still', async () => {
  const { tenants, keys } = await makeD1Stores()
  await tenants.insert(aTenant(1))
  await keys.insert(aKey(2, { permissions: ['webhooks:read', 'webhooks:write'] }), 'hash')
  await keys.insert(aKey(3, { permissions: ['webhooks:read'] }), 'hash')
  await keys.insertOperatorKey(anOperatorKey(4, { permissions: ['webhooks:write'] }), 'hash')
  for (const _ of ['once', 'again']) await migrate('0019_webhook_secrets_write.sql')
  const permissionsOf = async (n: number) => (await keys.find(uuid(n)))?.caller.permissions
  expect(await permissionsOf(2)).toEqual([
    'webhooks:read',
    'webhooks:write',
    'webhook-secrets:write',
  ])
  expect(await permissionsOf(3)).toEqual(['webhooks:read'])
  expect(await permissionsOf(4)).toEqual(['webhooks:write', 'webhook-secrets:write'])
})
