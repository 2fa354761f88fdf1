// How Hookline says how it fares.

import { env } from 'cloudflare:workers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { DIAGNOSTICS } from '../../src/tuning.ts'
import { createKey, createTenant, presentations, send } from '../fixtures/hookline.ts'
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

/** Every component, how to make what it is asked come to something else, and what cannot be known without it. */
const components: readonly (readonly [
  name: string,
  instead: (ask: () => never) => unknown,
  blind: readonly string[],
])[] = [
  [
    'database',
    (ask) =>
      vi
        .spyOn(env.DB, 'prepare')
        .mockReturnValue({ first: ask, bind: () => ({ all: ask }) } as never),
    ['secrets'],
  ],
  ['acceptedQueue', (ask) => vi.spyOn(env.ACCEPTED, 'metrics').mockImplementation(ask), []],
  ['eventsQueue', (ask) => vi.spyOn(env.EVENTS, 'metrics').mockImplementation(ask), []],
  ['deliveriesQueue', (ask) => vi.spyOn(env.DELIVERIES, 'metrics').mockImplementation(ask), []],
  ['slowQueue', (ask) => vi.spyOn(env.SLOW, 'metrics').mockImplementation(ask), []],
  [
    'deadAcceptedQueue',
    (ask) => vi.spyOn(env.DEAD_ACCEPTED, 'metrics').mockImplementation(ask),
    [],
  ],
  ['deadEventsQueue', (ask) => vi.spyOn(env.DEAD_EVENTS, 'metrics').mockImplementation(ask), []],
  [
    'deadDeliveriesQueue',
    (ask) => vi.spyOn(env.DEAD_DELIVERIES, 'metrics').mockImplementation(ask),
    [],
  ],
  [
    'webhookMonitors',
    (ask) => vi.spyOn(env.MONITORS, 'getByName').mockReturnValue({ ping: ask } as never),
    [],
  ],
  [
    'eventLogs',
    (ask) => vi.spyOn(env.EVENT_LOGS, 'getByName').mockReturnValue({ ping: ask } as never),
    [],
  ],
  [
    'deploymentJobs',
    (ask) => vi.spyOn(env.DEPLOYMENT_JOBS, 'getByName').mockReturnValue({ ping: ask } as never),
    [],
  ],
]

const ways: readonly (readonly [how: string, ask: () => never])[] = [
  [
    'throws',
    () => {
      throw new Error('A secret of the inside.')
    },
  ],
  ['rejects', () => Promise.reject(new Error('A secret of the inside.')) as never],
  ['hangs', () => new Promise(() => {}) as never],
]

describe.each(components)('while the component %s', (name, instead, blind) => {
  const { timeoutMs } = DIAGNOSTICS
  // Two seconds, which diagnostics.test.ts sees by a clock that is moved, are long without one.
  beforeAll(() => void Object.assign(DIAGNOSTICS, { timeoutMs: 50 }))
  afterAll(() => void Object.assign(DIAGNOSTICS, { timeoutMs }))

  it.each(ways)('%s, everybody is told that something is not well, in time', async (_, ask) => {
    instead(ask)
    const { status, body, text } = await send({ method: 'GET', path: '/v1/health' })
    expect([status, body]).toEqual([503, { status: 'degraded' }])
    expect(text).not.toContain('inside')
  })

  it.each(ways)('%s, the administrator is told which one, in time', async (_, ask) => {
    instead(ask)
    const { status, body, text } = await askAdmin('GET', '/v1/status')
    const shown = body as { status: string; components: { name: string; reachable: boolean }[] }
    const unreachable = shown.components.filter(({ reachable }) => !reachable)
    expect([status, shown.status, unreachable.map((one) => one.name)]).toEqual([
      200,
      'degraded',
      [name, ...blind],
    ])
    expect(text).not.toContain('inside')
  })
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

  it('needs no credential, and /v1/status the administrator’s', async () => {
    const key = await createKey(await createTenant())
    for (const headers of [{}, presentations.bearer(key)]) {
      expect(await send({ method: 'GET', path: '/v1/health' }, headers)).toMatchObject({
        status: 200,
      })
      expect(await send({ method: 'GET', path: '/v1/status' }, headers)).toMatchObject({
        status: 401,
      })
    }
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
  const well = { reachable: true, reason: null }
  const backlog = { messages: 0, bytes: 0, oldestAt: null }
  const queues = [
    ...['acceptedQueue', 'eventsQueue', 'deliveriesQueue', 'slowQueue'],
    ...['deadAcceptedQueue', 'deadEventsQueue', 'deadDeliveriesQueue'],
  ].map((name) => ({ name, ...well, latencyMs: LATENCY, backlog }))
  const objects = [
    { name: 'webhookMonitors', ...well, latencyMs: LATENCY, backlog: null },
    { name: 'eventLogs', ...well, latencyMs: LATENCY, backlog: null },
    { name: 'deploymentJobs', ...well, latencyMs: LATENCY, backlog: null },
    { name: 'signingKeys', ...well, latencyMs: LATENCY, backlog: null },
  ]

  it('shows the administrator every component', async () => {
    const { status, body } = await askAdmin('GET', '/v1/status')
    const database = ['database', 'secrets'].map((name) => ({
      name,
      ...well,
      latencyMs: LATENCY,
      backlog: null,
    }))
    expect(status).toBe(200)
    expect(body).toEqual({
      status: 'ok',
      oldestUndeliveredMs: null,
      components: [...database, ...queues, ...objects],
    })
  })

  it('shows which cannot be reached', async () => {
    breakDatabase()
    const { status, body } = await askAdmin('GET', '/v1/status')
    const reason =
      'The component responded with an error. The log line component.unreachable has the details.'
    const unwell = { reachable: false, reason, latencyMs: LATENCY, backlog: null }
    const database = ['database', 'secrets'].map((name) => ({ name, ...unwell }))
    expect(status).toBe(200)
    expect(body).toEqual({
      status: 'degraded',
      oldestUndeliveredMs: null,
      components: [...database, ...queues, ...objects],
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
        { name: 'secrets' },
        { backlog: { messages: 7, bytes: 9_000, oldestAt: '2096-01-02T11:58:30.000Z' } },
        ...Array(6).fill({ backlog: { messages: 7 } }),
        { name: 'webhookMonitors' },
        { name: 'eventLogs' },
        { name: 'deploymentJobs' },
        { name: 'signingKeys' },
      ],
    })
  })
})
