// A hundred thousand events in two logs, read by consumers that begin at different times and take pages of different sizes: each gets each
// event once.

import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { PULL_URL } from '../../../src/engine/model/index.ts'
import { createD1Stores } from '../../../src/platform/d1/index.ts'
import { createEventLogs } from '../../../src/platform/durable/event-log-client.ts'
import { createVault } from '../../../src/platform/vault.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { aTenant, aWebhook } from '../../contracts/store-fixtures.ts'
import { interceptQueues } from '../../fixtures/deliveries.ts'

const EVENTS = 100_000
const TOGETHER = 1_000
/** Of so many events one is for another webhook alone. */
const OTHERS = 5

afterEach(() => vi.restoreAllMocks())

it('every consumer gets every event once', { timeout: 300_000 }, async () => {
  interceptQueues()
  const tenantId = newId(Date.now())
  const vault = createVault(env.SECRETS_KEY)
  const { tenants, webhooks } = createD1Stores(env.DB, vault)
  const log = createEventLogs({ ...env, EVENT_LOG_SHARDS: '2' }, vault)(tenantId)
  await tenants.insert({ ...aTenant(1), id: tenantId })
  const webhookId = newId(Date.now())
  const wanted = { id: webhookId, tenantId, url: PULL_URL, eventTypes: ['a'] }
  await webhooks.insert(aWebhook(1, wanted))

  const published: string[] = []
  const consumers = [100, 250, 77].map((limit) => {
    return { limit, position: null as string | null, seen: [] as string[] }
  })
  const read = async (consumer: (typeof consumers)[number], pages: number) => {
    const { limit, position } = consumer
    for (let page = 0, from = position; page < pages; page += 1) {
      const found = await log.pull({ webhookId, since: 0, position: from, limit })
      consumer.seen.push(...found.items.map(({ event }) => event.id))
      from = found.position
      consumer.position = from
      if (!found.more) return
    }
  }
  for (let n = 0; n < EVENTS; n += TOGETHER) {
    const submissions = Array.from({ length: TOGETHER }, (_, index) => {
      const type = (n + index) % OTHERS === 0 ? 'b' : 'a'
      const id = newId(Date.now())
      if (type === 'a') published.push(id)
      const time = new Date().toISOString()
      const event = { id, type, time, data: '{}', scope: {}, actor: null, requestId: null }
      return { event, key: null }
    })
    await log.accept(tenantId, { submissions, requestKey: null, most: TOGETHER })
    for (const consumer of consumers.slice(0, 2)) await read(consumer, 2)
  }
  for (const consumer of consumers) {
    const rest = { ...consumer, limit: 250 }
    await read(rest, Number.POSITIVE_INFINITY)
    expect(rest.seen).toHaveLength(published.length)
    expect(new Set(rest.seen)).toEqual(new Set(published))
  }
})
