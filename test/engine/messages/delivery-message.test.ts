import { expect, it } from 'vitest'
import { fromDeliveryText, toDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import type { DeliveryMessage } from '../../../src/engine/ports/index.ts'

const deliver: DeliveryMessage = {
  kind: 'deliver',
  tenantId: 'tenant-1',
  webhookId: 'webhook-1',
  run: '',
  event: {
    id: 'event-1',
    type: 'invoice.paid',
    time: '2026-11-22T10:00:00.000Z',
    data: '{"b":12345678901234567890,"a":"Grüße\\n"}',
    scope: { data: 'inbox' },
    actor: null,
    requestId: null,
  },
  attempts: 3,
  role: 'watchdog',
}

it('gives back a delivery as it was', () => {
  expect(fromDeliveryText(toDeliveryText(deliver))).toEqual(deliver)
})

it.each([
  ['JSON of somebody else', '{"v":1,"tenantId":"t","events":[]}'],
  ['an object', { kind: 'deliver' }],
  ['nothing', null],
  ['a damaged frame', toDeliveryText(deliver).slice(0, -1)],
  ['another kind', 'frame/1 {"kind":"later"}\n'],
  ['a delivery without its event', 'frame/1 {"kind":"deliver","tenantId":"t","webhookId":"w"}\n'],
  ['a standing of a later version', toDeliveryText(deliver).replace('insurance', 'assurance')],
])('is no message: %s', (_, body) => {
  expect(fromDeliveryText(body)).toBeNull()
})
