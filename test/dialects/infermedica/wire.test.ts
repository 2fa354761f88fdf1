import { describe, expect, it } from 'vitest'
import { wire } from '../../../src/dialects/infermedica/wire.ts'
import { anEvent, anExhaustion, aWebhook } from '../models.ts'

const context = { tenantName: 'Acme', variables: {} }

describe('a notification', () => {
  it('has the event’s data as the producer wrote it', async () => {
    const event = anEvent({
      type: 'survey_finished',
      data: '{ "2": 12345678901234567890, "1": 1.10, "e": 1e400, "u": "\\u00e9é" }',
    })
    const notification = await wire.encode(event, aWebhook(), context)
    expect(notification?.body).toBe(
      '{"event_type":"survey_finished","content":{ "2": 12345678901234567890, "1": 1.10, "e": 1e400, "u": "\\u00e9é" }}',
    )
  })

  it('carries the plain token', async () => {
    const webhook = aWebhook({
      secrets: { signing: [], headers: [], attributes: { authorization_token: 'zGORr7q1' } },
    })
    const notification = await wire.encode(anEvent(), webhook, context)
    expect(notification?.headers).toEqual([['x-webhook-infermedica-token', 'zGORr7q1']])
  })

  it('carries no token header when there is no token', async () => {
    expect((await wire.encode(anEvent(), aWebhook(), context))?.headers).toEqual([])
  })
})

describe('an alert', () => {
  it('says what was given up, without payload or secret', () => {
    expect(wire.alert(anExhaustion())).toBe(
      '{"type":"webhook.exhausted","webhookId":"0190a1b2-c3d4-7e5f-8a6b-000000000001",' +
        '"eventId":"0190a1b2-c3d4-7e5f-8a6b-000000000002","eventType":"thing.happened","trigger":"500",' +
        '"message":"The receiver answered 500.","at":"2026-11-22T10:00:00.000Z","diverted":true,"suspended":false}',
    )
  })
})
