// A page of what a tenant published. What is to be forgotten may still be there until it is swept, and is not shown.

import { type Event, isSystemEventType, type LoggedEvent } from '../../../engine/model/index.ts'
import type { EventQuery, LogPage } from '../../../engine/ports/index.ts'
import { RETENTION_DAYS } from '../../../limits.ts'
import { timeOf } from '../../../primitives/ids.ts'
import type { Cut } from '../../../primitives/pack.ts'
import { DAY_MS } from '../../../primitives/time.ts'
import { LOG } from '../../../tuning.ts'
import { cutPage } from '../page.ts'
import type { EventStore } from './event-store.ts'
import type { ScheduledEvents } from './scheduled-events.ts'

/** Whether an event is still kept, by what it says itself, else for so many days. */
export function isKept(
  { id, retentionDays }: Pick<Event, 'id' | 'retentionDays'>,
  tenantDays: number,
): boolean {
  return timeOf(id) >= Date.now() - (retentionDays ?? tenantDays) * DAY_MS
}

/** The events of a query behind a position, with the position of each. */
export function eventPage(
  events: EventStore,
  tenantDays: number,
  { type, after, before, order, limit, share, withoutSystem = false }: EventQuery,
  position: string | null,
): Omit<LogPage, 'nextCursor'> {
  const longest = events.tables.hasOwn ? RETENTION_DAYS.max : tenantDays
  const since = Math.max(after ?? 0, Date.now() - longest * DAY_MS - 1)
  const inOrder = events.select({ type, after: since, before, order }, position)
  const { items, more } = cutPage(
    inOrder.filter(
      ({ event }) => isKept(event, tenantDays) && !(withoutSystem && isSystemEventType(event.type)),
    ),
    limit,
    share,
  )
  return {
    items: items.map(({ event }) => event),
    positions: items.map((one) => one.position),
    more,
  }
}

/** Scheduled events behind a position, by their times. */
export function scheduledPage(
  scheduled: ScheduledEvents,
  { limit, share, ...query }: EventQuery,
  position: string | null,
): Omit<LogPage, 'nextCursor'> {
  const { items, more } = cutPage(scheduled.select(query, position), limit, share)
  const waiting = items.map((event) => ({ ...event, webhookIds: [], isWaiting: true as const }))
  return { items: waiting, positions: items.map(({ id }) => id), more }
}

/** Events of a request, oldest first, behind one of them; `share` logs share an answer. */
export function requestPage(
  events: EventStore,
  tenantDays: number,
  requestId: string,
  after: string | null,
  share: number,
): Cut<LoggedEvent> {
  const found = events.ofRequest(requestId, after ?? '')
  return cutPage(
    found.filter((event) => isKept(event, tenantDays)),
    LOG.requestEvents,
    share,
  )
}
