// Messages of an application: what its tenant published.

import { EngineError } from '../../errors.ts'
import { nothing, query } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { withTrace } from '../../http/request-trace.ts'
import { seen } from '../../http/seen.ts'
import { timeOf } from '../../primitives/ids.ts'
import { formatTime } from '../../primitives/time.ts'
import { actForApplication } from './applications.ts'
import { getMessage, messagesOf } from './kept-messages.ts'
import { ContentQuery, idempotencyOf, messageInput } from './message-input.ts'
import { newestPage, pageOf } from './pages.ts'
import {
  isAskedMessage,
  MessageOut,
  MessageQuery,
  RawPayloadOut,
  toDraft,
  toMessageOut,
  toRawPayloadOut,
} from './schema/message.ts'

export const ofMessages = [
  operation({
    id: 'createMessage',
    method: 'post',
    path: '/app/{app_id}/msg',
    summary: 'Send a message',
    description:
      'With `application`, an application that there is not is created first, for which the key needs `tenants:write`.',
    access: ['events:write'],
    looksUpTenant: false,
    audit: ['tenant.created'],
    input: messageInput,
    status: 202,
    output: MessageOut,
    errors: ['conflict'],
    handle: async ({ c, id, input: { asked, body, text, payload } }) => {
      const draft = toDraft(body, payload)
      const tenantId = await actForApplication(c, id('app_id'), body.application)
      const idempotency = await idempotencyOf(c, text)
      const traced = withTrace([draft], c)
      const [accepted] = await seen(c).events.publish(tenantId, traced, { idempotency })
      if (accepted === undefined) throw new Error('One event was published, and none accepted.')
      if (accepted.duplicate) {
        throw new EngineError('conflict', 'A message with this eventId was already sent.')
      }
      const time = formatTime(timeOf(accepted.id))
      const isScheduled = accepted.deliverAt !== undefined
      const sent = {
        ...draft,
        id: accepted.id,
        time,
        ...(isScheduled && { publishedAt: Date.now() }),
      }
      return toMessageOut(sent, asked.with_content)
    },
  }),
  operation({
    id: 'listMessages',
    method: 'get',
    path: '/app/{app_id}/msg',
    summary: 'List messages',
    description: 'Returns messages, newest first.',
    access: ['events:read', 'events:list'],
    input: query(MessageQuery),
    status: 200,
    output: pageOf(MessageOut).meta({ id: 'SvixListMessageOut' }),
    handle: async ({ c, input }) => {
      const page = await newestPage(
        messagesOf(c, (event) => isAskedMessage(event, input)),
        input,
      )
      return { ...page, data: page.data.map((event) => toMessageOut(event, input.with_content)) }
    },
  }),
  operation({
    id: 'getMessage',
    method: 'get',
    path: '/app/{app_id}/msg/{msg_id}',
    summary: 'Get a message',
    access: ['events:read'],
    input: query(ContentQuery),
    status: 200,
    output: MessageOut,
    handle: async ({ c, id, input }) => {
      const event = await getMessage(c, id('msg_id'))
      return toMessageOut(event, input.with_content)
    },
  }),
  operation({
    id: 'getRawPayload',
    method: 'get',
    path: '/app/{app_id}/msg/{msg_id}/raw',
    summary: 'Get the payload of a message as a text',
    access: ['events:read'],
    input: nothing,
    status: 200,
    output: RawPayloadOut,
    handle: async ({ c, id }) => toRawPayloadOut(await getMessage(c, id('msg_id'))),
  }),
]
