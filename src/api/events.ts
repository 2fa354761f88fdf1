// Events of a tenant: publishing them, reading what was published, sending one again.

import { checkPermissions } from '../http/auth.ts'
import { type Input, nothing, optionalJson, query, queryAs } from '../http/input.ts'
import { type Operation, type OperationDescription, operation } from '../http/operation.ts'
import { mapPage } from '../http/pagination.ts'
import { seen } from '../http/seen.ts'
import {
  cloudEventBatchInput,
  cloudEventInput,
  eventsInput,
  type PublishRequest,
} from './publish.ts'
import { publishFor } from './publish-for.ts'
import {
  AcceptedResponse,
  EventQueryInput,
  EventResponse,
  EventWithDeliveriesResponse,
  GetEventInput,
  ResendEvent,
  readGetEvent,
  toDeliveryResponse,
  toEventResponse,
  toUnmatchedResponse,
} from './schema/event.ts'
import { listOf, Queued } from './schema/fields.ts'
import {
  ActivityResponse,
  toActivityResponse,
  toUsageResponse,
  UsageResponse,
} from './schema/usage.ts'

interface PublishingOperation
  extends Pick<OperationDescription, 'id' | 'summary' | 'description'>,
    Partial<Pick<OperationDescription, 'access' | 'audit'>> {
  readonly path: '/events' | '/events/cloudevents' | '/events/cloudevents/batch'
  readonly input: Input<PublishRequest>
}

/** An operation that publishes: they differ in what they take. */
function publishingOperation(definition: PublishingOperation): Operation {
  return operation({
    access: ['events:write'],
    audit: 'What was published is in the event log.',
    ...definition,
    method: 'post',
    status: 202,
    output: AcceptedResponse,
    errors: ['conflict', 'idempotency_mismatch'],
    handle: async ({ c, input }) => ({ events: [...(await publishFor(c, input))] }),
  })
}

export const eventOperations = [
  publishingOperation({
    id: 'publishEvents',
    path: '/events',
    summary: 'Publish events',
    description:
      'Accepts one event or an array of up to 1,000. Either all of them are published or none. CloudEvents are also ' +
      'accepted, in every mode of their HTTP binding: see `/v1/events/cloudevents`. With an operator key, each event names its ' +
      '`tenant`, and one request may publish for many.',
    access: { eitherKind: ['events:write'] },
    audit: ['tenant.created'],
    input: eventsInput,
  }),
  publishingOperation({
    id: 'publishCloudEvent',
    path: '/events/cloudevents',
    summary: 'Publish a CloudEvent',
    description:
      'Accepts structured mode, as described here, and binary mode, with each attribute in a header (`ce-id`, ' +
      '`ce-source`, `ce-type`, `ce-specversion`, …) and `data` as the body. `source` and `id` together are the ' +
      'deduplication key.',
    input: cloudEventInput,
  }),
  publishingOperation({
    id: 'publishCloudEventBatch',
    path: '/events/cloudevents/batch',
    summary: 'Publish a batch of CloudEvents',
    description: 'Accepts up to 1,000 CloudEvents. Either all of them are published or none.',
    input: cloudEventBatchInput,
  }),
  operation({
    id: 'listEvents',
    method: 'get',
    path: '/events',
    summary: 'List events',
    description:
      'Returns events, newest first; with `state=scheduled`, those whose time has not come, the next one first. A key with a `subject` gets only events that matched a webhook it can see.',
    access: ['events:read', 'events:list'],
    input: query(EventQueryInput),
    status: 200,
    output: listOf(EventResponse),
    handle: async ({ c, input: { state, ...input } }) => {
      const asked = { ...input, isScheduled: state === 'scheduled' }
      return mapPage(await seen(c).events.list(c.get('principal').tenantId, asked), toEventResponse)
    },
  }),
  operation({
    id: 'getEvent',
    method: 'get',
    path: '/events/{eventId}',
    summary: 'Get an event',
    description:
      'Includes how its delivery stands to each webhook that it matched or was sent to later: its status, and what came of the ' +
      'last attempt. With `unmatched=true`, also includes all other webhooks that the key can see, with the reasons why the ' +
      'event was not sent to them, page by page.',
    access: ['events:read'],
    input: queryAs(GetEventInput, readGetEvent),
    status: 200,
    output: EventWithDeliveriesResponse,
    handle: async ({ c, id, input: { unmatched, ...page } }) => {
      const { events } = seen(c)
      const { tenantId, permissions } = c.get('principal')
      if (unmatched === 'true') checkPermissions(c, ['webhooks:read'])
      const eventId = id('eventId')
      const [event, deliveries, others] = await Promise.all([
        events.get(tenantId, eventId),
        events.deliveries(tenantId, eventId),
        unmatched === 'true' ? events.unmatched(tenantId, eventId, page) : null,
      ])
      const showsUrl = permissions.includes('webhooks:read')
      return {
        ...toEventResponse(event),
        deliveries: deliveries.map((delivery) => toDeliveryResponse(delivery, showsUrl)),
        ...(others !== null && { unmatched: mapPage(others, toUnmatchedResponse) }),
      }
    },
  }),
  operation({
    id: 'resendEvent',
    method: 'post',
    path: '/events/{eventId}/resend',
    summary: 'Resend an event',
    description: 'Sends the event again, with the same `webhook-id`.',
    errors: ['conflict'],
    access: ['events:write'],
    audit: ['event.resent'],
    input: optionalJson(ResendEvent),
    status: 202,
    output: Queued,
    handle: async ({ c, id, input: { webhookId = null } }) => {
      const { tenantId } = c.get('principal')
      return { queued: await seen(c).events.resend(tenantId, id('eventId'), webhookId) }
    },
  }),
  operation({
    id: 'cancelEvent',
    method: 'post',
    path: '/events/{eventId}/cancel',
    summary: 'Cancel a scheduled event',
    description:
      'Has a scheduled event be sent to nobody, as long as its time has not come; cancelling it again does nothing. It is kept as if ' +
      'it had been sent then. A key with a `subject` cannot do this.',
    errors: ['conflict'],
    access: ['events:write'],
    audit: ['event.cancelled'],
    input: nothing,
    status: 200,
    output: EventResponse,
    handle: async ({ c, id }) =>
      toEventResponse(await seen(c).events.cancel(c.get('principal').tenantId, id('eventId'))),
  }),
  operation({
    id: 'expungeEvent',
    method: 'delete',
    path: '/events/{eventId}/content',
    summary: 'Expunge the content of an event',
    description:
      'Removes all of the event but its id, type and time, here at once and from the diverted events, the excerpts of responses and ' +
      'the retries of its webhooks in a job. A key with a `subject` cannot do this.',
    access: ['events:write'],
    audit: ['event.expunged'],
    input: nothing,
    status: 204,
    handle: ({ c, id }) => seen(c).events.expunge(c.get('principal').tenantId, [id('eventId')]),
  }),
  operation({
    id: 'getUsage',
    method: 'get',
    path: '/usage',
    summary: 'Get the usage by day',
    description:
      'Returns how much was published on each of the last 30 days, and today, newest first, what came of it, and what it cost. Days ' +
      'are in UTC; an event counts on the day on which it was accepted, an attempt on the day on which it was made. Days on which ' +
      'nothing happened, or not all was counted, are left out. A key with ' +
      'a `subject` gets no days.',
    access: ['events:read'],
    input: nothing,
    status: 200,
    output: UsageResponse,
    handle: async ({ c }) =>
      toUsageResponse(await seen(c).events.usage(c.get('principal').tenantId)),
  }),
  operation({
    id: 'getActivity',
    method: 'get',
    path: '/activity',
    summary: 'Get the activity by hour',
    description:
      'Returns how many events were accepted in each of the last 24 hours, and how many attempts delivered and failed. What was ' +
      'tried again is told at most once an hour, and so may be missing from the last hours. A key with a `subject` gets no hours.',
    access: ['events:read'],
    input: nothing,
    status: 200,
    output: ActivityResponse,
    handle: async ({ c }) =>
      toActivityResponse(await seen(c).events.activity(c.get('principal').tenantId)),
  }),
]
