import { describe, expect, it } from 'vitest'
import type { Backlog, ComponentState } from '../../src/engine/ports/index.ts'
import { createSystem } from '../../src/engine/system.ts'
import { createMemoryDeployment } from '../fakes/deployment.ts'

const NOON = Date.UTC(2026, 10, 22, 12)

function component(
  name: ComponentState['component'],
  fields: Partial<ComponentState> = {},
): ComponentState {
  return {
    component: name,
    reachable: true,
    reason: null,
    latencyMs: 3,
    backlog: null,
    ...fields,
  }
}

function waiting(oldestAt: number | null): Backlog {
  return { messages: oldestAt === null ? 0 : 2, bytes: 100, oldestAt }
}

const well = [component('database')]
const unwell = [component('database', { reachable: false }), component('eventLogs')]

/** A system whose clock starts a day after that of the one before: the cache is the isolate's. */
function openSystem(found: readonly ComponentState[]) {
  days += 1
  const world = { now: NOON + days * 86_400_000, found, looks: 0 }
  const system = createSystem({
    ...createMemoryDeployment().ports,
    clock: () => world.now,
    diagnostics: {
      look: async () => {
        world.looks += 1
        return world.found
      },
      lookAtQueues: async () => world.found,
    },
  })
  return { system, world }
}

let days = 0

describe('health', () => {
  it('is ok while every component can be reached', async () => {
    expect(await openSystem(well).system.health()).toBe('ok')
  })

  it('is degraded while one cannot', async () => {
    expect(await openSystem(unwell).system.health()).toBe('degraded')
  })

  it('looks again after five seconds', async () => {
    const { system, world } = openSystem(well)
    await system.health()
    world.found = unwell
    world.now += 4_999
    expect([await system.health(), world.looks]).toEqual(['ok', 1])
    world.now += 1
    expect([await system.health(), world.looks]).toEqual(['degraded', 2])
  })

  it('looks once when many ask at the same time', async () => {
    const { system, world } = openSystem(unwell)
    await system.health()
    world.now += 5_000
    world.found = well
    const asked = [system.health(), system.health(), system.health()]
    expect(await Promise.all(asked)).toEqual(['ok', 'degraded', 'degraded'])
    expect(world.looks).toBe(2)
  })

  it('looks again when the clock was set back', async () => {
    const { system, world } = openSystem(well)
    await system.health()
    world.now -= 60_000
    await system.health()
    expect(world.looks).toBe(2)
  })
})

describe('the status', () => {
  it('is of now, whatever the health was', async () => {
    const { system, world } = openSystem(well)
    await system.health()
    world.found = unwell
    expect(await system.status()).toEqual({
      health: 'degraded',
      components: unwell,
      oldestUndeliveredMs: null,
    })
  })

  it.each<readonly [string, readonly (number | null)[], number | null]>([
    ['nothing waits', [null, null], null],
    ['one queue has something waiting', [null, -90_000], 90_000],
    ['both have', [-5_000, -90_000], 90_000],
    ['the platform’s clock is ahead', [40, null], 0],
  ])('tells the age of the oldest message: %s', async (_, ages, expected) => {
    const { system, world } = openSystem([])
    const [events = null, deliveries = null] = ages.map((ms) => ms && world.now + ms)
    world.found = [
      component('database'),
      component('eventsQueue', { backlog: waiting(events) }),
      component('deliveriesQueue', { backlog: waiting(deliveries) }),
    ]
    expect((await system.status()).oldestUndeliveredMs).toBe(expected)
  })
})
