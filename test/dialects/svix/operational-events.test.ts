import { expect, it } from 'vitest'
import { toSvixId } from '../../../src/dialects/svix/ids.ts'
import { operatorEvent } from '../../../src/dialects/svix/operational-events.ts'

const T = Date.parse('2026-11-22T10:00:00.000Z')
const WEBHOOK = '01940000-0000-7000-8000-00000000000b'
const TENANT = '01940000-0000-7000-8000-00000000000c'
const EVENT = '01940000-0000-7000-8000-00000000000d'

it('tells of an endpoint that keeps failing by its last message', () => {
  const webhook = { id: WEBHOOK, tenantId: TENANT, uid: null }
  const about = { kind: 'webhook.failing', at: T, webhook, tenantUid: 'acme' } as const
  const failed = { eventId: EVENT, lastAttempt: null }
  const told = operatorEvent({ ...about, failingSince: null, failed })
  expect(told).toEqual({
    type: 'message.attempt.failing',
    data: {
      type: 'message.attempt.failing',
      data: {
        appId: toSvixId('app', TENANT),
        appUid: 'acme',
        endpointId: toSvixId('ep', WEBHOOK),
        endpointUid: null,
        msgId: toSvixId('msg', EVENT),
        lastAttempt: {
          id: toSvixId('atmpt', EVENT),
          responseStatusCode: 0,
          timestamp: '2026-11-22T10:00:00.000Z',
        },
      },
    },
  })
})
