// What goes with the POST to `alertUrl`: the webhook's signature, or what its dialect has for alerts.

import { describe, expect, it } from 'vitest'
import { DEFAULT_FAILURE_HANDLING } from '../../../src/engine/attempt/failure-handling.ts'
import { publishOperationalEvent } from '../../../src/engine/notifications/operational-events.ts'
import type {
  OperationalEvent,
  OutgoingRequest,
  Ports,
  Wire,
} from '../../../src/engine/ports/index.ts'
import { aWebhook } from '../../dialects/models.ts'

const webhook = {
  ...aWebhook({
    failureHandling: { ...DEFAULT_FAILURE_HANDLING, alertUrl: 'https://alerts.example/' },
    secrets: {
      signing: [{ secret: 'of the webhook', expiresAt: null }],
      headers: [['x-of', 'the webhook']],
      attributes: {},
    },
  }),
  tenantName: 'Acme',
}

const notice: OperationalEvent = {
  id: '0190a1b2-c3d4-7e5f-8a6b-000000000009',
  type: 'webhook.exhausted',
  tenantId: webhook.tenantId,
  webhookId: webhook.id,
  at: 1_795_341_600_000,
  reason: '500',
  state: { version: 0, suspendedAt: null, lane: 'fast', isTroubled: true, isHeld: false },
  counts: { consecutiveFailures: 1, failedEvents: 1, exhaustedEvents: 1 },
  exhausted: {
    eventId: '0190a1b2-c3d4-7e5f-8a6b-000000000002',
    eventType: 'thing.happened',
    trigger: 500,
    message: 'The receiver responded with status 500.',
    at: 1_795_341_600_000,
    diverted: false,
    suspended: false,
  },
}

/** Announces the notice; returns the alert that was sent. */
async function alertOf(own: Pick<Wire, 'alertSecrets'>): Promise<OutgoingRequest | undefined> {
  const sent: OutgoingRequest[] = []
  const background: Promise<void>[] = []
  const wire: Wire = { encode: async () => null, alert: () => '{}', ...own }
  const ports = {
    clock: () => 1_795_341_600_000,
    log: () => {},
    webhooks: { findByRef: async () => [webhook] },
    events: { send: async () => {} },
    dialectRuntimes: () => ({ wire, policy: DEFAULT_FAILURE_HANDLING }),
    send: async (request: OutgoingRequest) => {
      sent.push(request)
      return { kind: 'delivered', statusCode: 200, durationMs: 1 }
    },
    background: (work: Promise<void>) => background.push(work),
  } as unknown as Ports
  await publishOperationalEvent(notice, false, ports)
  await Promise.all(background)
  return sent[0]
}

const standard = [
  ['content-type', 'application/json'],
  ['user-agent', 'Hookline/0.1.0'],
  ['webhook-id', '0190a1b2-c3d4-7e5f-8a6b-000000000009'],
  ['webhook-timestamp', '1795341600'],
]

describe('an alert', () => {
  it('is signed with the webhook’s secret and has none of its headers', async () => {
    expect(await alertOf({})).toEqual({
      url: 'https://alerts.example/',
      headers: [
        ...standard,
        ['webhook-signature', 'v1,twAOgtmaShxmfX4PxTvzhg0tXdEYXU0LcfvjLs+0L0Q='],
      ],
      body: '{}',
      timeoutMs: 15_000,
    })
  })

  it('is signed with the secrets its dialect has for alerts, and has their headers', async () => {
    const alertSecrets = async () => ({
      signing: [{ secret: 'of the alert', expiresAt: null }],
      headers: [['x-of', 'the alert'] as const],
    })
    expect((await alertOf({ alertSecrets }))?.headers).toEqual([
      ['x-of', 'the alert'],
      ...standard,
      ['webhook-signature', 'v1,YNhwhYPzXvwbv2j2YmQ0ICoujJj2eHs823jOU0eUMvA='],
    ])
  })

  it('is not signed when its dialect has no secret for alerts', async () => {
    const alertSecrets = async () => ({ signing: [], headers: [] })
    expect((await alertOf({ alertSecrets }))?.headers).toEqual(standard)
  })
})
