// What is left of an event whose content was expunged, and which events an erasure is about.

import type { Event, Scope } from './event.ts'

/** What an erasure is about: events whose scope has these entries, one at least, or events by their ids. */
export type ErasureRequest = { readonly scope: Scope } | { readonly eventIds: readonly string[] }

/** The event without its content: its id, type and time are left. `data` is then the JSON text `null`. */
export function expunge<E extends Event>(event: E, at: number): E {
  const { versions: _, channels: __, tags: ___, uid: ____, ...left } = event
  const nothing = { data: 'null', scope: {}, actor: null, requestId: null }
  return { ...left, ...nothing, expungedAt: event.expungedAt ?? at } as E
}

/** Whether the event's content was expunged. */
export function isExpunged({ expungedAt }: Pick<Event, 'expungedAt'>): boolean {
  return expungedAt !== undefined
}
