// One tenant floods, or its receivers hang: another one's event is sent all the same, counted in batches and requests.

import { describe, expect, it } from 'vitest'
import { createEngine } from '../../src/engine/index.ts'
import type { WebhookDraft } from '../../src/engine/model/index.ts'
import { World } from '../fakes/world.ts'

const NEUTRAL: Omit<WebhookDraft, 'url'> = {
  dialect: 'native',
  owner: null,
  uniqueKey: null,
  name: null,
  eventTypes: ['*'],
  scope: {},
  enabled: true,
  failureHandling: null,
  attributes: {},
  secrets: { signing: [], headers: [], attributes: {} },
}

/** A tenant with so many webhooks that answer so. */
async function settleIn(world: World, name: string, webhooks: number, behaviour: 'ok' | 'hanging') {
  const { administration, webhooks: configurations, events } = world.engine
  const { id } = await administration.createTenant({ name, id: null })
  for (let n = 1; n <= webhooks; n += 1) {
    const url = `https://${name}-${n}.example/`
    world.behaviours.set(url, behaviour)
    await configurations.create(id, { ...NEUTRAL, url })
  }
  const draft = { type: 'thing', data: '{}', deduplicationKey: null, time: null, scope: {} }
  return {
    id,
    publish: async (count: number) => {
      const accepted = await events.publish(
        id,
        Array.from({ length: count }, () => ({ ...draft, actor: null, requestId: null })),
      )
      // What needs no time to pass is done, such as the first attempts.
      for (let turn = 0; turn < 50; turn += 1) await new Promise((go) => setTimeout(go, 0))
      return accepted
    },
  }
}

const sentTo = (world: World, name: string) =>
  world.sent.filter(({ url }) => url.startsWith(`https://${name}-`))

describe('a tenant', () => {
  it('whose receivers hang leaves another one its own invocation', async ({ task }) => {
    const world = new World()
    const dead = await settleIn(world, 'dead', 100, 'hanging')
    const well = await settleIn(world, 'well', 1, 'ok')
    const { now } = world
    await dead.publish(50)
    await well.publish(1)
    expect(sentTo(world, 'well')).toMatchObject([{ at: now }])
    task.meta.counted = `5000 deliveries that hang before it: another tenant's is sent at once, as request ${world.sent.length}`
  })

  it('whose retries hang leaves another one’s retry a connection', async () => {
    const world = new World()
    const dead = await settleIn(world, 'dead', 20, 'hanging')
    const well = await settleIn(world, 'well', 1, 'ok')
    await dead.publish(1)
    await world.runBatch('events', 10)
    await world.advance(15_000)
    world.behaviours.set('https://well-1.example/', 'error')
    await well.publish(1)
    await world.runBatch('events', 10)
    world.behaviours.set('https://well-1.example/', 'ok')
    await world.advance(3_600_000)
    const sent = world.sent.length
    // All that is due in one batch, the dead ones first.
    await world.runBatch('deliveries', 100)
    const retries = world.sent.slice(sent)
    expect(retries.some(({ url }) => url.startsWith('https://well-'))).toBe(true)
  })

  it('that floods is taken on in shares, loses nothing, and keeps nobody waiting', async ({
    task,
  }) => {
    const world = new World()
    const flood = await settleIn(world, 'flood', 50, 'ok')
    const calm = await settleIn(world, 'calm', 1, 'ok')
    for (let publish = 1; publish <= 2; publish += 1) await flood.publish(400)
    const { now } = world
    await calm.publish(1)
    expect(sentTo(world, 'calm')).toMatchObject([{ at: now }])
    const first = sentTo(world, 'flood').length
    expect(first).toBeLessThanOrEqual(2_000)
    await world.settle()
    const received = Map.groupBy(sentTo(world, 'flood'), ({ url }) => url)
    expect(received.size).toBe(50)
    for (const requests of received.values()) {
      expect(new Set(requests.map(({ eventId }) => eventId)).size).toBe(800)
      expect(requests).toHaveLength(800)
    }
    task.meta.counted = `40000 deliveries of one tenant before it: another's is sent at once, after ${first} of them; all 40000 arrive once`
  }, 60_000)

  it('may have twenty replays under way', async () => {
    const world = new World()
    const eventLog = () => ({ ...world.ports.eventLog(''), replay: async () => 'busy' as const })
    const { webhooks } = createEngine({ ...world.ports, eventLog })
    const { id } = await world.engine.administration.createTenant({ name: 'Acme', id: null })
    const webhook = await webhooks.create(id, { ...NEUTRAL, url: 'https://acme.example/' })
    const query = { since: 0, until: null, onlyMissing: false }
    await expect(webhooks.replay(webhook, query)).rejects.toMatchObject({
      code: 'limit_reached',
      message:
        'This tenant already has 20 running replays, which is the maximum. Wait for one to finish.',
    })
  })

  it('finds its events in the log whether they were taken on at once or later', async () => {
    const world = new World()
    const flood = await settleIn(world, 'flood', 50, 'ok')
    const accepted = await flood.publish(300)
    await world.settle()
    const log = world.ports.eventLog(flood.id)
    for (const { id } of [accepted[0], accepted[150], accepted[299]].filter(
      (one) => one !== undefined,
    )) {
      expect((await log.find(id))?.webhookIds).toHaveLength(50)
    }
  })
})
