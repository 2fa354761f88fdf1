// Which attempts a list shows. In: an attempt and what was asked; out: yes or no.

import type { Attempt } from '../model/index.ts'
import type { AttemptQuery } from '../ports/index.ts'

type Filter = Pick<AttemptQuery, 'eventId' | 'outcome' | 'after' | 'before'>

/** Whether an attempt is of the event, with the outcome and within the bounds (exclusive) that were asked for, if any. */
export function isAskedFor(
  { at, ...attempt }: Pick<Attempt, 'eventId' | 'outcome' | 'at'>,
  { eventId, outcome, after, before }: Filter,
): boolean {
  return (
    (eventId === undefined || attempt.eventId === eventId) &&
    (outcome === undefined || attempt.outcome === outcome) &&
    (after === undefined || at > after) &&
    (before === undefined || at < before)
  )
}
