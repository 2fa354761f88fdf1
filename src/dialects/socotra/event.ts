// An event as Socotra shows it: the same in its API and at a receiver.

import type { Event } from '../../engine/model/index.ts'
import { uuidToUlid } from '../../http/ids.ts'
import { JsonSource } from '../../http/json-source.ts'
import type { EventResponse } from './responses.ts'

/** What no producer said is the event's own request, by the tenant itself. */
export function toEventResponse(event: Event, tenantId: string): EventResponse {
  return {
    locator: uuidToUlid(event.id),
    requestId: requestLocator(event),
    userLocator: event.actor ?? tenantId,
    timestamp: event.time,
    type: event.type,
    data: new JsonSource(event.data),
  }
}

/** The request that caused an event; an event of no known request is its own. */
export function requestLocator({ id, requestId }: Pick<Event, 'id' | 'requestId'>): string {
  return uuidToUlid(requestId ?? id)
}
