// That a paused webhook's monitor finds out by itself that it is paused no more: whoever resumed it died before telling.

import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { PAUSE } from '../../../../src/limits.ts'
import { createD1Stores } from '../../../../src/platform/d1/index.ts'
import { createMonitors } from '../../../../src/platform/durable/monitor-client.ts'
import { createVault } from '../../../../src/platform/vault.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { eventAt, held, NOON, reportTo } from '../../../contracts/durable-fixtures.ts'
import { aTenant, aWebhook } from '../../../contracts/store-fixtures.ts'
import { interceptDeliveries } from '../../../fixtures/deliveries.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

it('is released once the database says that its webhook is paused no more', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(NOON)
  const sent = interceptDeliveries()
  const { tenants, webhooks } = createD1Stores(env.DB, createVault(env.SECRETS_KEY))
  const [tenantId, id] = [newId(NOON), newId(NOON)]
  const ref = { tenantId, id }
  const pause = { since: NOON, isOver: false }
  await tenants.insert({ ...aTenant(1), id: tenantId })
  await webhooks.insert(aWebhook(1, { ...ref, pause }))
  const monitor = createMonitors(env)(id)
  const look = async (ms: number) => {
    vi.setSystemTime(NOON + ms)
    await runDurableObjectAlarm(env.MONITORS.getByName(id))
    return sent.length
  }
  await reportTo({ monitor, ref }, [held(eventAt(1), ref)], { pause })
  expect(await look(1)).toBe(0)
  await webhooks.update(ref, (current) => ({ ...current, pause: { ...pause, isOver: true } }))
  expect(await look(PAUSE.lookSeconds * 1_000)).toBe(0)
  expect(await look(PAUSE.lookSeconds * 1_000 + 1)).toBe(1)
  expect((await monitor.health()).health).toMatchObject({ pause: { isOver: true } })
})
