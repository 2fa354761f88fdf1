// Events that consumers of a webhook read themselves: page by page, as a stream, and from where they have committed.

import { describeError } from '../errors.ts'
import {
  atLastEventId,
  eventStream,
  lastEventIdOf,
  positionInStream,
  serverSentEvent,
} from '../http/event-stream.ts'
import { json, nothing, query } from '../http/input.ts'
import { operation, Streamed } from '../http/operation.ts'
import { seen } from '../http/seen.ts'
import { PAGE } from '../limits.ts'
import { TAIL } from '../tuning.ts'
import {
  CommitPull,
  PullQueryInput,
  PullResponse,
  PullStreamInput,
  toPulledEvent,
  toPullResponse,
} from './schema/pull.ts'

export const pullOperations = [
  operation({
    id: 'pullEvents',
    method: 'get',
    path: '/webhooks/{webhookId}/pull',
    summary: 'Pull events',
    description:
      'Returns requests of a pull webhook as they would have been sent, in the order in which their events were accepted, signed now. ' +
      'Without a cursor, from the oldest that is kept. A cursor that is older than what is kept is 410.',
    access: ['events:pull'],
    input: query(PullQueryInput),
    status: 200,
    output: PullResponse,
    errors: ['conflict', 'gone'],
    handle: async ({ c, id, input }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return toPullResponse(await seen(c).webhooks.pull(ref, input))
    },
  }),
  operation({
    id: 'commitPull',
    method: 'post',
    path: '/webhooks/{webhookId}/pull/commit',
    summary: 'Commit a cursor',
    description: 'Keeps where a named consumer stands, forward or back. The first commit makes it.',
    access: ['events:pull'],
    audit: 'Where a consumer stands is no configuration.',
    input: json(CommitPull),
    status: 204,
    errors: ['conflict', 'limit_reached'],
    handle: ({ c, id, input }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return seen(c).webhooks.commitPull(ref, input)
    },
  }),
  operation({
    id: 'deletePullConsumer',
    method: 'delete',
    path: '/webhooks/{webhookId}/pull/consumers/{consumer}',
    summary: 'Delete a consumer',
    description: 'Forgets where a named consumer stands.',
    access: ['events:pull'],
    audit: 'Where a consumer stands is no configuration.',
    input: nothing,
    status: 204,
    errors: ['conflict'],
    handle: ({ c, id }) => {
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      return seen(c).webhooks.deletePullConsumer(ref, id('consumer'))
    },
  }),
  operation({
    id: 'streamEvents',
    method: 'get',
    path: '/webhooks/{webhookId}/stream',
    summary: 'Stream events',
    description:
      'With `Accept: text/event-stream`, the same as Server-Sent Events: `message` with an item, `id` being the cursor behind it, and at ' +
      'last `end` with a `reason`; `Last-Event-ID` goes on there. Else one page.',
    access: ['events:pull'],
    input: query(PullStreamInput),
    status: 200,
    output: PullResponse,
    errors: ['conflict', 'gone'],
    handle: async ({ c, id, input: { cursor, seconds } }) => {
      const { id: keyId, tenantId } = c.get('principal')
      const ref = { tenantId, id: id('webhookId') }
      const read = (from: string | undefined) =>
        seen(c).webhooks.pull(ref, { cursor: from, limit: PAGE.limit, waitMs: 0 })
      // What is refused is refused before there is a stream.
      const last = lastEventIdOf(c.req.raw.headers)
      const first = await read(last ?? cursor).catch((error: unknown) => {
        throw last === undefined ? error : atLastEventId(error)
      })
      if (!c.req.header('accept')?.includes('text/event-stream')) return toPullResponse(first)
      let page: typeof first | null = first
      let since = first.cursor
      const { isStillSignedIn, engine } = c.env
      const mayGoOn = isStillSignedIn ?? (() => engine.administration.isValid(keyId))
      const next = async (): Promise<string | null> => {
        if (!(await mayGoOn())) return null
        const { items, cursor: behind } = page ?? (await read(since))
        page = null
        since = behind
        const events = items.map((item) =>
          serverSentEvent('message', toPulledEvent(item), item.cursor),
        )
        if (events.length > 0) events.push(positionInStream(behind))
        return events.join('')
      }
      const { stepMs, heartbeatMs } = TAIL
      const onFailure = (reason: unknown) =>
        c.env.log({
          event: 'stream.broken',
          requestId: c.get('requestId'),
          error: describeError(reason),
        })
      const lastsMs = seconds * 1_000
      return new Streamed(eventStream(next, onFailure, { stepMs, heartbeatMs, lastsMs }))
    },
  }),
]
