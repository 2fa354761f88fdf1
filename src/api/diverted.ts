// Events kept because a webhook did not take them, and sending events to it again.

import { json, nothing, optionalJson, query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { mapPage } from '../http/pagination.ts'
import { seen } from '../http/seen.ts'
import {
  DivertedResponse,
  LogPageQuery,
  ReplayInput,
  ResendDiverted,
  toDivertedResponse,
} from './schema/diverted.ts'
import { listOf } from './schema/fields.ts'
import { StartedJobResponse } from './schema/job.ts'
import { CancelInput, CancelledResponse } from './schema/pending.ts'

export const divertedOperations = [
  operation({
    id: 'listDiverted',
    method: 'get',
    path: '/webhooks/{webhookId}/diverted',
    summary: 'List diverted events',
    description: 'Returns the diverted events of a webhook, newest first.',
    access: ['diverted-events:read', 'diverted-events:list'],
    input: query(LogPageQuery),
    status: 200,
    output: listOf(DivertedResponse),
    handle: async ({ c, id, input }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return mapPage(await seen(c).webhooks.diverted(ref, input), toDivertedResponse)
    },
  }),
  // Before the operations on one event, or `resend` would be taken for its id.
  operation({
    id: 'resendDiverted',
    method: 'post',
    path: '/webhooks/{webhookId}/diverted/resend',
    summary: 'Resend diverted events',
    description:
      'Starts a job that resends all diverted events of a webhook, or those that the request body selects.',
    access: ['diverted-events:resend'],
    audit: ['job.started'],
    input: optionalJson(ResendDiverted),
    status: 202,
    output: StartedJobResponse,
    errors: ['conflict'],
    handle: ({ c, id, input }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return seen(c).webhooks.resendDiverted(ref, input)
    },
  }),
  operation({
    id: 'getDiverted',
    method: 'get',
    path: '/webhooks/{webhookId}/diverted/{eventId}',
    summary: 'Get a diverted event',
    access: ['diverted-events:read'],
    input: nothing,
    status: 200,
    output: DivertedResponse,
    handle: async ({ c, id }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return toDivertedResponse(await seen(c).webhooks.getDiverted(ref, id('eventId')))
    },
  }),
  operation({
    id: 'deleteDiverted',
    method: 'delete',
    path: '/webhooks/{webhookId}/diverted/{eventId}',
    summary: 'Delete a diverted event',
    access: ['diverted-events:delete'],
    audit: ['diverted_event.deleted'],
    input: nothing,
    status: 204,
    handle: ({ c, id }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return seen(c).webhooks.deleteDiverted(ref, id('eventId'))
    },
  }),
  operation({
    id: 'resendOneDiverted',
    method: 'post',
    path: '/webhooks/{webhookId}/diverted/{eventId}/resend',
    summary: 'Resend a diverted event',
    description: 'Starts a job that resends the event to the webhook.',
    access: ['diverted-events:resend'],
    audit: ['job.started'],
    input: nothing,
    status: 202,
    output: StartedJobResponse,
    errors: ['conflict'],
    handle: ({ c, id }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return seen(c).webhooks.resendOneDiverted(ref, id('eventId'))
    },
  }),
  operation({
    id: 'cancelDeliveries',
    method: 'post',
    path: '/webhooks/{webhookId}/cancel',
    summary: 'Cancel pending deliveries',
    description:
      'Ends deliveries to the webhook that wait or are to be tried again, as `dropped`. Without a body, all of them.',
    access: ['webhooks:write'],
    audit: ['webhook.deliveries_cancelled'],
    input: optionalJson(CancelInput),
    status: 200,
    output: CancelledResponse,
    errors: ['conflict'],
    handle: ({ c, id, input }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return seen(c).webhooks.cancel(ref, input)
    },
  }),
  operation({
    id: 'replayEvents',
    method: 'post',
    path: '/webhooks/{webhookId}/replay',
    summary: 'Replay events',
    description: 'Starts a job that sends events from the event log to the webhook again.',
    access: ['webhooks:write'],
    audit: ['job.started'],
    input: json(ReplayInput),
    status: 202,
    output: StartedJobResponse,
    errors: ['conflict', 'limit_reached'],
    handle: ({ c, id, input }) => {
      const { since, until = null, eventTypes: onlyTypes, onlyMissing } = input
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return seen(c).webhooks.replay(ref, { since, until, onlyTypes, onlyMissing })
    },
  }),
]
