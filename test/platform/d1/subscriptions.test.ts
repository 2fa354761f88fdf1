// No subscription is left behind: the table holds exactly the rows of the webhooks that are there.

import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import type { D1Stores } from '../../../src/platform/d1/index.ts'
import { aTenant, aWebhook, uuid } from '../../contracts/store-fixtures.ts'
import { makeD1Stores } from './stores.ts'

let stores: D1Stores
beforeEach(async () => {
  stores = await makeD1Stores()
  await stores.tenants.insert(aTenant(1))
})

const ref = { tenantId: uuid(1), id: uuid(5) }

async function rows(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    'SELECT event_type || scope_entry AS row FROM subscriptions ORDER BY 1',
  ).all<{ row: string }>()
  return results.map(({ row }) => row)
}

it('follow their webhook', async () => {
  await stores.webhooks.insert(aWebhook(5, { eventTypes: ['a', 'b'] }))
  expect(await rows()).toEqual(['a', 'b'])
  await stores.webhooks.update(ref, (current) => ({ ...current, eventTypes: ['b', 'c.*'] }))
  expect(await rows()).toEqual(['b', 'c.*'])
  await stores.webhooks.update(ref, (current) => ({ ...current, scope: { z: '1', i: '2' } }))
  expect(await rows()).toEqual(['b["i","2"]', 'c.*["i","2"]'])
  await stores.webhooks.update(ref, (current) => ({ ...current, enabled: false }))
  expect(await rows()).toEqual([])
  await stores.webhooks.update(ref, (current) => ({ ...current, enabled: true }))
  await stores.webhooks.delete(ref)
  expect(await rows()).toEqual([])
})

it('go with their tenant', async () => {
  await stores.webhooks.insert(aWebhook(5, { eventTypes: ['a', 'b'] }))
  await stores.tenants.delete(uuid(1), 0)
  expect(await rows()).toEqual([])
})

it('are those of the last of many updates and deletions at once', async () => {
  for (let round = 0; round < 5; round += 1) {
    await stores.webhooks.insert(aWebhook(5, { eventTypes: ['first'] }))
    const updates = Array.from({ length: 8 }, (_, n) =>
      stores.webhooks.update(ref, (current) => ({ ...current, eventTypes: [`type.${n}`] })),
    )
    await Promise.all(updates.slice(0, 4))
    expect(await rows()).toEqual((await stores.webhooks.find(ref))?.eventTypes)
    await Promise.all([...updates, stores.webhooks.delete(ref)])
    expect(await rows()).toEqual([])
  }
}, 30_000)
