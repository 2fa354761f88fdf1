// The time that a publish has, from its start: for being accepted, for attempts, and for writing down what came of them, so that the
// platform ends none of it. Next: first-deliveries.ts, first-outcomes.ts.

import { FIRST_ATTEMPTS, INVOCATION } from '../../tuning.ts'
import type { Ports, Timer } from '../ports/index.ts'
import { type BatchWindow, openWindow } from './batch-window.ts'
import { type Cutoff, withTimeouts } from './with-timeout.ts'

/**
 * Milliseconds from the start of a publish by which each step is over: whoever is asked by then is given up, so that the next one has its
 * time. The platform keeps the invocation for 30 s from its answer, or from when its caller went away
 * (https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil), and all of it is over before that from whichever of them
 * comes first, which is the start at the earliest. In the worst case 15 s are gone when a publish is accepted (catalogue, event log,
 * accepted queue: `INVOCATION.callMs` each); answers are waited for until `FIRST_ATTEMPTS.attemptMs`, 18 s.
 */
const OVER_BY = {
  /** Several event logs (`INVOCATION.tenantsAtOnce`) have accepted: turns of some that hang would take minutes. */
  acceptMs: 10_000,
  /** Or the accepted queue has it instead. */
  acceptInsteadMs: 15_000,
  /** Monitors have their reports. */
  reportMs: 20_000,
  /** Queues have what is left to be done, watchdog messages first. */
  handOverMs: 22_500,
  /** Event logs have their notes; what they have not their alarm finds. */
  noteMs: 24_000,
  /** Or monitors know of it instead. */
  endMs: 25_000,
} as const

/** By whom what came of deliveries is written down, one step after the other: none takes the time of the next. */
export interface NotePorts {
  /** The monitors. */
  readonly reports: () => Ports
  /** The queues. */
  readonly handOver: () => Ports
  /** The event logs. */
  readonly notes: () => Ports
  /** The monitors and the deliveries queue, where an event log takes no note. */
  readonly instead: () => Ports
}

/** For whom each call's own bound is enough. */
export function untimed(ports: Ports): NotePorts {
  const all = () => ports
  return { reports: all, handOver: all, notes: all, instead: all }
}

export interface PublishTime {
  /** For attempts. */
  readonly window: BatchWindow
  /** For what may outlast the publish: no call is waited for longer than `INVOCATION.callMs`. */
  readonly ports: Ports
  /** For being accepted by as many event logs as there are tenants. */
  readonly accepting: () => Ports
  readonly noting: () => NotePorts
  /** To be called when the publish is over. */
  readonly stop: () => void
}

/** To be opened before anything else is done: `bounded` waits for no call longer than `INVOCATION.callMs`. */
export function openPublishTime(ports: Ports, bounded: Ports): PublishTime {
  const window = openWindow(ports, FIRST_ATTEMPTS)
  const timers: Timer[] = []
  const start = (ms: number): Promise<void> => {
    const started = ports.timer(ms)
    timers.push(started)
    return started.over
  }
  // Hardly any publish takes as long as its window: only one that does has more timers.
  const from = (ms: number): Cutoff =>
    toCutoff(window.end.then(() => start(ms - FIRST_ATTEMPTS.attemptMs)))
  const within = (deadline: Cutoff) => withTimeouts(ports, INVOCATION.callMs, deadline)
  return {
    window,
    ports: bounded,
    accepting: () => ({
      ...within(toCutoff(start(OVER_BY.acceptMs))),
      events: within(toCutoff(start(OVER_BY.acceptInsteadMs))).events,
    }),
    noting: () => {
      // Their times begin here; ports are made when they are asked for: most publishes need those of one step.
      const [reports, handOver] = [from(OVER_BY.reportMs), from(OVER_BY.handOverMs)]
      const [notes, instead] = [from(OVER_BY.noteMs), from(OVER_BY.endMs)]
      return {
        reports: () => within(reports),
        handOver: () => within(handOver),
        notes: () => within(notes),
        instead: () => within(instead),
      }
    },
    stop: () => {
      window.stop()
      for (const { stop } of timers) stop()
    },
  }
}

function toCutoff(over: Promise<void>): Cutoff {
  let isOver = false
  return {
    over: over.then(() => {
      isOver = true
    }),
    isOver: () => isOver,
  }
}
