// Which events of a log a replay sends.

import { matches } from '../../../engine/intake/match.ts'
import { typeMatches } from '../../../engine/model/event-type.ts'
import { type DeliveryState, type Event, isExpunged } from '../../../engine/model/index.ts'
import type { ReplayRequest } from '../../../engine/ports/index.ts'
import { LOG } from '../../../tuning.ts'

/** What a webhook monitor knows of events over all their runs, in order. */
export type StatesOf = (
  webhookId: string,
  eventIds: readonly string[],
) => Promise<readonly DeliveryState[]>

/** Those of the events that a replay sends, in order. Rejects when the webhook monitor does. */
export async function selectForReplay<E extends Event>(
  events: readonly E[],
  request: ReplayRequest,
  statesOf: StatesOf,
): Promise<readonly E[]> {
  const { webhookId, eventTypes, scope, channels = [] } = request
  const { onlyTypes, onlyChannel, onlyTag } = request
  const matching = events.filter(
    (event) =>
      !isExpunged(event) &&
      matches({ enabled: true, eventTypes, scope, channels }, event) &&
      (onlyTypes === undefined || onlyTypes.some((entry) => typeMatches(entry, event.type))) &&
      (onlyChannel === undefined || event.channels?.includes(onlyChannel)) &&
      (onlyTag === undefined || event.tags?.includes(onlyTag)),
  )
  if (!asksForStates(request)) return matching
  const wanted: E[] = []
  for (let start = 0; start < matching.length; start += LOG.askedEvents) {
    const asked = matching.slice(start, start + LOG.askedEvents)
    const states = await statesOf(
      webhookId,
      asked.map(({ id }) => id),
    )
    wanted.push(...asked.filter((_, index) => isWanted(states[index], request)))
  }
  return wanted
}

/** Whether it depends on how events stand which of them a replay sends. */
export function asksForStates({
  onlyMissing,
  onlyStatuses,
}: Pick<ReplayRequest, 'onlyMissing' | 'onlyStatuses'>): boolean {
  return onlyMissing || onlyStatuses !== undefined
}

function isWanted(
  state: DeliveryState | undefined,
  { onlyMissing, onlyStatuses }: ReplayRequest,
): boolean {
  const status = state?.status ?? 'pending'
  if (onlyMissing && status === 'delivered') return false
  return onlyStatuses === undefined || onlyStatuses.includes(status)
}
