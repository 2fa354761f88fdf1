// Which events of a log a replay sends.

import type { DeliveryState, Event } from '../../engine/model.ts'
import { matches, typeMatches } from '../../engine/pipeline/match.ts'
import type { ReplayRequest } from '../../engine/ports.ts'

/** What the memory of a webhook knows of events over all their runs, in order. */
export type StatesOf = (
  webhookId: string,
  eventIds: readonly string[],
) => Promise<readonly DeliveryState[]>

/** Those of the events that a replay sends, in order. Rejects when the memory it must ask does. */
export async function selectForReplay<E extends Event>(
  events: readonly E[],
  request: ReplayRequest,
  statesOf: StatesOf,
): Promise<readonly E[]> {
  const { webhookId, eventTypes, scope, onlyTypes, onlyMissing } = request
  const matching = events.filter(
    (event) =>
      matches({ enabled: true, eventTypes, scope }, event) &&
      (onlyTypes === undefined || onlyTypes.some((entry) => typeMatches(entry, event.type))),
  )
  if (!onlyMissing || matching.length === 0) return matching
  const ids = matching.map(({ id }) => id)
  const states = await statesOf(webhookId, ids)
  return matching.filter((_, index) => states[index]?.status !== 'delivered')
}
