// How Hookline says how it fares.

import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { send } from '../fixtures/hookline.ts'
import { askAdmin } from './asked.ts'

// Each test begins later than an answer of the one before is kept.
let now = Date.UTC(2096, 0, 1)

function later(ms: number): void {
  now += ms
  vi.setSystemTime(now)
}

function breakDatabase(): void {
  vi.spyOn(env.DB, 'prepare').mockImplementation(() => {
    throw new Error('D1_ERROR: Network connection lost.')
  })
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  later(60_000)
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('GET /v1/health', () => {
  const ask = async () => {
    const { status, body } = await send({ method: 'GET', path: '/v1/health' })
    return [status, body]
  }

  it('says to everybody that all is well', async () => {
    expect(await ask()).toEqual([200, { status: 'ok' }])
  })

  it('says with 503, and no more, that something is not', async () => {
    breakDatabase()
    expect(await ask()).toEqual([503, { status: 'degraded' }])
  })

  it('says the same for five seconds', async () => {
    await ask()
    breakDatabase()
    later(4_999)
    expect(await ask()).toEqual([200, { status: 'ok' }])
    later(1)
    expect(await ask()).toEqual([503, { status: 'degraded' }])
    vi.restoreAllMocks()
    later(5_000)
    expect(await ask()).toEqual([200, { status: 'ok' }])
  })
})

describe('GET /v1/status', () => {
  const LATENCY = expect.any(Number)
  const backlog = { messages: 0, bytes: 0, oldestAt: null }
  const queues = [
    { name: 'eventsQueue', reachable: true, latencyMs: LATENCY, backlog },
    { name: 'deliveriesQueue', reachable: true, latencyMs: LATENCY, backlog },
  ]
  const objects = [
    { name: 'webhookMonitors', reachable: true, latencyMs: LATENCY, backlog: null },
    { name: 'eventLogs', reachable: true, latencyMs: LATENCY, backlog: null },
  ]

  it('shows the administrator every component', async () => {
    const { status, body } = await askAdmin('GET', '/v1/status')
    const database = { name: 'database', reachable: true, latencyMs: LATENCY, backlog: null }
    expect(status).toBe(200)
    expect(body).toEqual({
      status: 'ok',
      oldestUndeliveredMs: null,
      components: [database, ...queues, ...objects],
    })
  })

  it('shows which cannot be reached', async () => {
    breakDatabase()
    const { status, body } = await askAdmin('GET', '/v1/status')
    const database = { name: 'database', reachable: false, latencyMs: LATENCY, backlog: null }
    expect(status).toBe(200)
    expect(body).toEqual({
      status: 'degraded',
      oldestUndeliveredMs: null,
      components: [database, ...queues, ...objects],
    })
  })

  it('shows what waits, and for how long', async () => {
    vi.spyOn(Object.getPrototypeOf(env.DELIVERIES), 'metrics').mockImplementation(async () => ({
      backlogCount: 7,
      backlogBytes: 9_000,
      oldestMessageTimestamp: new Date('2096-01-02T11:58:30.000Z'),
    }))
    vi.setSystemTime(Date.UTC(2096, 0, 2, 12))
    const { body } = await askAdmin('GET', '/v1/status')
    expect(body).toMatchObject({
      oldestUndeliveredMs: 90_000,
      components: [
        { name: 'database' },
        { backlog: { messages: 7, bytes: 9_000, oldestAt: '2096-01-02T11:58:30.000Z' } },
        { backlog: { messages: 7 } },
        { name: 'webhookMonitors' },
        { name: 'eventLogs' },
      ],
    })
  })
})
