// What became of deliveries that somebody may have tried already: the monitors know, and of what was delivered at once and
// troubled nobody, the event log.

import { describeError } from '../../errors.ts'
import { INVOCATION } from '../../tuning.ts'
import { withFirstOutcome } from '../health/runs.ts'
import type { RunState, Scope } from '../model/index.ts'
import { FIRST_RUN, hasEnded } from '../model/index.ts'
import type { AskedDelivery, EventLog, Ports, WebhookRef } from '../ports/index.ts'
import type { KnownState } from './next-action.ts'
import { withTimeout } from './with-timeout.ts'

/** What a monitor is asked about. */
export interface Asked extends AskedDelivery {
  /** Delivered in any run is delivered. */
  readonly onlyMissing?: boolean | undefined
  /** The event's first attempt may be under way: while nothing is known of it, the answer is the first run's. */
  readonly mayHaveFirst?: boolean | undefined
  /** An attempt of it failed: so its first one was not delivered at once. */
  readonly hasFailed?: boolean | undefined
  /** That of its event, where its tenant had events erased since that was published: the event log tells whether it was among them. */
  readonly scope?: Scope | undefined
}

type AskPorts = Pick<Ports, 'monitor' | 'eventLog' | 'log' | 'timer'>

/** How each item stands, its webhooks' monitors asked at the same time. Never rejects. */
export async function askMonitors<T>(
  items: readonly T[],
  toKey: (item: T) => Asked & { readonly tenantId: string; readonly webhookId: string },
  ports: AskPorts,
): Promise<ReadonlyMap<T, KnownState>> {
  const answers = new Map<T, KnownState>()
  const byWebhook = Map.groupBy(items, (item) => toKey(item).webhookId)
  await Promise.all(
    [...byWebhook].map(async ([id, group]) => {
      const keys = group.map(toKey)
      const [{ tenantId } = { tenantId: '' }] = keys
      const states = await askMonitor({ tenantId, id }, keys, ports)
      for (const [index, item] of group.entries()) {
        const state = typeof states === 'string' ? states : (states[index] ?? 'unknown')
        answers.set(item, state)
        if (typeof state === 'string' || state.status !== 'erased') continue
        const eventId = keys[index]?.eventId ?? ''
        ports.log({ event: 'delivery.erased', tenantId, webhookId: id, eventId })
      }
    }),
  )
  return answers
}

async function askMonitor(
  ref: WebhookRef,
  keys: readonly Asked[],
  ports: AskPorts,
): Promise<readonly RunState[] | 'unknown' | 'unanswered'> {
  const webhookId = ref.id
  try {
    const asking = statesOf(keys, ref, ports)
    const answer = await withTimeout(asking, INVOCATION.askMs, ports)
    if (answer) return answer.value
    ports.log({ event: 'monitor.unanswered', webhookId })
    return 'unanswered'
  } catch (error) {
    ports.log({ event: 'monitor.unreachable', webhookId, error: describeError(error) })
    return 'unknown'
  }
}

/** What is known of deliveries to one webhook, in order; of what was erased its monitor is told first. Rejects when its monitor, or the event log, cannot be reached. */
export async function statesOf(
  keys: readonly Asked[],
  { tenantId, id: webhookId }: WebhookRef,
  ports: Pick<Ports, 'monitor' | 'eventLog'>,
): Promise<readonly RunState[]> {
  const monitor = ports.monitor(webhookId)
  await tellErased(keys, { tenantId, id: webhookId }, ports)
  const noted = keys.filter(mayBeNoted).map(({ eventId }) => ({ eventId, webhookId }))
  const missing = keys.filter(({ onlyMissing }) => onlyMissing).map(({ eventId }) => eventId)
  const young = keys.filter(({ mayHaveFirst }) => mayHaveFirst).map(({ eventId }) => eventId)
  const asked = keys.map(({ eventId, run, turn }) => ({ eventId, run, turn }))
  const [told, ofEvents, outcomes] = await Promise.all([
    monitor.states([...asked, ...young.map((eventId) => ({ eventId, run: FIRST_RUN }))]),
    missing.length === 0 ? [] : monitor.statesOfEvents(missing),
    noted.length === 0 ? [] : ports.eventLog(tenantId).firstOutcomes(noted),
  ])
  const outcomeOf = new Map(outcomes.flatMap((one) => (one ? [[one.eventId, one] as const] : [])))
  const eventIds = [...asked.map(({ eventId }) => eventId), ...young]
  const states = told.map((state, index) => {
    const outcome = outcomeOf.get(eventIds[index] ?? '')
    return outcome && state.run === FIRST_RUN ? withFirstOutcome(state, outcome) : state
  })
  const delivered = new Map(
    ofEvents.flatMap((state, index) => {
      const eventId = missing[index] ?? ''
      const outcome = outcomeOf.get(eventId)
      const known = outcome ? withFirstOutcome(state, outcome) : state
      return known.status === 'delivered' ? [[eventId, known] as const] : []
    }),
  )
  const firsts = new Map(young.map((eventId, index) => [eventId, states[keys.length + index]]))
  return states.slice(0, keys.length).map((state, index) => {
    const key = keys[index]
    const known = key?.onlyMissing === true ? delivered.get(key.eventId) : undefined
    if (known) return { ...state, ...known, run: state.run }
    const first = key && firsts.get(key.eventId)
    const isFirst = first && isUnseen(state) && isUnseen(first)
    return isFirst ? { ...first, ...(state.isKept && { isKept: true }) } : state
  })
}

/** The ids of those that were erased; their monitor is told. Rejects when it, or the event log, cannot be reached. */
export async function tellErased(
  keys: readonly Pick<Asked, 'eventId' | 'scope'>[],
  { tenantId, id }: WebhookRef,
  ports: Pick<Ports, 'monitor' | 'eventLog'>,
): Promise<readonly string[]> {
  const erased = await erasedAmong(keys, ports.eventLog(tenantId))
  // It may never have been told: the log may have forgotten the event before the erasure.
  if (erased.length > 0) await ports.monitor(id).erase(erased)
  return erased
}

async function erasedAmong(
  keys: readonly Pick<Asked, 'eventId' | 'scope'>[],
  eventLog: Pick<EventLog, 'erasedAmong'>,
): Promise<readonly string[]> {
  const doubtful = keys.flatMap(({ eventId: id, scope }) => (scope ? [{ id, scope }] : []))
  return doubtful.length === 0 ? [] : eventLog.erasedAmong(doubtful)
}

/** Whether the event log may know more of it than its monitor. */
function mayBeNoted({ run, hasFailed, onlyMissing, mayHaveFirst }: Asked): boolean {
  return onlyMissing === true || mayHaveFirst === true || (run === FIRST_RUN && hasFailed !== true)
}

function isUnseen({ status, attempts, carrier }: RunState): boolean {
  return !hasEnded(status) && status !== 'failing' && attempts === 0 && carrier === null
}
