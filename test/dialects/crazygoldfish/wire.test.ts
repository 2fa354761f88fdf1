import { describe, expect, it } from 'vitest'
import { wire } from '../../../src/dialects/crazygoldfish/wire.ts'
import type { SigningSecret } from '../../../src/engine/model/index.ts'
import { anEvent, anExhaustion, aWebhook } from '../models.ts'

const context = { tenantName: 'Acme', variables: {} }
const template = '01940000-0000-7000-8000-000000000001'
const attributes = {
  api_template: template,
  template_name: 'assignment_answer_sheet_extraction',
}

function encode(data: string, signing: readonly SigningSecret[] = []) {
  const event = anEvent({ type: 'document.processed', scope: { template }, data })
  const secrets = { signing, headers: [], attributes: {} }
  return wire.encode(event, aWebhook({ attributes, secrets }), context)
}

describe('a notification', () => {
  it('has the event’s data as the producer wrote it', async () => {
    const data = '{ "2": 12345678901234567890, "1": 1.10, "e": 1e400, "u": "\\u00e9é" }'
    expect(await encode(data)).toEqual({
      headers: [],
      body: `{"event":"document.processed","api_template":"01940000-0000-7000-8000-000000000001","data":{ "2": 12345678901234567890, "1": 1.10, "e": 1e400, "u": "\\u00e9é" }}`,
    })
  })

  // Computed with `openssl dgst -sha256 -hmac <secret>` over the body.
  it.each([
    [
      'my-secret-key-123',
      '{ "score": 1.10, "2": 12345678901234567890, "1": "\\u00e9é" }',
      '40e9f1ad277368eb2150ce44770d69089ed2204bcb7701c1a67c2b6c20e69218',
    ],
    [
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      '{}',
      '100043e5550ccd61173cdde16377b1e68d18503d44f883b4e2ba3d33ca54a74d',
    ],
    ['schlüssel 🪝', '{}', 'e2fbcc33db6d933cf3f8dbf95a38b1585c906c292e09e50fee155ac06de0a399'],
  ])('is signed with the text %s', async (secret, data, hex) => {
    const notification = await encode(data, [{ secret, expiresAt: null }])
    expect(notification?.headers).toEqual([['x-webhook-signature', `sha256=${hex}`]])
  })

  it('is signed with the newest secret during a rotation', async () => {
    const notification = await encode('{}', [
      { secret: 'schlüssel 🪝', expiresAt: null },
      { secret: 'my-secret-key-123', expiresAt: 1_795_341_700_000 },
    ])
    expect(notification?.headers).toEqual([
      [
        'x-webhook-signature',
        'sha256=e2fbcc33db6d933cf3f8dbf95a38b1585c906c292e09e50fee155ac06de0a399',
      ],
    ])
  })

  it('has no HMAC made with a private key', async () => {
    const secret =
      'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=='
    const notification = await encode('{}', [{ secret, expiresAt: null }])
    expect(notification?.headers).toEqual([])
  })

  it('of an event that only /v1 subscribes to has its name', async () => {
    const event = anEvent({ type: 'webhook.suspended', data: '{"reason":"failing"}' })
    const notification = await wire.encode(event, aWebhook({ attributes }), context)
    expect(notification?.body).toBe(
      '{"event":"webhook.suspended","api_template":"01940000-0000-7000-8000-000000000001","data":{"reason":"failing"}}',
    )
  })
})

describe('a processed document', () => {
  it.each([
    ['of the webhook’s template by id', { template }, true],
    ['by its id in capital letters', { template: template.toUpperCase() }, true],
    ['by its name', { template: 'assignment_answer_sheet_extraction' }, true],
    ['with other entries in its scope', { template, user: 'ada' }, true],
    ['of another template by id', { template: '01940000-0000-7000-8000-000000000002' }, false],
    [
      'of another template by name',
      { template: 'assignment_model_answer_sheet_extraction' },
      false,
    ],
    ['of a name that only begins alike', { template: 'assignment_answer_sheet' }, false],
    ['of a name in other letters', { template: 'Assignment_Answer_Sheet_Extraction' }, false],
    ['of an empty name', { template: '' }, false],
    ['of no template', {}, false],
  ])('%s (%j) is sent: %s', async (_, scope, sent) => {
    const event = anEvent({ type: 'document.processed', scope: { ...scope } })
    const notification = await wire.encode(event, aWebhook({ attributes }), context)
    expect(notification !== null).toBe(sent)
    // What names no template is nobody else's: it is this webhook's, and cannot be expressed.
    const isOfNone = !event.scope.template
    expect(wire.accepts?.(event, aWebhook({ attributes }))).toBe(sent || isOfNone)
  })
})

describe('an alert', () => {
  it('says what was given up', () => {
    expect(JSON.parse(wire.alert(anExhaustion()))).toMatchObject({ type: 'webhook.exhausted' })
  })
})
