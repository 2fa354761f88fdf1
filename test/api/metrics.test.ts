// Metrics of many tenants: they cost what those of one do, and have as many series.

import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { countCalls } from '../fixtures/count-calls.ts'
import { createOperatorKey, openReceiver, sendAs, type TestKey } from '../fixtures/hookline.ts'
import { newCaller } from './asked.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const scrape = (key: TestKey) => sendAs(key)({ method: 'GET', path: '/v1/metrics' })

const seriesIn = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')))

/** Tenants that were counted today, as the objects of each would tell. */
async function tell(tenants: number): Promise<void> {
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${tenants})`
  const day = Math.floor(Date.now() / 86_400_000)
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO tenants (id, name, created_at) ${numbers} SELECT 'many-' || i, 'Many ' || i, 0 FROM n`,
    ),
    env.DB.prepare(
      `INSERT INTO activity (day, tenant_id, source, hours, events, bytes, delivered, failed, diverted, microdollars,
        latency_ms, latencies)
      ${numbers} SELECT ${day}, 'many-' || i, 'log', '[]', 2, 0, 0, 0, 0, 0, 0, '[]' FROM n`,
    ),
  ])
}

const readingOf = (text: string, series: string) =>
  Number(new RegExp(`^${series} (.*)$`, 'm').exec(text)?.[1])

it('read the sums of ten thousand tenants at once, and ask no more objects', async ({ task }) => {
  const key = await createOperatorKey({ permissions: ['metrics:read'] })
  let text = ''
  const look = async () => {
    // What is known of a key for 5 s has to be read again.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
    text = (await scrape(key)).text
  }
  const few = await countCalls(look)
  const before = { series: seriesIn(text), events: readingOf(text, 'hookline_events_total') }
  const tenants = readingOf(text, 'hookline_tenants')
  await tell(10_000)
  const many = await countCalls(look)
  expect(readingOf(text, 'hookline_events_total')).toBe(before.events + 20_000)
  expect(readingOf(text, 'hookline_tenants')).toBe(tenants + 10_000)
  expect(many.calls).toBe(few.calls)
  expect(many.statements.filter((one) => /sum\(/.test(one))).toHaveLength(1)
  expect(seriesIn(text)).toEqual(before.series)
  task.meta.counted = `metrics of ${tenants + 10_000} tenants: ${many.calls} calls of D1 and objects`
})

it('name no tenant, webhook or event type', async () => {
  const { ask, tenant } = await newCaller()
  const receiver = openReceiver()
  const made = await ask('POST', '/v1/webhooks', { url: receiver.url, eventTypes: ['*'] })
  await ask('POST', '/v1/events', { type: 'metered.kind', data: {} })
  await receiver.received(1)
  const { text } = await scrape(await createOperatorKey({ permissions: ['metrics:read'] }))
  const { id } = made.body as { id: string }
  for (const own of [tenant.id, tenant.name, id, 'metered', 'https:']) {
    expect(text).not.toContain(own)
  }
  const labels = seriesIn(text).flatMap((one) =>
    [...one.matchAll(/(\w+)="/g)].map(([, name]) => name),
  )
  expect([...new Set(labels)].toSorted()).toEqual(['component', 'le', 'outcome', 'queue', 'status'])
})
