// What is left of an event whose content was expunged, and which events an erasure is about.

import type { Event, Scope } from './event.ts'

/** What an erasure is about: events whose scope has these entries (without any, all events), or events by their ids. */
export type ErasureRequest = { readonly scope: Scope } | { readonly eventIds: readonly string[] }

/** The event without its content: what names it, and for how long it is kept. `data` is then the JSON text `null`. */
export function expunge({ id, type, time, ...event }: Event, at: number): Event {
  const { retentionDays, publishedAt, cancelledAt, expungedAt = at } = event
  const nothing = { data: 'null', scope: {}, actor: null, requestId: null }
  const kept = {
    ...(retentionDays !== undefined && { retentionDays }),
    ...(publishedAt !== undefined && { publishedAt }),
    ...(cancelledAt !== undefined && { cancelledAt }),
  }
  return { id, type, time, ...nothing, ...kept, expungedAt }
}

/** Whether the event's content was expunged. */
export function isExpunged({ expungedAt }: Pick<Event, 'expungedAt'>): boolean {
  return expungedAt !== undefined
}
