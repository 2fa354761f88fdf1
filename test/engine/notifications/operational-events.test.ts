import { describe, expect, it } from 'vitest'
import type { OperationalEvent } from '../../../src/engine/ports/index.ts'
import { Bench, broken, handledBy } from '../../fixtures/bench.ts'

const ACK = { kind: 'ack' }
const T = 1_795_341_600_000

function aNotice(
  bench: Bench,
  webhookId: string,
  fields: Partial<OperationalEvent> = {},
): OperationalEvent {
  return {
    id: '01940000-0000-7000-8000-00000000000a',
    type: 'webhook.exhausted',
    tenantId: bench.tenantId,
    webhookId,
    at: T,
    reason: '500',
    state: { version: 1, suspendedAt: T, lane: 'slow', isTroubled: true, isHeld: false },
    counts: { consecutiveFailures: 3, failedEvents: 2, exhaustedEvents: 1 },
    exhausted: {
      eventId: '01940000-0000-7000-8000-00000000000b',
      eventType: 'invoice.paid',
      trigger: 500,
      message: 'The receiver responded with status 500.',
      at: T,
      diverted: true,
      suspended: false,
    },
    ...fields,
  }
}

const alerting = handledBy({ alertUrl: 'https://alerts.example/' })
const failing = {
  type: 'webhook.failing',
  reason: 'half_time',
  cause: 'gateway',
  exhausted: null,
  failing: { failingSince: T, suspendsAt: T + 3_600_000, eventId: 'event-1' },
} as const
const suspended = { type: 'webhook.suspended', reason: 'failing', exhausted: null } as const

async function openBench(overrides: Parameters<typeof Bench.open>[0] = {}) {
  const bench = await Bench.open(overrides)
  const webhook = await bench.webhook({ failureHandling: alerting })
  return { bench, webhook }
}

describe('a notice of failing', () => {
  it('becomes an event of the tenant that says since when and until when, and no alert', async () => {
    const { bench, webhook } = await openBench()
    const notice = aNotice(bench, webhook.id, failing)
    expect(await bench.consumeDelivery({ kind: 'notice', notice })).toEqual(ACK)
    await bench.settled()
    const [event] = bench.published[0]?.events ?? []
    expect(event).toMatchObject({ id: notice.id, type: 'webhook.failing' })
    expect(JSON.parse(event?.data ?? '')).toEqual({
      webhookId: webhook.id,
      reason: 'half_time',
      cause: 'gateway',
      consecutiveFailures: 3,
      failedEvents: 2,
      exhaustedEvents: 1,
      failingSince: new Date(T).toISOString(),
      suspendsAt: new Date(T + 3_600_000).toISOString(),
    })
    expect(bench.requests).toEqual([])
  })
})

describe('a notice of an exhaustion', () => {
  it('becomes an event of the tenant, and one POST to alertUrl', async () => {
    const { bench, webhook } = await openBench()
    const notice = { ...aNotice(bench, webhook.id), cause: 'gateway' }
    expect(await bench.consumeDelivery({ kind: 'notice', notice })).toEqual(ACK)
    await bench.settled()
    expect(bench.published).toMatchObject([
      { redelivered: false, events: [{ id: notice.id, type: 'webhook.exhausted', scope: {} }] },
    ])
    expect(JSON.parse(bench.published[0]?.events[0]?.data ?? '')).toEqual({
      webhookId: webhook.id,
      reason: '500',
      cause: 'gateway',
      consecutiveFailures: 3,
      failedEvents: 2,
      exhaustedEvents: 1,
      eventId: '01940000-0000-7000-8000-00000000000b',
      eventType: 'invoice.paid',
      diverted: true,
    })
    expect(bench.requests.map(({ url }) => url)).toEqual(['https://alerts.example/'])
    expect(new Map(bench.requests[0]?.headers).get('webhook-id')).toBe(notice.id)
  })

  it('still alerts when it could not be made known at first', async () => {
    let isDown = true
    const { bench, webhook } = await openBench({
      events: {
        async send() {
          if (isDown) throw new Error('The queue is down.')
        },
      },
    })
    const message = { kind: 'notice', notice: aNotice(bench, webhook.id) } as const
    expect(await bench.consumeDelivery(message)).toMatchObject({ kind: 'retry' })
    await bench.settled()
    expect(bench.requests).toEqual([])
    isDown = false
    expect(await bench.consumeDelivery(message, { attempts: 2 })).toEqual(ACK)
    await bench.settled()
    expect(bench.requests).toHaveLength(1)
  })

  it('of one of Hookline’s own events publishes nothing', async () => {
    const { bench, webhook } = await openBench()
    const notice = aNotice(bench, webhook.id)
    if (notice.exhausted === null) throw new Error('The notice is of no exhaustion.')
    const exhausted = { ...notice.exhausted, eventType: 'webhook.suspended' }
    await bench.consumeDelivery({ kind: 'notice', notice: { ...notice, exhausted } })
    await bench.settled()
    expect(bench.published).toEqual([])
    expect(bench.requests).toHaveLength(1)
  })

  it('alerts nobody when its webhook is gone', async () => {
    const { bench, webhook } = await openBench()
    await bench.engine.webhooks.delete(bench.ref(webhook))
    const notice = aNotice(bench, webhook.id)
    expect(await bench.consumeDelivery({ kind: 'notice', notice })).toEqual(ACK)
    await bench.settled()
    expect(bench.requests).toEqual([])
  })
})

describe('a notice of a suspension', () => {
  it('writes the state to the configuration, publishes, and alerts nobody', async () => {
    const { bench, webhook } = await openBench()
    const notice = aNotice(bench, webhook.id, suspended)
    expect(await bench.consumeDelivery({ kind: 'notice', notice })).toEqual(ACK)
    await bench.settled()
    const found = await bench.engine.webhooks.get(bench.ref(webhook))
    expect(found).toMatchObject({ suspendedAt: T, lane: 'slow' })
    expect(bench.published).toMatchObject([{ events: [{ type: 'webhook.suspended' }] }])
    expect(bench.requests).toEqual([])
  })

  it('comes again while the state cannot be written, so that nothing is sent to a suspended webhook', async () => {
    const { bench, webhook } = await openBench()
    const notice = aNotice(bench, webhook.id, suspended)
    const down = bench.with({
      webhooks: { ...bench.ports.webhooks, setState: async () => broken() },
    })
    expect(await down.consumeDelivery({ kind: 'notice', notice })).toEqual({
      kind: 'retry',
      delaySeconds: 10,
    })
    expect(await bench.consumeDelivery({ kind: 'notice', notice }, { attempts: 2 })).toEqual(ACK)
    const { suspendedAt } = await bench.engine.webhooks.get(bench.ref(webhook))
    expect(suspendedAt).toBe(T)
  })

  it('does not undo a newer state', async () => {
    const { bench, webhook } = await openBench()
    const newer = { version: 2, suspendedAt: null, lane: 'slow' } as const
    await bench.ports.webhooks.setState(bench.ref(webhook), newer)
    await bench.consumeDelivery({ kind: 'notice', notice: aNotice(bench, webhook.id, suspended) })
    const found = await bench.engine.webhooks.get(bench.ref(webhook))
    expect(found.suspendedAt).toBeNull()
  })

  it('asks the log when it comes again', async () => {
    const { bench, webhook } = await openBench()
    const notice = aNotice(bench, webhook.id, suspended)
    await bench.consumeDelivery({ kind: 'notice', notice }, { attempts: 2 })
    expect(bench.published).toMatchObject([{ redelivered: true }])
  })
})
