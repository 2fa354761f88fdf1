// Events that are published before their time: the time is the one in their ids, so that whatever counts from an event's acceptance
// counts from then.

import { SCHEDULING } from '../../limits.ts'
import { timeOf } from '../../primitives/ids.ts'
import type { Event, EventDraft } from './event.ts'

/** The time for which a draft is scheduled that is published now (Unix milliseconds); null: it is for now. */
export function scheduledFor(
  { deliverAt }: Pick<EventDraft, 'deliverAt'>,
  now: number,
): number | null {
  return deliverAt !== undefined && deliverAt > now ? deliverAt : null
}

/** Whether a draft is scheduled for a later time than an event may be that is published now. */
export function isTooFarAhead({ deliverAt }: Pick<EventDraft, 'deliverAt'>, now: number): boolean {
  return deliverAt !== undefined && deliverAt > now + SCHEDULING.aheadSeconds * 1_000
}

/** When an event is, or was, to be accepted and sent; null: it was not scheduled. */
export function deliverAtOf({ id, publishedAt }: Pick<Event, 'id' | 'publishedAt'>): number | null {
  return publishedAt === undefined ? null : timeOf(id)
}

/** When an event was handed in. */
export function publishedAtOf({ id, publishedAt }: Pick<Event, 'id' | 'publishedAt'>): number {
  return publishedAt ?? timeOf(id)
}

/** Whether an event was scheduled, and its time has not come. */
export function isAhead(event: Pick<Event, 'id' | 'publishedAt'>, now: number): boolean {
  return (deliverAtOf(event) ?? 0) > now
}

/** Whether an event was cancelled before its time came. */
export function isCancelled({ cancelledAt }: Pick<Event, 'cancelledAt'>): boolean {
  return cancelledAt !== undefined
}
