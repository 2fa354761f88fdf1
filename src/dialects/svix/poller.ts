// Polling endpoints: webhooks of the application to which nothing is sent. They are made on the native API.

import type { Webhook } from '../../engine/model/index.ts'
import { notFound } from '../../errors.ts'
import { query, vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { fromSvixId } from './ids.ts'
import { isAskedMessage } from './schema/message.ts'
import {
  ConsumerPollQuery,
  PollingEndpointOut,
  PollQuery,
  SeekIn,
  SeekOut,
  toPolledMessage,
} from './schema/poller.ts'

/** The webhook that a path names, by its id or its `uid`. Throws `not_found`. */
async function getSink(c: SurfaceContext, name: string): Promise<Webhook> {
  const { tenantId } = c.get('principal')
  const { webhooks } = seen(c)
  const [named] = await webhooks.listOutlines({ tenantId, uid: name }, { limit: 1 })
  const id = named?.id ?? fromSvixId('ep', name)
  if (id === null) throw notFound('poller')
  return webhooks.get({ tenantId, id })
}

const iteratorOf = (iterator: string | undefined) =>
  iterator === undefined || iterator === '' ? undefined : iterator

async function poll(
  c: SurfaceContext,
  sink: Webhook,
  asked: Omit<Parameters<ReturnType<typeof seen>['webhooks']['pull']>[1], 'waitMs'>,
) {
  const { items, cursor, more } = await seen(c).webhooks.pull(sink, { ...asked, waitMs: 0 })
  return { data: items.map((item) => toPolledMessage(item, sink)), iterator: cursor, done: !more }
}

export const pollerOperations = [
  operation({
    id: 'poll',
    method: 'get',
    path: '/app/{app_id}/poller/{sink_id}',
    summary: 'Read messages',
    description: 'Returns messages of a polling endpoint, oldest first, from an iterator on.',
    access: ['events:pull'],
    input: query(PollQuery),
    status: 200,
    output: PollingEndpointOut,
    errors: ['conflict', 'gone'],
    handle: async ({ c, id, input: { iterator, limit, event_type, channel, after } }) => {
      const sink = await getSink(c, id('sink_id'))
      return poll(c, sink, {
        ...{ cursor: iteratorOf(iterator), since: after, limit },
        wants: (event) =>
          isAskedMessage(event, { channel, event_types: event_type ? [event_type] : undefined }),
      })
    },
  }),
  operation({
    id: 'pollAsConsumer',
    method: 'get',
    path: '/app/{app_id}/poller/{sink_id}/consumer/{consumer_id}',
    summary: 'Read messages as a consumer',
    description:
      'The same from where the consumer stands. With an iterator of an earlier page, everything up to it counts as read from then on.',
    access: ['events:pull'],
    input: query(ConsumerPollQuery),
    status: 200,
    output: PollingEndpointOut,
    errors: ['conflict', 'gone', 'limit_reached'],
    handle: async ({ c, id, input: { iterator, limit } }) => {
      const sink = await getSink(c, id('sink_id'))
      const consumer = id('consumer_id')
      const cursor = iteratorOf(iterator)
      if (cursor !== undefined) await seen(c).webhooks.commitPull(sink, { consumer, cursor })
      return poll(c, sink, { consumer, limit })
    },
  }),
  repeatable(
    operation({
      id: 'seekConsumer',
      method: 'post',
      path: '/app/{app_id}/poller/{sink_id}/consumer/{consumer_id}/seek',
      summary: 'Set where a consumer goes on',
      access: ['events:pull'],
      audit: 'Where a consumer stands is no configuration.',
      input: vendorJson(SeekIn),
      status: 200,
      output: SeekOut,
      errors: ['conflict', 'limit_reached'],
      handle: async ({ c, id, input: { after } }) => {
        const sink = await getSink(c, id('sink_id'))
        const { webhooks } = seen(c)
        const cursor = await webhooks.cursorAt(sink, after)
        await webhooks.commitPull(sink, { consumer: id('consumer_id'), cursor })
        return { iterator: cursor }
      },
    }),
  ),
]
