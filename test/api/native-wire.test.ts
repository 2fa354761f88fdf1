import { describe, expect, it } from 'vitest'
import { nativeRuntime } from '../../src/api/native-wire.ts'
import type { Event, Webhook } from '../../src/engine/model/index.ts'

const event: Event = {
  id: '01900000-0000-7000-8000-000000000001',
  type: 'order.paid',
  time: '2026-11-22T10:00:00.000Z',
  data: '{ "b": 1.10, "a": 12345678901234567890 }',
  scope: {},
  actor: null,
  requestId: null,
}
const webhook = { id: '01900000-0000-7000-8000-000000000002' } as Webhook

describe('the native wire', () => {
  it('is the payload structure of Standard Webhooks, data as it was published', async () => {
    const context = { tenantName: 'Acme', variables: {} }
    expect(await nativeRuntime.wire.encode(event, webhook, context)).toEqual({
      headers: [],
      body: '{"type":"order.paid","timestamp":"2026-11-22T10:00:00.000Z","data":{ "b": 1.10, "a": 12345678901234567890 }}',
    })
  })

  it('tells of a delivery that was given up', () => {
    const alert = nativeRuntime.wire.alert({
      webhook,
      eventId: event.id,
      eventType: event.type,
      trigger: 500,
      message: 'The receiver answered 500.',
      at: Date.UTC(2026, 10, 22, 10),
      diverted: true,
      suspended: false,
    })
    expect(JSON.parse(alert)).toEqual({
      type: 'webhook.exhausted',
      webhookId: '01900000-0000-7000-8000-000000000002',
      eventId: '01900000-0000-7000-8000-000000000001',
      eventType: 'order.paid',
      trigger: '500',
      message: 'The receiver answered 500.',
      at: '2026-11-22T10:00:00.000Z',
      diverted: true,
      suspended: false,
    })
  })

  it('has the failure handling of the contract', () => {
    expect(nativeRuntime.policy).toEqual({
      triggers: ['3xx', '4xx', '5xx', 'timeout'],
      retry: {
        type: 'schedule',
        delaysSeconds: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
      },
      divert: true,
      suspend: { afterSeconds: 432_000, afterFailures: 10 },
      alertUrl: null,
      timeoutMs: 15_000,
    })
  })
})
