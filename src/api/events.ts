// Events of a tenant: publishing them, reading what was published, sending one again.

import { mapPage } from '../http/pagination.ts'
import { call } from './call.ts'
import { body, nothing, optionalJson, query } from './input.ts'
import { publishContent, readPublish } from './publish.ts'
import {
  AcceptedResponse,
  EventQueryInput,
  EventResponse,
  EventWithDeliveriesResponse,
  ResendEvent,
  toDeliveryResponse,
  toEventResponse,
} from './schema/event.ts'
import { listOf, Queued } from './schema/fields.ts'

export const eventCalls = [
  call({
    id: 'publishEvents',
    method: 'post',
    path: '/events',
    summary: 'Publish one event, or up to 1,000: all or none',
    access: ['events:write'],
    takes: body(true, publishContent, readPublish),
    status: 202,
    gives: AcceptedResponse,
    refusals: ['conflict', 'idempotency_mismatch'],
    handle: async ({ c, input: { drafts, idempotency } }) => {
      const { tenantId } = c.get('principal')
      const accepted = await c.env.engine.events.publish(tenantId, drafts, { idempotency })
      return { events: [...accepted] }
    },
  }),
  call({
    id: 'listEvents',
    method: 'get',
    path: '/events',
    summary: 'List events, newest first',
    access: ['events:read', 'events:list'],
    takes: query(EventQueryInput),
    status: 200,
    gives: listOf(EventResponse),
    handle: async ({ c, input }) =>
      mapPage(await c.env.engine.events.list(c.get('principal').tenantId, input), toEventResponse),
  }),
  call({
    id: 'getEvent',
    method: 'get',
    path: '/events/{eventId}',
    summary: 'Read an event and how it fares at each webhook it matched',
    access: ['events:read'],
    takes: nothing,
    status: 200,
    gives: EventWithDeliveriesResponse,
    handle: async ({ c, id }) => {
      const { events } = c.env.engine
      const { tenantId } = c.get('principal')
      const event = await events.get(tenantId, id('eventId'))
      const deliveries = await events.deliveries(tenantId, event.id)
      return { ...toEventResponse(event), deliveries: deliveries.map(toDeliveryResponse) }
    },
  }),
  call({
    id: 'resendEvent',
    method: 'post',
    path: '/events/{eventId}/resend',
    summary: 'Send the same event again, under the same webhook-id',
    access: ['events:write'],
    takes: optionalJson(ResendEvent),
    status: 202,
    gives: Queued,
    handle: async ({ c, id, input: { webhookId = null } }) => {
      const { tenantId } = c.get('principal')
      return { queued: await c.env.engine.events.resend(tenantId, id('eventId'), webhookId) }
    },
  }),
]
