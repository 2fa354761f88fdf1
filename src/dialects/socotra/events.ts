// Socotra's operations on events (docs/contracts/socotra.md, "Calls"). The stream shows none of Hookline's own.

import { z } from 'zod'
import { isSystemEventType } from '../../engine/model/index.ts'
import type { RequestEvents } from '../../engine/ports/index.ts'
import { EngineError, notFound } from '../../errors.ts'
import { parseUlid } from '../../http/ids.ts'
import { nothing, query, queryAs } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { toEventResponse } from './event.ts'
import { RequestQuery, readEventQuery, StreamQuery } from './query.ts'
import { EventPage, EventResponse } from './responses.ts'

export const eventOperations = [
  operation({
    id: 'listEvents',
    method: 'get',
    path: '/{tenantLocator}/events/list',
    summary: 'List events',
    description: 'Returns events in order of acceptance. Every page has a token, also the last.',
    access: ['events:read', 'events:list'],
    input: queryAs(StreamQuery, readEventQuery),
    status: 200,
    output: EventPage,
    handle: async ({ c, input: { query, tokenAfter } }) => {
      const { tenantId } = c.get('principal')
      const { items, nextCursor } = await seen(c).events.list(tenantId, {
        ...query,
        withoutSystem: true,
      })
      const events = items.map((event) => toEventResponse(event, tenantId))
      return { pagingToken: tokenAfter(nextCursor), events }
    },
  }),
  operation({
    id: 'listEventsOfRequest',
    method: 'get',
    path: '/{tenantLocator}/events/request/{requestId}',
    summary: 'List the events of a request',
    description: 'If more follow, the `Link` header leads to them.',
    access: ['events:read'],
    input: query(RequestQuery),
    status: 200,
    output: z.array(EventResponse),
    handle: async ({ c, id, input: { after } }) => {
      const { tenantId } = c.get('principal')
      const { items, more } = await listByRequest(c, id('requestId'), after)
      const events = items.map((event) => toEventResponse(event, tenantId))
      const last = events.at(-1)
      // The array has no place to say so (RFC 8288, a target relative to what was asked).
      if (more && last) c.header('link', `<?after=${last.locator}>; rel="next"`)
      return events
    },
  }),
  operation({
    id: 'getEvent',
    method: 'get',
    path: '/{tenantLocator}/events/{eventLocator}',
    summary: 'Get an event',
    access: ['events:read'],
    input: nothing,
    status: 200,
    output: EventResponse,
    handle: async ({ c, id }) => {
      const { tenantId } = c.get('principal')
      const event = await seen(c).events.get(tenantId, parseUlid(id('eventLocator'), 'event'))
      if (isSystemEventType(event.type)) throw notFound('event')
      return toEventResponse(event, tenantId)
    },
  }),
]

/** What a request caused. An event of no known request shows itself as one, and is found under it. */
async function listByRequest(
  c: SurfaceContext,
  requestId: string,
  after: string | null,
): Promise<RequestEvents> {
  const { events } = seen(c)
  const { tenantId } = c.get('principal')
  const caused = await events.listByRequest(tenantId, requestId, after)
  if (after !== null) return caused
  try {
    const event = await events.get(tenantId, requestId)
    const isOwn = event.requestId === null && !isSystemEventType(event.type)
    return isOwn ? { ...caused, items: [event, ...caused.items] } : caused
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return caused
    throw error
  }
}
