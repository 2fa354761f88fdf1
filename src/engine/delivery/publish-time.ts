// The time that a publish has, from its start: for being accepted, for attempts, and for writing down what came of them, so that the
// platform ends none of it (`FIRST_ATTEMPTS` in tuning.ts has the sum). Next: first-deliveries.ts, first-outcomes.ts.

import { FIRST_ATTEMPTS, INVOCATION } from '../../tuning.ts'
import type { Ports, Timer } from '../ports/index.ts'
import { type BatchWindow, openWindow } from './batch-window.ts'
import { type Cutoff, withTimeouts } from './with-timeout.ts'

/** By whom what came of deliveries is written down, one step after the other: none takes the time of the next. */
export interface NotePorts {
  /** The monitors. */
  readonly reports: Ports
  /** The queues. */
  readonly handOver: Ports
  /** The event logs. */
  readonly notes: Ports
  /** The monitors and the deliveries queue, where an event log takes no note. */
  readonly instead: Ports
}

/** For whom each call's own bound is enough. */
export function untimed(ports: Ports): NotePorts {
  return { reports: ports, handOver: ports, notes: ports, instead: ports }
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
      ...within(toCutoff(start(FIRST_ATTEMPTS.acceptMs))),
      events: within(toCutoff(start(FIRST_ATTEMPTS.acceptInsteadMs))).events,
    }),
    noting: () => ({
      reports: within(from(FIRST_ATTEMPTS.reportMs)),
      handOver: within(from(FIRST_ATTEMPTS.handOverMs)),
      notes: within(from(FIRST_ATTEMPTS.noteMs)),
      instead: within(from(FIRST_ATTEMPTS.endMs)),
    }),
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
