// An event may be sent to a webhook several times: each sending is a run. In: what the monitor has of the runs of one event;
// out: how the event stands, how one run stands, and which run a resend joins.

import type { DeliveryState, FirstOutcome, Run, RunProgress, RunState } from '../model/index.ts'
import { FIRST_RUN, hasEnded } from '../model/index.ts'
import type { LastAnswer } from '../ports/index.ts'

/** A run of which nothing is known yet. */
export const UNTRIED = {
  status: 'pending',
  attempts: 0,
  lastAttemptAt: null,
  nextAttemptAt: null,
  reason: null,
  carrier: null,
} as const satisfies DeliveryState

/** How a delivery stands whose event was erased before it ended. */
export function erasedState({ attempts, lastAttemptAt }: RunProgress = UNTRIED) {
  return { ...UNTRIED, status: 'erased', attempts, lastAttemptAt, reason: ERASED } as const
}

/** How a delivery stands that its webhook's filter ended. */
export function filteredState({ attempts, lastAttemptAt }: RunProgress = UNTRIED) {
  return { ...UNTRIED, status: 'filtered', attempts, lastAttemptAt, reason: FILTERED } as const
}

const FILTERED = 'The filter of the webhook leaves the event out.'
const ERASED = 'The content of the event was expunged.'

/** How a delivery stands that its owner cancelled while it was pending. */
export function cancelledState(state: RunProgress): RunProgress {
  return { ...state, status: 'dropped', nextAttemptAt: null, reason: CANCELLED }
}

const CANCELLED = 'The delivery was cancelled.'

/** The run that is under way, the latest one if there are several: whoever sends the event again joins it. */
export function openRun<R extends RunState>(runs: readonly R[]): R | undefined {
  return latest(runs.filter(({ status }) => !hasEnded(status)))
}

/**
 * What tells how a run stands; undefined when no row does. A first run that is open counts as delivered once any run was:
 * nobody waits for its own attempts any more. A run that has not begun is told of the one that is under way, if any.
 */
export function runThatTells(runs: readonly RunState[], run: Run): RunState | undefined {
  const known = runs.find((one) => one.run === run)
  if (run !== FIRST_RUN) return known ?? openRun(runs)
  const isOpen = known === undefined || !hasEnded(known.status)
  const delivered = isOpen ? runs.find(({ status }) => status === 'delivered') : undefined
  return delivered ?? known
}

/**
 * How an event stands over all its runs; undefined when no row tells. Delivered once is delivered, and what is under way
 * has not ended.
 */
function decisiveRun(runs: readonly RunState[]): (RunState & DeliveryState) | undefined {
  const telling = runs.filter(tells)
  return telling.find(({ status }) => status === 'delivered') ?? openRun(telling) ?? latest(telling)
}

/**
 * How an event stands, with the attempts of all its runs; `first`: what the attempts of its first run tell, where that has no
 * row.
 */
export function stateOfEvent(runs: readonly RunState[], first: DeliveryState): DeliveryState {
  const all = withFirst(runs, first)
  const decisive = decisiveRun(all)
  if (decisive === undefined) return first
  const { run: _, ...state } = decisive
  const times = all.flatMap(({ lastAttemptAt }) => lastAttemptAt ?? [])
  return {
    ...state,
    attempts: all.reduce((sum, { attempts }) => sum + attempts, 0),
    lastAttemptAt: times.length > 0 ? Math.max(...times) : null,
  }
}

/**
 * How a delivery stands for who brings its message: while its webhook is on hold it waits, unless its turn has come and it was
 * released. `isCarried`: another message that was released has come before.
 */
export function heldState<State extends RunProgress>(
  state: State,
  {
    isOnHold,
    isReleased,
    isCarried,
  }: { readonly isOnHold: boolean; readonly isReleased: boolean; readonly isCarried: boolean },
): State {
  if (hasEnded(state.status)) return state
  if (isReleased && isCarried) return { ...state, status: 'withdrawn' }
  if (isOnHold && !isReleased) return { ...state, status: 'held' }
  if (state.status !== 'held') return state
  return { ...state, status: state.attempts > 0 ? 'failing' : 'pending' }
}

/** Whether the first run of an event is among its runs. */
export function hasFirst(runs: readonly RunState[]): boolean {
  return runs.some(({ run }) => run === FIRST_RUN)
}

/** The runs of an event, and its first one where that was delivered at once: a failure that is reported late must not hide it. */
export function withFirst(runs: readonly RunState[], first: DeliveryState): readonly RunState[] {
  return hasFirst(runs) || first.status !== 'delivered'
    ? runs
    : [...runs, { ...first, run: FIRST_RUN }]
}

/**
 * What a monitor says, with what the event log noted of the first attempt: what was delivered there is delivered, whatever
 * became of it since, and its attempt is one more.
 */
export function withFirstOutcome<State extends RunProgress>(
  state: State,
  { delivered, isFiltered, at }: Pick<FirstOutcome, 'delivered' | 'isFiltered' | 'at'>,
): State {
  // What was sent since, because somebody asked, tells more.
  if (isFiltered && state.status === 'pending' && state.carrier === null)
    return { ...state, ...filteredState(state) }
  if (delivered === null) return state
  // Told by a late report as well.
  if (state.status === 'delivered' && state.lastAttemptAt === at) return state
  return {
    ...state,
    status: 'delivered',
    attempts: state.attempts + 1,
    lastAttemptAt: Math.max(state.lastAttemptAt ?? 0, at),
    nextAttemptAt: null,
    reason: null,
    carrier: null,
  }
}

/** The later one of what a monitor knows and what the event log noted of the first attempt. */
export function lastOf(
  told: LastAnswer | null,
  first: Pick<FirstOutcome, 'delivered' | 'at'> | undefined,
): LastAnswer | null {
  if (!first?.delivered || (told !== null && told.at > first.at)) return told
  return { at: first.at, statusCode: first.delivered.statusCode }
}

/** The run that a resend of an event joins: the one under way, or the one that a job has claimed it for; undefined for none. */
export function runToJoin(runs: readonly RunState[], claimed: Run | null): RunState | undefined {
  const begun = claimed === null ? undefined : { ...UNTRIED, run: claimed }
  return openRun(runs) ?? begun
}

function tells(state: RunState): state is RunState & DeliveryState {
  return state.status !== 'withdrawn'
}

/** The run that was tried last; of those never tried, the youngest: ids of runs ascend. */
function latest<R extends RunState>(runs: readonly R[]): R | undefined {
  return runs
    .toSorted((a, b) => (a.lastAttemptAt ?? 0) - (b.lastAttemptAt ?? 0) || (a.run < b.run ? -1 : 1))
    .at(-1)
}
