// What happened in the last hours and days, with what it cost, and all of it as metrics.

import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import type { ActivityResponse, UsageResponse } from '../../src/api/schema/usage.ts'
import { createKey, createOperatorKey, openReceiver, sendAs } from '../fixtures/hookline.ts'
import { asking, newCaller } from './asked.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2096, 4, 1, 9)
const TODAY = '2096-05-01'

const startAt = (time: number) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(time)
}

afterEach(() => {
  vi.useRealTimers()
})

const metricsOf = async () => {
  const key = await createOperatorKey({ permissions: ['metrics:read'] })
  const answer = await sendAs(key)({ method: 'GET', path: '/v1/metrics' })
  return { answer, text: answer.text }
}
const readValue = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')[1],
  )

/** One event to a receiver that takes it and to one that does not. */
async function publishOne() {
  startAt(NOW)
  const { ask, tenant } = await newCaller()
  const good = openReceiver()
  const bad = openReceiver(() => new Response(null, { status: 500 }))
  const handling = { retry: { type: 'schedule', delaysSeconds: [3_600] } }
  await ask('POST', '/v1/webhooks', { url: good.url, eventTypes: ['*'] })
  const made = await ask('POST', '/v1/webhooks', {
    ...{ url: bad.url, eventTypes: ['*'], failureHandling: handling },
  })
  await ask('POST', '/v1/events', { type: 'a', data: { n: 1 } })
  await good.received(1)
  await bad.received(1)
  return { ask, tenant, webhook: made.body as { id: string } }
}

it('is every one of the last 24 hours, the present one at the end', async () => {
  const { ask } = await publishOne()
  await vi.waitFor(async () => {
    const { items } = (await ask('GET', '/v1/activity')).body as ActivityResponse
    expect(items).toHaveLength(24)
    expect(items[0]).toEqual({
      ...{ hour: '2096-04-30T10:00:00.000Z', events: 0, delivered: 0, failed: 0, diverted: 0 },
    })
    expect(items[23]).toMatchObject({ hour: '2096-05-01T09:00:00.000Z', events: 1, delivered: 1 })
  })
})

it('has what its webhooks’ monitors told, and what all of it cost', async () => {
  const { ask, webhook } = await publishOne()
  await vi.waitFor(async () => {
    const answer = await ask('GET', `/v1/webhooks/${webhook.id}/attempts`)
    expect((answer.body as { items: unknown[] }).items).toHaveLength(1)
  })
  startAt(NOW + 2 * HOUR)
  await runDurableObjectAlarm(env.MONITORS.getByName(webhook.id))
  await vi.waitFor(async () => {
    const { items } = (await ask('GET', '/v1/activity')).body as ActivityResponse
    expect(items[21]).toMatchObject({ events: 1, delivered: 1, failed: 1 })
  })
  const [today] = ((await ask('GET', '/v1/usage')).body as UsageResponse).items
  expect(today).toMatchObject({ day: TODAY, events: 1, delivered: 1, failed: 1 })
  // A request, two calls and two rows; a report, which is a call and a row, and the message and the batch of its retry.
  expect((today?.dollars ?? 0) * 1_000_000).toBeCloseTo(0.3 + 0.3 + 2 + 1.15 + 1.2 + 0.3, 0)
})

it('is told by the event log’s first alarm on the next day, for the metrics', async () => {
  const before = readValue((await metricsOf()).text, 'hookline_events_total')
  const { ask, tenant } = await publishOne()
  const log = env.EVENT_LOGS.getByName(tenant.id)
  await runDurableObjectAlarm(log)
  expect(readValue((await metricsOf()).text, 'hookline_events_total')).toBe(before)
  startAt(NOW + 24 * HOUR)
  await ask('POST', '/v1/events', { type: 'a', data: {} })
  startAt(NOW + 24 * HOUR + 300_000)
  await runDurableObjectAlarm(log)
  expect(readValue((await metricsOf()).text, 'hookline_events_total')).toBe(before + 1)
})

it('are OpenMetrics text for an operator key that may read them', async () => {
  const { answer, text } = await metricsOf()
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe(
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  )
  expect(text).toMatch(/\n# EOF\n$/)
  expect(text).toContain('hookline_attempt_duration_seconds_bucket{le="1.0"} ')
  expect(text).toContain('hookline_webhooks{status="suspended"} ')
  const { ask } = await newCaller()
  expect((await ask('GET', '/v1/metrics')).status).toBe(403)
})

it('shows no hours to a key that acts for a user', async () => {
  const { tenant } = await newCaller()
  const user = asking(
    sendAs(await createKey(tenant, { subject: 'ada', permissions: ['events:read'] })),
  )
  expect((await user('GET', '/v1/activity')).body).toMatchObject({ items: [], failing: 0, held: 0 })
})
