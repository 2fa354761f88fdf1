// Asks the monitors what became of deliveries that somebody may have tried already.

import { describeError } from '../../errors.ts'
import { INVOCATION } from '../../tuning.ts'
import type { RunState } from '../model/index.ts'
import { FIRST_RUN } from '../model/index.ts'
import type { DeliveryKey, Monitor, Ports } from '../ports/index.ts'
import type { KnownState } from './next-action.ts'
import { withTimeout } from './with-timeout.ts'

/** What a monitor is asked about. */
export interface Asked extends DeliveryKey {
  /** Delivered in any run is delivered. */
  readonly onlyMissing?: boolean | undefined
  /** The event's first attempt may be under way: while nothing is known of it, the answer is the first run's. */
  readonly mayHaveFirst?: boolean | undefined
}

/** How each item stands, its webhooks' monitors asked at the same time. Never rejects. */
export async function askMonitors<T>(
  items: readonly T[],
  toKey: (item: T) => Asked & { readonly webhookId: string },
  ports: Pick<Ports, 'monitor' | 'log' | 'timer'>,
): Promise<ReadonlyMap<T, KnownState>> {
  const answers = new Map<T, KnownState>()
  const byWebhook = Map.groupBy(items, (item) => toKey(item).webhookId)
  await Promise.all(
    [...byWebhook].map(async ([webhookId, group]) => {
      const states = await askMonitor(webhookId, group.map(toKey), ports)
      for (const [index, item] of group.entries()) {
        answers.set(item, typeof states === 'string' ? states : (states[index] ?? 'unknown'))
      }
    }),
  )
  return answers
}

async function askMonitor(
  webhookId: string,
  keys: readonly Asked[],
  ports: Pick<Ports, 'monitor' | 'log' | 'timer'>,
): Promise<readonly RunState[] | 'unknown' | 'unanswered'> {
  try {
    const asking = statesOf(keys, ports.monitor(webhookId))
    const answer = await withTimeout(asking, INVOCATION.askMs, ports)
    if (answer) return answer.value
    ports.log({ event: 'monitor.unanswered', webhookId })
    return 'unanswered'
  } catch (error) {
    ports.log({ event: 'monitor.unreachable', webhookId, error: describeError(error) })
    return 'unknown'
  }
}

/** What one monitor says of deliveries, in order. Rejects when it cannot be reached. */
export async function statesOf(
  keys: readonly Asked[],
  monitor: Monitor,
): Promise<readonly RunState[]> {
  const missing = keys.filter(({ onlyMissing }) => onlyMissing).map(({ eventId }) => eventId)
  const young = keys.filter(({ mayHaveFirst }) => mayHaveFirst).map(({ eventId }) => eventId)
  const asked = keys.map(({ eventId, run }) => ({ eventId, run }))
  const [states, ofEvents] = await Promise.all([
    monitor.states([...asked, ...young.map((eventId) => ({ eventId, run: FIRST_RUN }))]),
    missing.length === 0 ? [] : monitor.statesOfEvents(missing),
  ])
  const delivered = new Map(
    ofEvents.flatMap((state, index) =>
      state.status === 'delivered' ? [[missing[index], state] as const] : [],
    ),
  )
  const firsts = new Map(young.map((eventId, index) => [eventId, states[keys.length + index]]))
  return states.slice(0, keys.length).map((state, index) => {
    const key = keys[index]
    const known = key?.onlyMissing === true ? delivered.get(key.eventId) : undefined
    if (known) return { ...known, run: state.run }
    const first = key && firsts.get(key.eventId)
    return first && isUnseen(state) && isUnseen(first) ? first : state
  })
}

function isUnseen({ status, attempts, carrier }: RunState): boolean {
  return status === 'pending' && attempts === 0 && carrier === null
}
