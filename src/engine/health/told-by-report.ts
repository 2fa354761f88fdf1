// What a report says beside its lines: how the webhook is to be sent to, as whoever reports has read it, maybe late.

import type { Health } from '../model/index.ts'
import type { Report } from '../ports/index.ts'
import type { HeldCounts } from './backlog.ts'
import { toldBatching } from './joint-delivery.ts'
import { toldOrdering } from './order.ts'
import { toldPause } from './pause.ts'
import { toldAllowed, toldThrottle } from './rate.ts'

/** Health after a report was read, and before its lines are. */
export function toldByReport(
  known: Health,
  { pause, throttle, ordering, batching }: Report,
  held: HeldCounts,
  now: number,
): Health {
  let health = toldPause(known, pause, held, now)
  health = toldThrottle(health, throttle, held, now)
  health = toldAllowed(toldOrdering(health, ordering), undefined, held, now)
  return toldBatching(health, batching, held, now)
}
