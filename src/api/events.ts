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
    summary: 'Publish events',
    description:
      'Accepts one event or an array of up to 1,000. Either all of them are published or none. CloudEvents are also ' +
      'accepted, in every mode of their HTTP binding: see `/v1/events/cloudevents`.',
    takes: eventsInput,
  }),
  publishingCall({
    id: 'publishCloudEvent',
    path: '/events/cloudevents',
    summary: 'Publish a CloudEvent',
    description:
      'Accepts structured mode, as described here, and binary mode, with each attribute in a header (`ce-id`, ' +
      '`ce-source`, `ce-type`, `ce-specversion`, …) and `data` as the body. `source` and `id` together are the ' +
      'deduplication key.',
    takes: cloudEventInput,
  }),
  publishingCall({
    id: 'publishCloudEventBatch',
    path: '/events/cloudevents/batch',
    summary: 'Publish a batch of CloudEvents',
    description: 'Accepts up to 1,000 CloudEvents. Either all of them are published or none.',
    takes: cloudEventBatchInput,
  }),
  call({
    id: 'listEvents',
    method: 'get',
    path: '/events',
    summary: 'List events',
    description:
      'Returns events, newest first. A key with a `subject` gets only events that matched a webhook it can see.',
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
    summary: 'Get an event',
    description: 'Includes the status of its delivery to each webhook that it matched.',
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
    summary: 'Resend an event',
    description: 'Sends the event again, with the same `webhook-id`.',
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
