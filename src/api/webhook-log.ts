// What happened at a webhook: a test, its attempts, its health.

import { readText } from '../http/body.ts'
import { body, nothing, query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { mapPage } from '../http/pagination.ts'
import { seen } from '../http/seen.ts'
import { PUBLISH } from '../limits.ts'
import { memberText, parseStrictJson, rootOffset } from '../primitives/json-text.ts'
import { validate } from '../primitives/validate.ts'
import {
  AttemptQueryInput,
  AttemptResponse,
  TestWebhook,
  toAttemptResponse,
} from './schema/attempt.ts'
import { listOf } from './schema/fields.ts'
import { HealthResponse, toHealthResponse } from './schema/health.ts'
import {
  SentRequestQuery,
  SentRequestResponse,
  toSentRequestResponse,
} from './schema/sent-request.ts'
import { toWebhookActivityResponse, WebhookActivityResponse } from './schema/usage.ts'

const testContent = { 'application/json': { schema: TestWebhook } }

/** What a test is to send, `data` as it was written. */
async function readTest(request: Request): Promise<{ type: string | null; data: string | null }> {
  const text = (await readText(request, PUBLISH.eventBytes)) || '{}'
  const given = validate(TestWebhook, parseStrictJson(text, { members: PUBLISH.members }))
  const data = given.data === undefined ? null : memberText(text, rootOffset(text), 'data')
  return { type: given.type ?? null, data }
}

export const webhookLogOperations = [
  operation({
    id: 'testWebhook',
    method: 'post',
    path: '/webhooks/{webhookId}/test',
    summary: 'Send a test event',
    description: 'Sends an event to the webhook immediately and returns the attempt.',
    access: ['webhooks:write'],
    audit: 'A test changes nothing.',
    input: body(false, testContent, readTest),
    status: 200,
    output: AttemptResponse,
    errors: ['conflict'],
    handle: async ({ c, id, input }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return toAttemptResponse(await seen(c).webhooks.test(ref, input))
    },
  }),
  operation({
    id: 'listAttempts',
    method: 'get',
    path: '/webhooks/{webhookId}/attempts',
    summary: 'List attempts',
    description: 'Returns the attempts to deliver events to a webhook, newest first.',
    access: ['webhooks:read'],
    input: query(AttemptQueryInput),
    status: 200,
    output: listOf(AttemptResponse),
    handle: async ({ c, id, input }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return mapPage(await seen(c).webhooks.attempts(ref, input), toAttemptResponse)
    },
  }),
  operation({
    id: 'getAttemptRequest',
    method: 'get',
    path: '/webhooks/{webhookId}/attempts/{attemptId}/request',
    summary: 'Get the request of an attempt',
    description:
      'Returns what the attempt sent, made anew from the event and the webhook as it is now, with the time of the attempt. Secrets are ' +
      'masked. It needs the event and its content.',
    access: ['webhooks:read', 'events:read'],
    input: query(SentRequestQuery),
    status: 200,
    output: SentRequestResponse,
    errors: ['conflict'],
    handle: async ({ c, id, input: { eventId } }) => {
      const { tenantId, permissions } = c.get('principal')
      const ref = { tenantId, id: id('webhookId') }
      const sent = await seen(c).webhooks.sentRequest(ref, { id: id('attemptId'), eventId })
      return toSentRequestResponse(sent, permissions.includes('webhooks:write'))
    },
  }),
  operation({
    id: 'getHealth',
    method: 'get',
    path: '/webhooks/{webhookId}/health',
    summary: 'Get the health of a webhook',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: HealthResponse,
    handle: async ({ c, id }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return toHealthResponse(await seen(c).webhooks.health(ref))
    },
  }),
  operation({
    id: 'getWebhookActivity',
    method: 'get',
    path: '/webhooks/{webhookId}/activity',
    summary: 'Get the activity of a webhook by hour',
    description: 'Returns how many attempts delivered and failed in each of the last 24 hours.',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: WebhookActivityResponse,
    handle: async ({ c, id }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return toWebhookActivityResponse(await seen(c).webhooks.activity(ref))
    },
  }),
]
