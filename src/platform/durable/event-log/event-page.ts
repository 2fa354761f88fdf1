// A page of what a tenant published. What is to be forgotten may still be there until it is swept, and is not shown.

import { isSystemEventType, type LoggedEvent } from '../../../engine/model/index.ts'
import type { EventQuery, LogPage } from '../../../engine/ports/index.ts'
import type { Cut } from '../../../primitives/pack.ts'
import { LOG, RETENTION } from '../../../tuning.ts'
import { cutPage } from '../page.ts'
import type { EventStore } from './event-store.ts'

/** Unix milliseconds before which nothing is shown. */
export function keptSince(): number {
  return Date.now() - RETENTION.eventSeconds * 1_000
}

/** The events of a query behind a position, with the position of each. */
export function eventPage(
  events: EventStore,
  { type, after, before, order, limit, share, withoutSystem = false }: EventQuery,
  position: string | null,
): Omit<LogPage, 'nextCursor'> {
  const since = Math.max(after ?? 0, keptSince() - 1)
  const inOrder = events.select({ type, after: since, before, order }, position)
  const { items, more } = cutPage(
    inOrder.filter(({ event }) => !(withoutSystem && isSystemEventType(event.type))),
    limit,
    share,
  )
  return {
    items: items.map(({ event }) => event),
    positions: items.map((one) => one.position),
    more,
  }
}

/** Events of a request, oldest first, behind one of them; `share` logs share an answer. */
export function requestPage(
  events: EventStore,
  requestId: string,
  after: string | null,
  share: number,
): Cut<LoggedEvent> {
  return cutPage(events.ofRequest(requestId, after ?? ''), LOG.requestEvents, share)
}
