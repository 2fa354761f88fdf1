import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ComponentState, LogLine } from '../../src/engine/ports/index.ts'
import { createD1Stores } from '../../src/platform/d1/index.ts'
import { createDiagnostics } from '../../src/platform/diagnostics.ts'
import type { Env } from '../../src/platform/env.ts'
import { createVault } from '../../src/platform/vault.ts'
import { DIAGNOSTICS } from '../../src/tuning.ts'
import { diagnosticsContract, type Flaw } from '../contracts/diagnostics.ts'
import { aTenant, aWebhook } from '../contracts/store-fixtures.ts'
import { makeD1Stores } from './d1/stores.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const EMPTY = { messages: 0, bytes: 0, oldestAt: null }

/** What a look finds, without the latencies. */
async function look(bindings: Partial<Env> = {}) {
  const lines: LogLine[] = []
  const diagnostics = createDiagnostics({ ...env, ...bindings }, (line) => lines.push(line))
  const components = await diagnostics.look()
  const found = components.map(({ component, reachable, backlog }) => [
    component,
    reachable,
    backlog,
  ])
  return { components, found, lines }
}

const reachable = (components: readonly ComponentState[]) =>
  components.filter((one) => one.reachable).map(({ component }) => component)
const unreachable = (components: readonly ComponentState[]) =>
  components.filter((one) => !one.reachable).map(({ component }) => component)

/** A queue with these metrics. */
function queueWith(metrics: () => Promise<QueueMetrics>): Queue {
  return { ...env.EVENTS, metrics }
}

const down = async () => {
  throw new Error('It is down.')
}

/** A queue that this is wrong with. */
function flawedQueue(flaw: Flaw): Queue {
  return queueWith(() => {
    if (flaw === 'hanging') return new Promise(() => {})
    throw new Error('hidden')
  })
}

diagnosticsContract(({ eventsQueue, deliveriesQueue }) => {
  const EVENTS = eventsQueue ? flawedQueue(eventsQueue) : env.EVENTS
  const DELIVERIES = deliveriesQueue ? flawedQueue(deliveriesQueue) : env.DELIVERIES
  return createDiagnostics({ ...env, EVENTS, DELIVERIES }, () => {})
})

describe('a look at the components', () => {
  it('reaches all of them, and reads how much waits in the queues', async () => {
    const { components, found, lines } = await look()
    expect(found).toEqual([
      ['database', true, null],
      ['secrets', true, null],
      ['acceptedQueue', true, EMPTY],
      ['eventsQueue', true, EMPTY],
      ['deliveriesQueue', true, EMPTY],
      ['slowQueue', true, EMPTY],
      ['deadAcceptedQueue', true, EMPTY],
      ['deadEventsQueue', true, EMPTY],
      ['deadDeliveriesQueue', true, EMPTY],
      ['webhookMonitors', true, null],
      ['eventLogs', true, null],
      ['deploymentJobs', true, null],
      ['signingKeys', true, null],
    ])
    for (const { latencyMs } of components) expect(latencyMs).toBeGreaterThanOrEqual(0)
    expect(components.map(({ reason }) => reason)).toEqual(Array(13).fill(null))
    expect(lines).toEqual([])
  })

  it('reads when the oldest message was written', async () => {
    const oldestMessageTimestamp = new Date('2026-11-22T10:00:00.000Z')
    const waiting = { backlogCount: 3, backlogBytes: 1_200, oldestMessageTimestamp }
    const { found } = await look({ DELIVERIES: queueWith(async () => waiting) })
    expect(found[4]).toEqual([
      'deliveriesQueue',
      true,
      { messages: 3, bytes: 1_200, oldestAt: 1_795_341_600_000 },
    ])
  })

  it('adds up what waits in all queues of a kind', async () => {
    const waiting = (backlogCount: number, at: number): Queue => {
      const metrics = async () => ({
        ...{ backlogCount, backlogBytes: 100 * backlogCount },
        oldestMessageTimestamp: new Date(at),
      })
      return Object.assign(Object.create(env.DELIVERIES), { metrics })
    }
    const queues = {
      DELIVERIES: waiting(3, 2_000),
      DELIVERIES_2: waiting(4, 1_000),
      DELIVERIES_3: waiting(0, 0),
    }
    const { components } = await look(queues)
    const backlog = { messages: 7, bytes: 700, oldestAt: 1_000 }
    expect(components[4]).toMatchObject({ component: 'deliveriesQueue', backlog })
  })

  it('knows no oldest message when the platform names none', async () => {
    const { found } = await look({
      EVENTS: queueWith(async () => ({ backlogCount: 0, backlogBytes: 0 })),
    })
    expect(found[3]).toEqual(['eventsQueue', true, EMPTY])
  })

  it('finds each component that fails, and says why in the log only', async () => {
    vi.spyOn(env.DB, 'prepare').mockImplementation(() => {
      throw new Error('It is down.')
    })
    const { components, lines } = await look({ EVENTS: queueWith(down) })
    expect(reachable(components)).toEqual([
      'acceptedQueue',
      'deliveriesQueue',
      'slowQueue',
      'deadAcceptedQueue',
      'deadEventsQueue',
      'deadDeliveriesQueue',
      'webhookMonitors',
      'eventLogs',
      'deploymentJobs',
      'signingKeys',
    ])
    expect(lines).toMatchObject([
      { event: 'component.unreachable', component: 'database', error: 'Error: It is down.' },
      { event: 'component.unreachable', component: 'eventsQueue', error: 'Error: It is down.' },
      { event: 'component.unreachable', component: 'secrets', error: 'Error: It is down.' },
    ])
    expect(components[0]?.reason).toBe(
      'The component responded with an error. The log line component.unreachable has the details.',
    )
    expect(JSON.stringify(components)).not.toContain('It is down')
  })

  it('finds a Durable Object that fails', async () => {
    const broken = { ping: down }
    vi.spyOn(env.MONITORS, 'getByName').mockReturnValue(broken as never)
    const { components } = await look()
    expect(unreachable(components)).toEqual(['webhookMonitors'])
  })

  it('waits two seconds for a component that hangs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const looking = look({ EVENTS: queueWith(() => new Promise(() => {})) })
    await vi.advanceTimersByTimeAsync(2_000)
    const { components, lines } = await looking
    expect(unreachable(components)).toEqual(['eventsQueue'])
    expect(components[3]).toMatchObject({ reason: 'No response within 2000 ms.' })
    expect(lines).toMatchObject([{ error: 'No response within 2000 ms.' }])
  })
})

describe('a look at a database', () => {
  const NOT_MIGRATED =
    'The database has not been migrated to this version of Hookline. Run npm run migrate.'

  it.each([
    [
      'without the tables',
      'webhooks RENAME TO elsewhere',
      'elsewhere RENAME TO webhooks',
      'no such table: webhooks',
    ],
    [
      'without the column of a later migration',
      'webhooks RENAME COLUMN lane TO elsewhere',
      'webhooks RENAME COLUMN elsewhere TO lane',
      'no such column: webhooks.lane',
    ],
    [
      'without a table that only some calls need',
      'dead_letters RENAME TO elsewhere',
      'elsewhere RENAME TO dead_letters',
      'no such table: dead_letters',
    ],
  ])('%s says that it is not migrated', async (_, breaks, mends, why) => {
    await env.DB.prepare(`ALTER TABLE ${breaks}`).run()
    const { components, lines } = await look()
    await env.DB.prepare(`ALTER TABLE ${mends}`).run()
    expect(components[0]).toMatchObject({ reachable: false, reason: NOT_MIGRATED })
    expect(lines[0]).toMatchObject({ component: 'database', error: expect.stringContaining(why) })
    expect(unreachable((await look()).components)).toEqual([])
  })

  it('reads no row of its tables', async () => {
    const stores = await makeD1Stores()
    await stores.tenants.insert(aTenant(1))
    await stores.webhooks.insert(aWebhook(7))
    const statements: string[] = []
    const { prepare } = env.DB
    vi.spyOn(env.DB, 'prepare').mockImplementation((sql) => {
      statements.push(sql)
      return prepare.call(env.DB, sql)
    })
    await look()
    vi.restoreAllMocks()
    const { meta } = await env.DB.prepare(statements[0] ?? '').run()
    expect(meta.rows_read).toBe(0)
  })
})

describe('a look at the secrets', () => {
  const OTHER = btoa('a newer key of thirty-two bytes.')
  const secretsOf = async (SECRETS_KEY: string) => {
    const { components } = await look({ SECRETS_KEY })
    const { reachable, reason } = components.find(({ component }) => component === 'secrets') ?? {}
    return { reachable, reason }
  }

  beforeEach(async () => {
    const stores = await makeD1Stores()
    await stores.tenants.insert(aTenant(1))
  })
  const store = (SECRETS_KEY: string, id: number) =>
    createD1Stores(env.DB, createVault(SECRETS_KEY)).webhooks.insert(aWebhook(id))

  it.each([
    ['malformed', 'c2hvcnQta2V5', 1],
    ['absent', '', 1],
    ['malformed in its second entry', `${OTHER},x`, 2],
  ])('finds a key that is %s, though nothing is stored', async (_, secretsKey, entry) => {
    expect(await secretsOf(secretsKey)).toEqual({
      reachable: false,
      reason:
        `The stored secrets cannot be used: SECRETS_KEY is malformed, because entry ${entry} is not 32 bytes in base64 ` +
        '(generate one with openssl rand -base64 32).',
    })
  })

  it('finds a key that opens nothing of what is stored', async () => {
    for (const id of [1, 2, 3]) await store(env.SECRETS_KEY, id)
    expect(await secretsOf(OTHER)).toEqual({
      reachable: false,
      reason:
        'SECRETS_KEY decrypts none of the stored secrets. Add the key that they were encrypted with.',
    })
    expect(await secretsOf(`${OTHER},${env.SECRETS_KEY}`)).toEqual({
      reachable: true,
      reason: null,
    })
  })

  it('tells of a part that nothing opens, which keeps no other webhook from its events', async () => {
    await store(env.SECRETS_KEY, 1)
    for (const id of [2, 3]) await store(OTHER, id)
    expect(await secretsOf(OTHER)).toEqual({
      reachable: true,
      reason:
        '1 of the 3 webhooks checked have secrets that no key in SECRETS_KEY decrypts. The job started by POST /v1/secrets/reencrypt names up to ten of them.',
    })
  })

  it('is content where nothing is stored', async () => {
    expect(await secretsOf(OTHER)).toEqual({ reachable: true, reason: null })
  })

  it('looks at both ends of what is stored, however much there is', async () => {
    for (let id = 1; id <= 6; id += 1) await store(id <= 4 ? env.SECRETS_KEY : OTHER, id)
    const { sealedAtEachEnd } = DIAGNOSTICS
    Object.assign(DIAGNOSTICS, { sealedAtEachEnd: 2 })
    const { reason } = await secretsOf(OTHER)
    Object.assign(DIAGNOSTICS, { sealedAtEachEnd })
    expect(reason).toMatch(/^2 of the 4 webhooks checked /)
  })
})
