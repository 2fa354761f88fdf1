import { describe, expect, it } from 'vitest'
import { wire } from '../../../src/dialects/socotra/wire.ts'
import { anEvent, anExhaustion, aWebhook } from '../models.ts'

const context = { tenantName: 'Acme', variables: {} }
const signing = [{ secret: 'correct horse battery staple', expiresAt: null }]

describe('a notification', () => {
  it('has the event’s data as the producer wrote it', async () => {
    const event = anEvent({
      type: 'policy.issue',
      data: '{ "2": 12345678901234567890, "1": 1.10, "e": 1e400, "u": "\\u00e9é" }',
      actor: '0190a1b2-c3d4-7e5f-8a6b-0000000000bb',
      requestId: '0190a1b2-c3d4-7e5f-8a6b-000000000003',
    })
    expect((await wire.encode(event, aWebhook(), context))?.body).toBe(
      '{"locator":"01J2GV5GYMFSFRMTR000000002","requestId":"01J2GV5GYMFSFRMTR000000003",' +
        '"userLocator":"0190a1b2-c3d4-7e5f-8a6b-0000000000bb","timestamp":"2026-11-22T10:00:00.000Z",' +
        '"type":"policy.issue","data":{ "2": 12345678901234567890, "1": 1.10, "e": 1e400, "u": "\\u00e9é" }}',
    )
  })

  it('of an event without request and user names the event itself and the tenant', async () => {
    const notification = await wire.encode(anEvent(), aWebhook(), context)
    expect(notification).toEqual({
      headers: [],
      body:
        '{"locator":"01J2GV5GYMFSFRMTR000000002","requestId":"01J2GV5GYMFSFRMTR000000002",' +
        '"userLocator":"0190a1b2-c3d4-7e5f-8a6b-00000000000a","timestamp":"2026-11-22T10:00:00.000Z",' +
        '"type":"thing.happened","data":{"a":1}}',
    })
  })

  it.each([
    [
      'a secret',
      { signing, headers: [], attributes: {} },
      [['socotra-signature', '153426e28aa602f4ee9afb01c6a2e15b145170e2d56ae71c63146569e13922d9']],
    ],
    [
      'a secret and a tag',
      { signing, headers: [], attributes: { tag: 'blue' } },
      [
        ['socotra-signature', '153426e28aa602f4ee9afb01c6a2e15b145170e2d56ae71c63146569e13922d9'],
        ['socotra-signature-tag', 'blue'],
      ],
    ],
    [
      'two secrets, of which the newest signs here',
      { signing: [...signing, { secret: 'former', expiresAt: 1 }], headers: [], attributes: {} },
      [['socotra-signature', '153426e28aa602f4ee9afb01c6a2e15b145170e2d56ae71c63146569e13922d9']],
    ],
    [
      'a secret that is only kept, and a tag',
      { signing: [], headers: [], attributes: { secret: 'kept', tag: 'blue' } },
      [],
    ],
  ] as const)('with %s is signed accordingly', async (_, secrets, headers) => {
    const notification = await wire.encode(anEvent(), aWebhook({ secrets }), context)
    expect(notification?.headers).toEqual(headers)
  })
})

describe('an alert', () => {
  it.each([
    [{}, '"500"', 'true,"suspended":false'],
    [
      { trigger: 'timeout', diverted: false, suspended: true } as const,
      '"timeout"',
      'false,"suspended":true',
    ],
  ])('says what was given up, without payload or secret: %j', (exhaustion, trigger, flags) => {
    expect(wire.alert(anExhaustion(exhaustion))).toBe(
      '{"webhookLocator":"01J2GV5GYMFSFRMTR000000001","eventLocator":"01J2GV5GYMFSFRMTR000000002",' +
        `"failureTrigger":${trigger},"failureMessage":"The receiver answered 500.",` +
        `"failureTimestamp":"2026-11-22T10:00:00.000Z","diverted":${flags}}`,
    )
  })

  it('of a webhook without an alert endpoint has no credentials', async () => {
    const webhook = aWebhook({ secrets: { signing, headers: [['x-a', '1']], attributes: {} } })
    expect(await wire.alertSecrets?.(webhook, '{}')).toEqual({ signing: [], headers: [] })
  })
})
