// One batch, whoever has it: what is due is tried, in the time there is, and what follows is told. In: deliveries to decide
// about; out: lines to report, and the deliveries that come again. Next: report.ts, and the consumer that has the batch.

import { describeError } from '../../errors.ts'
import { INVOCATION } from '../../tuning.ts'
import {
  type AttemptPorts,
  asksForPause,
  asksForRate,
  attempt,
  type Delivery,
  type Tried,
} from '../attempt/attempt.ts'
import { logUnavailable, type Target } from '../attempt/target.ts'
import type { StepBudget } from '../expressions/step-budget.ts'
import type { Ports } from '../ports/index.ts'
import { later } from './backoff.ts'
import { runInWindow, type WindowOptions, type WindowResult } from './batch-window.ts'
import type { DeliveryTask, FollowUp } from './delivery-task.ts'
import { type KnownState, type NextAction, nextAction } from './next-action.ts'
import { toHeld } from './own-message.ts'
import { askMonitor } from './permit.ts'
import {
  type RecordPorts,
  type ReportLine,
  recordOrSend,
  toReportLine,
  toSkipped,
  toUnanswered,
} from './report.ts'

/** How long a run waits that would begin beside another one of its event: most receivers have answered by then. */
const HELD_BACK_SECONDS = 1

/** A delivery with what becomes of it now. */
export interface Planned<T extends DeliveryTask = DeliveryTask> {
  readonly task: T
  readonly action: NextAction
}

/** A delivery that is due, with what brought it. */
export interface Due<T extends DeliveryTask> extends Delivery {
  readonly task: T
}

/** What a batch leaves to be written. */
export interface Settled<T extends DeliveryTask> {
  readonly reportLines: readonly { readonly task: T; readonly line: ReportLine }[]
  readonly followUps: readonly FollowUp<T>[]
  /** What was due and not begun. */
  readonly unstarted: readonly Due<T>[]
}

/** Decides about each delivery by itself, then about those of one event together. */
export function planBatch<T extends DeliveryTask>(
  tasks: readonly T[],
  known: ReadonlyMap<T, KnownState>,
  now: number,
): readonly Planned<T>[] {
  return holdBack(
    tasks.map((task) => ({ task, action: nextAction(task, known.get(task) ?? 'unknown', now) })),
  )
}

/**
 * Of several runs of one event that are due, only the first is attempted now. One that would begin, or that is sent only if
 * the event is missing, comes again in a second, and joins the first if its attempt failed.
 */
function holdBack<T extends DeliveryTask>(planned: readonly Planned<T>[]): readonly Planned<T>[] {
  const due = planned.filter(({ action }) => action.kind === 'attempt')
  // The events consumer brings only one run of an event, its first.
  if (!due.some(({ task }) => task.isQueued)) return planned
  const byEvent = Map.groupBy(due, ({ task }) => `${task.target?.webhook.id}/${task.event.id}`)
  const held = new Set(
    [...byEvent.values()].flatMap((group) => {
      const [, ...others] = group.toSorted((a, b) => (a.task.run < b.task.run ? -1 : 1))
      return others.filter(
        ({ task, action }) =>
          action.kind === 'attempt' && (action.attempts === 0 || task.onlyMissing),
      )
    }),
  )
  return planned.map((one) => {
    if (!held.has(one)) return one
    const { task } = one
    const delaySeconds = HELD_BACK_SECONDS
    const { attempts } = task
    return {
      task,
      action: { kind: 'defer', delaySeconds, attempts, role: 'watchdog', unavailable: null },
    }
  })
}

/**
 * Makes the attempts that are due, as far as the window allows. What it does not see the end of ends in the background, and
 * is reported then. Never rejects.
 */
export async function runBatch<T extends DeliveryTask>(
  planned: readonly Planned<T>[],
  options: WindowOptions<Tried<Due<T>>>,
  ports: AttemptPorts & RecordPorts & Pick<Ports, 'deliveries' | 'underWay'>,
): Promise<WindowResult<Due<T>, Tried<Due<T>>>> {
  logWaiting(planned, ports)
  const due = planned.flatMap(({ task, action }) => {
    const { target, event, run, isChosen } = task
    if (action.kind !== 'attempt' || target === null) return []
    const { attempts, retryIndex, isRated = false, isPart = false } = action
    return [{ event, target, run, attempts, retryIndex, isChosen, isRated, isPart, task }]
  })
  const { steps } = options.window
  const ran = await runInWindow(due, pausing(steps, ports), options)
  logPostponed(ran.finished, steps, ports)
  for (const { result } of ran.unanswered) ports.background(finish(result, ports))
  return ran
}

/** Makes attempts, but none to a webhook whose receiver has just asked to be left alone, or for less, and no first one to a silent receiver. */
function pausing<D extends Due<DeliveryTask>>(
  steps: StepBudget,
  ports: AttemptPorts & Pick<Ports, 'underWay' | 'monitor' | 'eventLog' | 'timer'>,
): (delivery: D) => Promise<Tried<D>> {
  const paused = new Set<string>()
  const ask = askMonitor(ports)
  return async (delivery) => {
    const { id } = delivery.target.webhook
    const now = ports.clock()
    // Of one that goes with others no request is made now.
    if (delivery.isPart) return attempt(delivery, steps, ask, ports)
    const isSilent = !delivery.task.isQueued && ports.underWay.isSilent(id, now)
    if (paused.has(id) || isSilent) return { kind: 'held', delivery }
    const end = ports.underWay.begin(id, now)
    const tried = await attempt(delivery, steps, ask, ports)
    end(tried.kind === 'attempted' && tried.attempt.statusCode !== null)
    // Whose requests take permits anyway is told by its monitor when there are none.
    if (asksForPause(tried) || (asksForRate(tried) && !delivery.isRated)) paused.add(id)
    return tried
  }
}

/** It goes on by the queue of the slow lane, where an invocation has steps of its own: no other lane waits for expressions. */
const POSTPONED = { delaySeconds: 0, role: 'watchdog', lane: 'slow' } as const

type Untried = Tried & { readonly kind: 'held' | 'postponed' | 'waiting' | 'unpermitted' }

function isUntried(tried: Tried): tried is Untried {
  return ['held', 'postponed', 'waiting', 'unpermitted'].includes(tried.kind)
}

/** What follows from what was planned and what came of it. */
export function settle<T extends DeliveryTask>(
  planned: readonly Planned<T>[],
  ran: WindowResult<Due<T>, Tried<Due<T>>>,
  now: number,
): Settled<T> {
  const reportLines = planned.flatMap(({ task, action }) => {
    const line = lineOf(task, action, now)
    return line === null ? [] : [{ task, line }]
  })
  const followUps = planned.flatMap(({ task, action }): FollowUp<T>[] => {
    if (action.kind !== 'defer') return []
    const { delaySeconds, attempts, role } = action
    return [{ task, delaySeconds, attempts, role }]
  })
  for (const tried of ran.finished) {
    const { task } = tried.delivery
    if (tried.kind === 'postponed') {
      followUps.push({ task, ...POSTPONED, attempts: tried.delivery.attempts })
      continue
    }
    if (tried.kind === 'waiting') continue
    if (tried.kind === 'unpermitted') {
      const { delaySeconds } = later({ attempts: task.arrivals })
      const { attempts } = tried.delivery
      followUps.push({ task, delaySeconds, attempts, role: 'watchdog' })
      continue
    }
    const line = tried.kind === 'held' ? toHeld(task, tried) : toReportLine(tried)
    reportLines.push({ task, line })
    if (tried.kind !== 'attempted' || tried.disposition.kind !== 'retry') continue
    const { delaySeconds } = tried.disposition
    followUps.push({ task, delaySeconds, attempts: tried.attempt.attempt, role: 'primary' })
  }
  for (const { item, isSlow } of ran.unanswered) {
    const { task, attempts, target } = item
    const line = isSlow ? toUnanswered(item) : null
    if (line !== null) reportLines.push({ task, line })
    const delaySeconds = watchdogSeconds(target)
    followUps.push({ task, delaySeconds, attempts, role: 'watchdog' })
  }
  return { reportLines, followUps, unstarted: ran.unstarted }
}

/** What is reported of a delivery that is not tried; null when that is nothing. */
export function lineOf(task: DeliveryTask, action: NextAction, now: number): ReportLine | null {
  const { event, target, run, carrier, mayHaveBegun } = task
  if (target === null) return null
  if (action.kind === 'hold') {
    return toHeld(task, { delivery: { target, attempts: action.attempts } })
  }
  if (action.kind === 'skip') return toSkipped({ event, target, run }, action.trigger, now)
  if (action.kind !== 'withdraw' || !(mayHaveBegun || action.isKept)) return null
  // The report of an attempt that comes after this one must not take the run up again.
  return { target, entry: { kind: 'withdrawn', eventId: event.id, run, carrier } }
}

/** Seconds after which an unanswered attempt must be over and reported, or lost with its isolate. */
function watchdogSeconds({ failureHandling }: Target): number {
  return Math.ceil(failureHandling.timeoutMs / 1_000) + INVOCATION.watchdogMarginSeconds
}

/** One line for each webhook, however many of its deliveries wait. */
function logWaiting(planned: readonly Planned[], ports: Pick<Ports, 'log'>): void {
  const waiting = planned.flatMap(({ task: { target }, action }) =>
    action.kind === 'defer' && action.unavailable !== null && target !== null ? [target] : [],
  )
  const byWebhook = new Map(waiting.map((target) => [target.webhook.id, target]))
  for (const target of byWebhook.values()) logUnavailable(target, ports)
}

/** One line for what a batch did not begin for the sake of the others. */
function logPostponed(
  finished: readonly Tried[],
  steps: StepBudget,
  { log }: Pick<Ports, 'log'>,
): void {
  const postponed = finished.filter(({ kind }) => kind === 'postponed')
  const [first] = postponed
  if (first === undefined) return
  const { tenantId } = first.delivery.target.webhook
  log({
    event: 'expressions.postponed',
    tenantId,
    deliveries: postponed.length,
    steps: steps.taken,
  })
}

async function finish(
  running: Promise<Tried>,
  ports: RecordPorts & Pick<Ports, 'deliveries'>,
): Promise<void> {
  const tried = await running
  // Its watchdog carries it.
  if (isUntried(tried)) return
  try {
    await recordOrSend([toReportLine(tried)], ports)
  } catch (error) {
    // The watchdog finds nothing in the monitor and tries again: once too often, never once too few.
    const { id } = tried.delivery.target.webhook
    ports.log({ event: 'background.unrecorded', webhookId: id, error: describeError(error) })
  }
}
