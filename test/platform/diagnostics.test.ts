import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createDiagnostics } from '../../src/platform/diagnostics.ts'
import type { Env } from '../../src/platform/env.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const EMPTY = { messages: 0, bytes: 0, oldestAt: null }

/** What a look finds, without the latencies. */
async function look(bindings: Partial<Env> = {}) {
  const lines: unknown[] = []
  const diagnostics = createDiagnostics({ ...env, ...bindings }, (line) => lines.push(line))
  const components = await diagnostics.look()
  const found = components.map(({ component, reachable, backlog }) => [
    component,
    reachable,
    backlog,
  ])
  return { components, found, lines }
}

/** A queue with these metrics. */
function queueWith(metrics: () => Promise<QueueMetrics>): Queue {
  return { ...env.EVENTS, metrics }
}

const down = async () => {
  throw new Error('It is down.')
}

describe('a look at the components', () => {
  it('reaches all of them, and reads how much waits in the queues', async () => {
    const { components, found, lines } = await look()
    expect(found).toEqual([
      ['database', true, null],
      ['eventsQueue', true, EMPTY],
      ['deliveriesQueue', true, EMPTY],
      ['webhookMonitors', true, null],
      ['eventLogs', true, null],
    ])
    for (const { latencyMs } of components) expect(latencyMs).toBeGreaterThanOrEqual(0)
    expect(lines).toEqual([])
  })

  it('reads when the oldest message was written', async () => {
    const oldestMessageTimestamp = new Date('2026-11-22T10:00:00.000Z')
    const waiting = { backlogCount: 3, backlogBytes: 1_200, oldestMessageTimestamp }
    const { found } = await look({ DELIVERIES: queueWith(async () => waiting) })
    expect(found[2]).toEqual([
      'deliveriesQueue',
      true,
      { messages: 3, bytes: 1_200, oldestAt: 1_795_341_600_000 },
    ])
  })

  it('knows no oldest message when the platform names none', async () => {
    const { found } = await look({
      EVENTS: queueWith(async () => ({ backlogCount: 0, backlogBytes: 0 })),
    })
    expect(found[1]).toEqual(['eventsQueue', true, EMPTY])
  })

  it('finds each component that fails, and says why in the log only', async () => {
    vi.spyOn(env.DB, 'prepare').mockImplementation(() => {
      throw new Error('It is down.')
    })
    const { components, lines } = await look({ EVENTS: queueWith(down) })
    expect(components.map(({ reachable }) => reachable)).toEqual([false, false, true, true, true])
    expect(lines).toMatchObject([
      { event: 'component.unreachable', component: 'database', error: 'Error: It is down.' },
      { event: 'component.unreachable', component: 'eventsQueue', error: 'Error: It is down.' },
    ])
    expect(JSON.stringify(components)).not.toContain('It is down')
  })

  it('finds a Durable Object that fails', async () => {
    const broken = { ping: down }
    vi.spyOn(env.MONITORS, 'getByName').mockReturnValue(broken as never)
    const { components } = await look()
    expect(components.map(({ reachable }) => reachable)).toEqual([true, true, true, false, true])
  })

  it('waits two seconds for a component that hangs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const looking = look({ EVENTS: queueWith(() => new Promise(() => {})) })
    await vi.advanceTimersByTimeAsync(2_000)
    const { components, lines } = await looking
    expect(components.map(({ reachable }) => reachable)).toEqual([true, false, true, true, true])
    expect(lines).toMatchObject([{ error: 'No answer within 2000 ms.' }])
  })
})
