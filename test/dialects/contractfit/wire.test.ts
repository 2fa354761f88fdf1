import { describe, expect, it } from 'vitest'
import { wire } from '../../../src/dialects/contractfit/wire.ts'
import type { Event } from '../../../src/engine/model/index.ts'
import { anEvent, anExhaustion, aWebhook } from '../models.ts'

const context = { tenantName: 'contractfit1', variables: {} }
const bodyOf = async (event: Partial<Event>, tenantName = 'contractfit1') =>
  (await wire.encode(anEvent(event), aWebhook(), { ...context, tenantName }))?.body

describe('a notification', () => {
  it.each([
    ['document_delete', '{"id": "5e7a0df1800de5422a6f7776"}'],
    ['document_text', '{"id":"5e7a0daf255bf93741177061","text":"example document text"}'],
    ['webhook.suspended', '{"reason":"failing"}'],
  ])(
    'of %s has the type as event, the tenant’s name as organization and the data',
    async (type, data) => {
      expect(await bodyOf({ type, data })).toBe(
        `{"event":"${type}","organization":"contractfit1","data":${data}}`,
      )
    },
  )

  it('has the event’s data as the producer wrote it', async () => {
    const data = '{ "2": 12345678901234567890, "1": 1.10, "e": 1e400, "u": "\\u00e9é" }'
    expect(await bodyOf({ type: 'document_predict', data })).toBe(
      '{"event":"document_predict","organization":"contractfit1","data":' +
        '{ "2": 12345678901234567890, "1": 1.10, "e": 1e400, "u": "\\u00e9é" }}',
    )
  })

  it.each([
    [{ inbox: 'i-1' }, ',"inbox":"i-1"'],
    [{ project: 'p-1' }, ',"project":"p-1"'],
    [{ project: 'p-1', inbox: 'i-1', region: 'eu' }, ',"inbox":"i-1","project":"p-1"'],
    [{ inbox: '' }, ',"inbox":""'],
    [{ region: 'eu' }, ''],
  ])('says which inbox and project an event with the scope %j is from', async (scope, place) => {
    expect(await bodyOf({ type: 'document_fail', data: '{}', scope })).toBe(
      `{"event":"document_fail","organization":"contractfit1","data":{}${place}}`,
    )
  })

  it('quotes what is not JSON’s own', async () => {
    const event = { type: 'document_fail', data: '{}', scope: { inbox: '"},{' } }
    expect(await bodyOf(event, 'A "B" \\ C\n')).toBe(
      '{"event":"document_fail","organization":"A \\"B\\" \\\\ C\\n","data":{},"inbox":"\\"},{"}',
    )
  })

  it('has no headers of the vendor’s', async () => {
    const notification = await wire.encode(anEvent(), aWebhook(), context)
    expect(notification?.headers).toEqual([])
  })
})

describe('an alert', () => {
  it('says what was given up, without payload or secret', () => {
    expect(JSON.parse(wire.alert(anExhaustion()))).toMatchObject({
      type: 'webhook.exhausted',
      eventId: '0190a1b2-c3d4-7e5f-8a6b-000000000002',
      trigger: '500',
    })
  })
})
