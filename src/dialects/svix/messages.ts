// Messages of an application: what its tenant published.

import { z } from 'zod'
import { checkSizes } from '../../engine/intake/parse.ts'
import type { LoggedEvent } from '../../engine/model/index.ts'
import { EngineError, notFound } from '../../errors.ts'
import { actForTenant, checkPermissions } from '../../http/auth.ts'
import { readText } from '../../http/body.ts'
import { type Input, query } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { readQuery } from '../../http/query.ts'
import { readIdempotencyKey } from '../../http/repeatable.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { PUBLISH } from '../../limits.ts'
import { sha256Hex } from '../../primitives/digest.ts'
import { timeOf } from '../../primitives/ids.ts'
import { memberText, parseStrictJson, rootOffset } from '../../primitives/json-text.ts'
import { formatTime } from '../../primitives/time.ts'
import { validate } from '../../primitives/validate.ts'
import { getOrCreate } from './applications.ts'
import { newestPage, pageOf } from './pages.ts'
import { messageId } from './params.ts'
import {
  isAskedFor,
  MessageIn,
  MessageOut,
  MessageQuery,
  toDraft,
  toMessageOut,
  WithContent,
} from './schema/message.ts'

const CreateQuery = z.object({ with_content: WithContent })

/** A message, the text that it came as, and its payload as it is written there. */
const messageInput: Input<{
  readonly asked: z.output<typeof CreateQuery>
  readonly body: MessageIn
  readonly text: string
  readonly payload: string
}> = {
  read: async (request) => {
    const asked = readQuery(request.url, CreateQuery)
    const text = await readText(request, PUBLISH.requestBytes)
    const body = validate(MessageIn, parseStrictJson(text, { members: PUBLISH.members }))
    checkSizes([text.trim()], () => [])
    return { asked, body, text, payload: memberText(text, rootOffset(text), 'payload') ?? '{}' }
  },
  described: {
    query: CreateQuery,
    body: { content: { 'application/json': { schema: MessageIn } }, required: true },
    errors: ['malformed', 'invalid', 'too_large'],
  },
}

/** The tenant that a message is for: the one of the path, made first where the message says how. */
async function tenantOf(c: SurfaceContext, name: string, input: MessageIn): Promise<string> {
  const { application } = input
  try {
    return await actForTenant(name, c)
  } catch (error) {
    const isMissing = error instanceof EngineError && error.code === 'not_found'
    if (!isMissing || !application) throw error
    checkPermissions(c, ['tenants:write'])
    await getOrCreate(c, { ...application, uid: application.uid ?? name })
    return actForTenant(name, c)
  }
}

export const messageOperations = [
  operation({
    id: 'createMessage',
    method: 'post',
    path: '/app/{app_id}/msg',
    summary: 'Send a message',
    description:
      'With `application`, an application that there is not is created first, for which the key needs `tenants:write`.',
    access: ['events:write'],
    looksUpTenant: false,
    input: messageInput,
    status: 202,
    output: MessageOut,
    errors: ['conflict'],
    handle: async ({ c, id, input: { asked, body, text, payload } }) => {
      const draft = toDraft(body, payload)
      const tenantId = await tenantOf(c, id('app_id'), body)
      const key = readIdempotencyKey(c)
      const contentHash = key === undefined ? '' : await sha256Hex(text)
      const options = key === undefined ? {} : { idempotency: { key: `msg/${key}`, contentHash } }
      const [accepted] = await seen(c).events.publish(tenantId, [draft], options)
      if (accepted === undefined) throw new Error('One event was published, and none accepted.')
      if (accepted.duplicate) {
        throw new EngineError('conflict', 'A message with this eventId was already sent.')
      }
      const time = formatTime(timeOf(accepted.id))
      return toMessageOut({ ...draft, id: accepted.id, time }, asked.with_content)
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
        messagesOf(c, (event) => isAskedFor(event, input)),
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
    input: query(CreateQuery),
    status: 200,
    output: MessageOut,
    handle: async ({ c, id, input }) => {
      const event = await getMessage(c, id('msg_id'))
      return toMessageOut(event, input.with_content)
    },
  }),
]

/** The events of the tenant as a list; those that Hookline publishes itself are no messages. */
export function messagesOf(c: SurfaceContext, isShown: (event: LoggedEvent) => boolean) {
  const { tenantId } = c.get('principal')
  return {
    read: (part: Parameters<Parameters<typeof newestPage>[0]['read']>[0]) =>
      seen(c).events.list(tenantId, { ...part, withoutSystem: true }),
    idOf: ({ id }: LoggedEvent) => id,
    isShown,
  }
}

/** Throws `not_found`. */
export async function getMessage(c: SurfaceContext, name: string): Promise<LoggedEvent> {
  const uuid = await messageId(c, name)
  try {
    return await seen(c).events.get(c.get('principal').tenantId, uuid)
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') throw notFound('message')
    throw error
  }
}
