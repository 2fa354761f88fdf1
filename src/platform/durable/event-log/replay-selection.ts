// Which events of a log a replay sends.

import { matches } from '../../../engine/intake/match.ts'
import { typeMatches } from '../../../engine/model/event-type.ts'
import {
  type DeliveryState,
  type Event,
  isCancelled,
  isExpunged,
} from '../../../engine/model/index.ts'
import type { LastAnswer, ReplayRequest } from '../../../engine/ports/index.ts'
import { LOG } from '../../../tuning.ts'

/** What a webhook monitor knows of events over all their runs, in order. */
export type StatesOf = (
  webhookId: string,
  eventIds: readonly string[],
) => Promise<readonly DeliveryState[]>

/** What each of some events was answered with last, in order; null: it was never attempted. */
export type AnswersOf = (
  webhookId: string,
  eventIds: readonly string[],
) => Promise<readonly (LastAnswer | null)[]>

/** Those of the events that a replay sends, in order. Rejects when the webhook monitor does. */
export async function selectForReplay<E extends Event>(
  events: readonly E[],
  request: ReplayRequest,
  { statesOf, answersOf }: { readonly statesOf: StatesOf; readonly answersOf: AnswersOf },
): Promise<readonly E[]> {
  const { webhookId, eventTypes, scope, channels = [] } = request
  const { onlyTypes, onlyChannel, onlyTag, onlyCodeClass } = request
  const matching = events.filter(
    (event) =>
      !isExpunged(event) &&
      !isCancelled(event) &&
      matches({ enabled: true, eventTypes, scope, channels }, event) &&
      (onlyTypes === undefined || onlyTypes.some((entry) => typeMatches(entry, event.type))) &&
      (onlyChannel === undefined || event.channels?.includes(onlyChannel)) &&
      (onlyTag === undefined || event.tags?.includes(onlyTag)),
  )
  if (!asksForStates(request)) return matching
  const wanted: E[] = []
  for (let start = 0; start < matching.length; start += LOG.askedEvents) {
    const asked = matching.slice(start, start + LOG.askedEvents)
    const ids = asked.map(({ id }) => id)
    const states = await statesOf(webhookId, ids)
    const answers = onlyCodeClass === undefined ? [] : await answersOf(webhookId, ids)
    const isAnswered = (index: number) =>
      onlyCodeClass === undefined || classOf(answers[index] ?? null) === onlyCodeClass
    wanted.push(
      ...asked.filter((_, index) => isWanted(states[index], request) && isAnswered(index)),
    )
  }
  return wanted
}

/** Whether it depends on how events stand which of them a replay sends. */
export function asksForStates({
  onlyMissing,
  onlyStatuses,
  onlyCodeClass,
}: Pick<ReplayRequest, 'onlyMissing' | 'onlyStatuses' | 'onlyCodeClass'>): boolean {
  return onlyMissing || onlyStatuses !== undefined || onlyCodeClass !== undefined
}

/** The hundred of a status code, as 500; 0 where none came; null where nothing was attempted. */
function classOf(answer: LastAnswer | null): number | null {
  return answer && Math.floor((answer.statusCode ?? 0) / 100) * 100
}

function isWanted(
  state: DeliveryState | undefined,
  { onlyMissing, onlyStatuses }: ReplayRequest,
): boolean {
  const status = state?.status ?? 'pending'
  if (onlyMissing && (status === 'delivered' || status === 'filtered')) return false
  return onlyStatuses === undefined || onlyStatuses.includes(status)
}
