import { describe, expect, it } from 'vitest'
import { deliveriesOf, toDelivery } from '../../../src/engine/delivery/event-deliveries.ts'
import { UNTRIED } from '../../../src/engine/health/runs.ts'
import type { Attempt, DeliveryState, FirstOutcome } from '../../../src/engine/model/index.ts'
import type { DialectRuntimes, Ports } from '../../../src/engine/ports/index.ts'
import { anEvent, aTarget } from '../../dialects/models.ts'
import { NO_KEYS } from '../../fixtures/signing-keys.ts'

const { webhook, dialectRuntime } = aTarget({})
const DEPLOYED: DialectRuntimes = () => dialectRuntime
const PORTS = { dialectRuntimes: DEPLOYED, settings: { httpSigning: NO_KEYS } }
const FAILED = { statusCode: 500, error: 'The receiver responded with status 500.' }
const NO_ATTEMPT = { statusCode: null, error: null }

const state = (fields: Partial<DeliveryState> = {}): DeliveryState => ({ ...UNTRIED, ...fields })
const failing = state({
  ...{ status: 'failing', attempts: 2, lastAttemptAt: 100, nextAttemptAt: 900 },
})

describe('a delivery as its owner sees it', () => {
  const deleted = { url: null, nextAttemptAt: null }
  const gone = { ...deleted, status: 'dropped', reason: 'The webhook was deleted.' }
  it.each([
    ['failing', failing, FAILED, webhook, { ...failing, ...FAILED, url: webhook.url }],
    [
      'delivered, whatever its webhook is now',
      state({ status: 'delivered', attempts: 1, lastAttemptAt: 100 }),
      { statusCode: 204, error: null },
      null,
      { status: 'delivered', attempts: 1, statusCode: 204, error: null, url: null, reason: null },
    ],
    [
      'diverted, with its reason',
      state({ status: 'diverted', reason: 'The webhook is suspended.' }),
      null,
      { ...webhook, suspendedAt: 1 },
      { ...NO_ATTEMPT, status: 'diverted', reason: 'The webhook is suspended.' },
    ],
    [
      'diverted, and its webhook deleted',
      state({ status: 'diverted', reason: 'It was given up.', attempts: 9, lastAttemptAt: 100 }),
      FAILED,
      null,
      { ...FAILED, url: null, status: 'diverted', reason: 'It was given up.' },
    ],
    ['failing when its webhook was deleted', failing, FAILED, null, { ...gone, ...FAILED }],
    ['pending when its webhook was deleted', state(), null, null, { ...gone, ...NO_ATTEMPT }],
    ['pending', state(), null, webhook, { ...NO_ATTEMPT, status: 'pending', reason: null }],
    [
      'waiting for a key',
      state(),
      null,
      { ...webhook, unreadable: true as const },
      { status: 'pending', reason: 'The secrets of the webhook cannot be decrypted.' },
    ],
    [
      'waiting for nothing, where it ends when it comes due',
      state(),
      null,
      { ...webhook, unreadable: true as const, enabled: false },
      { status: 'pending', reason: null },
    ],
  ])('%s', (_, known, last, present, expected) => {
    const of = { webhookId: 'w', state: known, last, webhook: present }
    expect(toDelivery(of, PORTS)).toMatchObject({ webhookId: 'w', ...expected })
  })
})

describe('the last attempt of a delivery', () => {
  const event = { ...anEvent({ type: 'a' }), webhookIds: [webhook.id] }
  /** Deliveries of which the event log noted `first`, and the monitor tells `told` and these attempts. */
  const read = async (
    told: DeliveryState,
    { first, attempts = [] }: { first?: FirstOutcome; attempts?: readonly Partial<Attempt>[] },
  ) => {
    const asked: unknown[] = []
    const ports = {
      eventLog: () => ({ firstOutcomes: async () => [first ?? null] }),
      monitor: () => ({
        statesOfEvents: async () => [told],
        attempts: async (query: unknown) => {
          asked.push(query)
          return { items: attempts, nextCursor: null }
        },
      }),
      webhooks: { findByRef: async () => [webhook] },
      dialectRuntimes: DEPLOYED,
    } as unknown as Ports
    const [delivery] = await deliveriesOf(webhook.tenantId, event, ports)
    return { delivery, asked }
  }
  const noted = (fields: Partial<FirstOutcome> = {}): FirstOutcome => ({
    ...{ eventId: event.id, eventType: 'a', webhookId: webhook.id, at: 50 },
    ...{ delivered: { statusCode: 202, durationMs: 9 }, ...fields },
  })

  it('is that of the event log where it delivered at once, and nobody else is asked', async () => {
    const { delivery, asked } = await read(state(), { first: noted() })
    expect(delivery).toMatchObject({ status: 'delivered', attempts: 1, statusCode: 202 })
    expect(asked).toEqual([])
  })

  it('is the one that the monitor has of that time', async () => {
    const { delivery, asked } = await read(failing, {
      first: noted({ delivered: null }),
      attempts: [FAILED],
    })
    expect(asked).toEqual([{ eventId: event.id, after: 99, limit: 1 }])
    expect(delivery).toMatchObject({ ...FAILED, nextAttemptAt: 900, url: webhook.url })
  })

  it('is a later one of a resend, while the delivery stays delivered and all attempts count', async () => {
    const { delivery } = await read(failing, { first: noted(), attempts: [FAILED] })
    expect(delivery).toMatchObject({ ...FAILED, status: 'delivered', attempts: 3 })
  })

  it('is unknown where it is not kept any more, or there was none', async () => {
    expect((await read(failing, {})).delivery).toMatchObject(NO_ATTEMPT)
    const { delivery, asked } = await read(state(), {})
    expect([delivery, asked]).toMatchObject([NO_ATTEMPT, []])
  })
})
