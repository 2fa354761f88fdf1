// A webhook whose owner has it wait. In: what its monitor knows of that, and what it is told; out: the health after it, and what still
// waits too long. Runs inside the webhook's monitor.

import { PAUSE } from '../../limits.ts'
import { firstIdAt, timeOf } from '../../primitives/ids.ts'
import { type Event, type Health, isPaused, type Pause } from '../model/index.ts'
import type { HeldCounts } from './backlog.ts'
import { withHold } from './health.ts'
import { slowStart } from './hold.ts'

/** Health after somebody told of a pause, who may be late. What waits when one is over leaves as after a hold. */
export function toldPause(
  health: Health,
  told: Pause | null | undefined,
  { waiting }: HeldCounts,
  now: number,
): Health {
  const pause = laterOf(health.pause, told ?? null)
  if (pause === health.pause) return health
  const isChanged = isPaused({ pause }) !== isPaused(health)
  const next = { ...health, pause, version: health.version + (isChanged ? 1 : 0) }
  const isLeaving = isChanged && !isPaused(next) && waiting > 0
  return isLeaving && next.hold === null ? withHold(next, slowStart(now)) : next
}

function laterOf(known: Pause | null, told: Pause | null): Pause | null {
  if (known === null || told === null) return known ?? told
  if (known.since !== told.since) return known.since > told.since ? known : told
  return told.isOver && !known.isOver ? told : known
}

/** Whether an event has waited for as long as any does. */
export function waitedOut({ id }: Pick<Event, 'id'>, now: number): boolean {
  return timeOf(id) <= now - PAUSE.waitSeconds * 1_000
}

/** No event with a lower id waits any longer. */
export function oldestWaiting(now: number): string {
  return firstIdAt(now - PAUSE.waitSeconds * 1_000 + 1)
}
