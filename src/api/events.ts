// Events of a tenant: publishing them, reading what was published, sending one again.

import { mapPage } from '../http/pagination.ts'
import { seen } from '../http/seen.ts'
import { type Call, type CallDescription, call } from './call.ts'
import { type Input, nothing, optionalJson, query } from './input.ts'
import {
  cloudEventBatchInput,
  cloudEventInput,
  eventsInput,
  type PublishRequest,
} from './publish.ts'
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

interface PublishingCall extends Pick<CallDescription, 'id' | 'summary' | 'description'> {
  readonly path: '/events' | '/events/cloudevents' | '/events/cloudevents/batch'
  readonly takes: Input<PublishRequest>
}

/** A call that publishes: the calls differ in what they take. */
function publishingCall(definition: PublishingCall): Call {
  return call({
    ...definition,
    method: 'post',
    access: ['events:write'],
    status: 202,
    gives: AcceptedResponse,
    refusals: ['conflict', 'idempotency_mismatch'],
    handle: async ({ c, input: { drafts, idempotency } }) => {
      const { tenantId } = c.get('principal')
      const accepted = await seen(c).events.publish(tenantId, drafts, { idempotency })
      return { events: [...accepted] }
    },
  })
}

export const eventCalls = [
  publishingCall({
    id: 'publishEvents',
    path: '/events',
    summary: 'Publish one event, or up to 1,000: all or none',
    description:
      'CloudEvents are taken here as well, in every mode of their HTTP binding; /v1/events/cloudevents describes them.',
    takes: eventsInput,
  }),
  publishingCall({
    id: 'publishCloudEvent',
    path: '/events/cloudevents',
    summary: 'Publish a CloudEvent',
    description:
      'In structured mode as described, or in binary mode: each attribute in a header (`ce-id`, `ce-source`, `ce-type`, ' +
      '`ce-specversion`, …), the body is `data`. `source` and `id` together are the deduplication key.',
    takes: cloudEventInput,
  }),
  publishingCall({
    id: 'publishCloudEventBatch',
    path: '/events/cloudevents/batch',
    summary: 'Publish up to 1,000 CloudEvents: all or none',
    takes: cloudEventBatchInput,
  }),
  call({
    id: 'listEvents',
    method: 'get',
    path: '/events',
    summary: 'List events, newest first; to a user’s key those that reached a webhook it sees',
    access: ['events:read', 'events:list'],
    takes: query(EventQueryInput),
    status: 200,
    gives: listOf(EventResponse),
    handle: async ({ c, input }) =>
      mapPage(await seen(c).events.list(c.get('principal').tenantId, input), toEventResponse),
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
      const { events } = seen(c)
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
      return { queued: await seen(c).events.resend(tenantId, id('eventId'), webhookId) }
    },
  }),
]
