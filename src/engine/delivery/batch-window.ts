// Runs work for as long as a batch may wait. In: deliveries and what to do with each; out: what finished, what
// still waits for a response, what was not begun.

import { INVOCATION } from '../../tuning.ts'
import type { Delivery } from '../attempt/attempt.ts'
import { StepBudget } from '../expressions/step-budget.ts'
import type { Ports, Timer } from '../ports/index.ts'
import { FairQueue } from './fair-queue.ts'

/** The time a batch has, from its start. */
export interface BatchWindow {
  /** What was begun by then and has no answer at the end is slow. */
  readonly early: Promise<void>
  /** Nothing is begun any more, so that what is under way can still be answered. */
  readonly last: Promise<void>
  readonly end: Promise<void>
  /** Resolves when webhooks in the slow lane were waited for long enough, from now. */
  readonly untilSlowLane: (isCrowded: boolean) => Promise<void>
  /** Resolves when it is time to hand on what has finished, from now. */
  readonly untilWave: () => Promise<void>
  /** The same of what is urgent, with whatever else has finished by then. */
  readonly untilUrgent: () => Promise<void>
  /** What expressions may take of the invocation. */
  readonly steps: StepBudget
  /** To be called when the batch is over. */
  readonly stop: () => void
}

/** Milliseconds from the start of a window, and of one wave. */
interface WindowTimes {
  readonly earlyMs: number
  readonly lastStartMs: number
  readonly attemptMs: number
  readonly waveMs: number
  readonly urgentMs: number
}

export function openWindow(
  { timer }: Pick<Ports, 'timer'>,
  times: WindowTimes = INVOCATION,
): BatchWindow {
  const timers: Timer[] = []
  const start = (ms: number): Promise<void> => {
    const started = timer(ms)
    timers.push(started)
    return started.over
  }
  return {
    early: start(times.earlyMs),
    last: start(times.lastStartMs),
    end: start(times.attemptMs),
    untilWave: () => start(times.waveMs),
    untilUrgent: () => start(times.urgentMs),
    untilSlowLane: (isCrowded) =>
      start(isCrowded ? INVOCATION.crowdedLaneMs : INVOCATION.slowLaneMs),
    steps: new StepBudget(() => timer(0).over),
    stop: () => {
      for (const { stop } of timers) stop()
    },
  }
}

/** How far the work of a window got. */
export interface WindowResult<T, R> {
  readonly finished: readonly R[]
  /** `isSlow`: it had most of the window to answer in. Others were only just begun. */
  readonly unanswered: readonly {
    readonly item: T
    readonly result: Promise<R>
    readonly isSlow: boolean
  }[]
  readonly unstarted: readonly T[]
}

export interface WindowOptions<R = never> {
  /** How many may be under way at a time; `INVOCATION.concurrency` unless given. */
  readonly concurrency?: number
  /** How many are begun at most. */
  readonly most?: number
  /** Others queue up behind this batch, so that the slow lane is waited for even less. */
  readonly isCrowded?: boolean
  /** Is given what has finished, again and again while more is under way: that is not among what finished in the end. */
  readonly wave?: ((finished: readonly R[]) => void) | undefined
  /** What others must know soon: it is handed on without waiting for a wave. */
  readonly isUrgent?: (result: R) => boolean
  readonly window: BatchWindow
}

/**
 * Begins items in fair turns until all are done, `most` are begun or time is up, which it soon is where only webhooks in
 * the slow lane are left. `work` must not reject.
 */
export async function runInWindow<T extends Delivery, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  {
    concurrency = INVOCATION.concurrency,
    most = Number.POSITIVE_INFINITY,
    isCrowded = false,
    wave,
    isUrgent = () => false,
    window,
  }: WindowOptions<R>,
): Promise<WindowResult<T, R>> {
  const queue = new FairQueue(items)
  const running = new Map<T, { readonly result: Promise<R>; readonly isSlow: boolean }>()
  const finished: R[] = []
  let isEarly = true
  let isLate = false
  let isOver = false
  let isSoon = false
  let begun = 0
  let fast = items.filter(isFast).length
  const fastAnswered = Promise.withResolvers<void>()
  if (fast === 0) fastAnswered.resolve()
  window.early.then(() => {
    isEarly = false
  })
  window.last.then(() => {
    isLate = true
  })

  function next(): T | undefined {
    // However late it is, each batch gets a little further.
    if (begun >= most || (isLate && begun >= concurrency)) return undefined
    begun += 1
    return queue.next()
  }

  async function runConnection(): Promise<void> {
    for (let item = next(); item !== undefined; item = next()) {
      const result = work(item)
      running.set(item, { result, isSlow: isEarly })
      const finishedWith = await result
      if (isOver) return
      running.delete(item)
      queue.release(item)
      finished.push(finishedWith)
      if (isFast(item)) fast -= 1
      if (fast === 0) fastAnswered.resolve()
      if (wave !== undefined && isUrgent(finishedWith)) void handOnSoon(wave)
    }
  }

  async function handOnSoon(handOn: NonNullable<typeof wave>): Promise<void> {
    if (isSoon) return
    isSoon = true
    await window.untilUrgent()
    isSoon = false
    if (!isOver && finished.length > 0) handOn(finished.splice(0))
  }

  async function runWaves(handOn: NonNullable<typeof wave>): Promise<void> {
    for (;;) {
      await window.untilWave()
      if (isOver) return
      if (finished.length > 0) handOn(finished.splice(0))
    }
  }
  // Of one alone nothing has finished while more is under way.
  if (wave !== undefined && items.length > 1) void runWaves(wave)

  await Promise.race([
    Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, runConnection)),
    window.end,
    fastAnswered.promise.then(() => window.untilSlowLane(isCrowded)),
  ])
  isOver = true
  return {
    finished,
    unanswered: [...running].map(([item, { result, isSlow }]) => ({ item, result, isSlow })),
    unstarted: queue.rest(),
  }
}

function isFast({ target }: Delivery): boolean {
  return target.webhook.lane === 'fast'
}
