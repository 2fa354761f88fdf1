// Whether the components can be reached, and what waits in the queues: one cheap read of each, bounded in time.

import { DIAGNOSIS } from '../config.ts'
import { describeError } from '../engine/errors.ts'
import type { Backlog, ComponentState, Diagnostics, Log } from '../engine/ports.ts'
import { Deadline, EXPIRED } from './deadline.ts'
import type { Env } from './env.ts'

/** The objects that are asked; no webhook or tenant has such an id. */
const PROBED = 'diagnostics'

type Bindings = Pick<Env, 'DB' | 'EVENTS' | 'DELIVERIES' | 'MONITORS' | 'EVENT_LOGS'>
type Look = () => Promise<Backlog | null>

/** A component that fails is logged: who asks is told only that it does. */
export function createDiagnostics(env: Bindings, log: Log): Diagnostics {
  const looks: readonly (readonly [ComponentState['component'], Look])[] = [
    ['database', () => nothing(env.DB.prepare('SELECT 1').first())],
    ['eventsQueue', () => backlogOf(env.EVENTS)],
    ['deliveriesQueue', () => backlogOf(env.DELIVERIES)],
    ['webhookMonitors', () => nothing(env.MONITORS.getByName(PROBED).ping())],
    ['eventLogs', () => nothing(env.EVENT_LOGS.getByName(PROBED).ping())],
  ]
  return {
    look: () => Promise.all(looks.map(([component, look]) => probe(component, look, log))),
  }
}

async function probe(
  component: ComponentState['component'],
  look: Look,
  log: Log,
): Promise<ComponentState> {
  const startedAt = Date.now()
  const deadline = new Deadline(DIAGNOSIS.timeoutMs)
  const found = await deadline.within(attempt(look))
  deadline.clear()
  const latencyMs = Date.now() - startedAt
  if (found !== EXPIRED && !('error' in found)) {
    return { component, reachable: true, latencyMs, backlog: found.backlog }
  }
  const error = found === EXPIRED ? `No answer within ${DIAGNOSIS.timeoutMs} ms.` : found.error
  log({ event: 'component.unreachable', component, latencyMs, error })
  return { component, reachable: false, latencyMs, backlog: null }
}

async function attempt(look: Look) {
  try {
    return { backlog: await look() }
  } catch (error) {
    return { error: describeError(error) }
  }
}

async function nothing(work: Promise<unknown>): Promise<null> {
  await work
  return null
}

/** Queues tell their backlog through the producer's binding (workers-types, `Queue.metrics`). */
async function backlogOf(queue: Queue): Promise<Backlog> {
  const {
    backlogCount: messages,
    backlogBytes: bytes,
    oldestMessageTimestamp,
  } = await queue.metrics()
  // An empty queue has no oldest message; the local runtime says 1970 then.
  const oldestAt = oldestMessageTimestamp?.getTime() || null
  return { messages, bytes, oldestAt }
}
