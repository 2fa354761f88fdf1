// A delivery in a batch, as the events queue or the deliveries queue brought it. Next: next-action.ts.

import { timeOf } from '../../primitives/ids.ts'
import { LOG } from '../../tuning.ts'
import type { Target } from '../attempt/target.ts'
import type { Event, Lane, Run } from '../model/index.ts'
import { FIRST_RUN } from '../model/index.ts'
import type { Role } from '../ports/index.ts'

/** A delivery to decide about, whatever brought it. */
export interface DeliveryTask {
  readonly event: Event
  /** Null when its webhook was deleted. */
  readonly target: Target | null
  readonly run: Run
  /** Attempts of the run made before, as far as whatever brought it knows. */
  readonly attempts: number
  readonly role: Role
  /** The id under which the monitor knows a message that a resend caused; null for any other. */
  readonly carrier: string | null
  /** How often whatever brought it came, this time included. */
  readonly arrivals: number
  /** An attempt of its run may have been made, though nobody has reported one. */
  readonly mayHaveBegun: boolean
  /** It has a message of its own in the deliveries queue. Without one, it needs one in order to come again. */
  readonly isQueued: boolean
  /** The lane of the queue by which it came; null without a message of its own. */
  readonly lane: Lane | null
  /** Events were erased since this one was published: it is sent only once somebody has told that it was not among them. */
  readonly mayBeErased: boolean
  /** Nobody has asked the target's dialect yet whether the event means anything to it. */
  readonly isUnmatched: boolean
  /** It ends once its event was delivered, in whichever run. */
  readonly onlyMissing: boolean
  /** Somebody chose its webhook for it, whatever the webhook's filter says. */
  readonly isChosen: boolean
}

/** The first run of an event at one of its webhooks, which has no message of its own yet. */
export interface FirstTask extends DeliveryTask {
  readonly target: Target
}

/** A delivery that comes again: what a message of its own says. */
export interface FollowUp<T extends DeliveryTask = DeliveryTask> {
  readonly task: T
  readonly delaySeconds: number
  readonly attempts: number
  readonly role: Role
  /** By whose queue; absent: that of its webhook's lane. */
  readonly lane?: Lane
}

/** Whether an event was published before its tenant had events erased, as far as whoever read the webhook was told. */
export function mayBeErased(
  { id }: Pick<Event, 'id'>,
  target: Pick<Target, 'tenantErasedAt'> | null,
): boolean {
  const erasedAt = target?.tenantErasedAt ?? null
  return erasedAt !== null && timeOf(id) <= erasedAt + LOG.clockSkewMs
}

/** What `Asked.scope` is of a task. */
export function scopeInDoubt({
  event,
  mayBeErased,
}: Pick<DeliveryTask, 'event' | 'mayBeErased'>): Event['scope'] | undefined {
  return mayBeErased ? event.scope : undefined
}

/** `isRedelivered`: it may have been worked on before, so that the monitor is asked. */
export function toFirstTask(event: Event, target: Target, isRedelivered: boolean): FirstTask {
  const isDoubtful = mayBeErased(event, target)
  return {
    event,
    target,
    run: FIRST_RUN,
    attempts: 0,
    role: isRedelivered ? 'watchdog' : 'primary',
    carrier: null,
    arrivals: 1,
    isQueued: false,
    lane: null,
    isUnmatched: false,
    // Who may have been told of an erasure is asked.
    mayHaveBegun: isRedelivered || isDoubtful,
    mayBeErased: isDoubtful,
    onlyMissing: false,
    isChosen: false,
  }
}
