// Deliveries whose messages crashed their consumer again and again. In: what such a message carries; out: whatever of it would
// be tried now is diverted at its webhook, where its owner sees it. Runs as little as possible of the code that may have
// crashed.

import type { InboundMessage } from '../api.ts'
import { type Target, toTarget } from '../attempt/target.ts'
import type { DelayedMessage, DeliverMessage, Ports } from '../ports/index.ts'
import { type Asked, statesOf } from './ask-monitors.ts'
import { lineOf } from './batch.ts'
import { type DeliveryTask, scopeInDoubt } from './delivery-task.ts'
import { type KnownState, nextAction } from './next-action.ts'
import { toDelayedMessage } from './own-message.ts'
import { type QueuedTask, toAsked, toQueuedTask } from './redelivery.ts'
import { enqueue, type ReportLine, recordOrSend, toSkipped } from './report.ts'

type ToldState = Exclude<KnownState, string>

/** Diverts the delivery of a message, at the one webhook that it is for. Rejects when it must come again. */
export async function divertDelivery(
  inbound: InboundMessage,
  message: DeliverMessage,
  ports: Ports,
): Promise<void> {
  const { tenantId, webhookId: id } = message
  const found = await ports.webhooks.findByRef([{ tenantId, id }])
  // It came to its consumer before it came here: what the monitor shows may be its own progress, to which it gives no way.
  const group = {
    inbound: { ...inbound, attempts: inbound.attempts + 1 },
    message,
    duplicates: [],
  }
  const tasks = found.map((webhook) => toQueuedTask(group, toTarget(webhook, ports), webhook.lane))
  await divert(tasks, ({ group }: QueuedTask) => toAsked(group.message, ports.clock()), ports)
}

/** Each monitor is asked once. Rejects when one cannot be, after what the others told was carried out. */
export async function divert<T extends DeliveryTask>(
  tasks: readonly T[],
  toKey: (task: T) => Asked,
  ports: Ports,
): Promise<void> {
  const byTarget = new Map<Target, T[]>()
  for (const task of tasks) {
    if (task.target === null) continue
    const group = byTarget.get(task.target)
    if (group) group.push(task)
    else byTarget.set(task.target, [task])
  }
  const told = await Promise.allSettled(
    [...byTarget].map(async ([target, group]) => {
      const keys = group.map((task) => ({ ...toKey(task), scope: scopeInDoubt(task) }))
      const states = await statesOf(keys, target.webhook, ports)
      return group.map((task, index) => endOf(task, target, states[index], ports.clock()))
    }),
  )
  const ends = told.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  await recordOrSend(
    ends.flatMap(({ line }) => line ?? []),
    ports,
  )
  await enqueue(
    ends.flatMap(({ message }) => message ?? []),
    ports,
  )
  const untold = told.find((one) => one.status === 'rejected')
  if (untold) throw untold.reason
}

/** What becomes of a delivery: a line that ends it, a message that carries it on, or neither where others see to it. */
function endOf(
  task: DeliveryTask,
  target: Target,
  state: ToldState | undefined,
  now: number,
): { readonly line?: ReportLine | null; readonly message?: DelayedMessage } {
  if (state === undefined) throw new Error('A monitor told no state.')
  const { event, run } = task
  const action = nextAction(task, state, now)
  if (action.kind === 'done') return {}
  // What joins another run is withdrawn like what nothing asks for: it has no message left that would carry it.
  if (action.kind === 'join' || action.kind === 'withdraw') {
    return { line: lineOf(task, { kind: 'withdraw', isKept: action.isKept }, now) }
  }
  if (action.kind === 'defer' && action.unavailable === null && isCarried(task, state)) {
    return { message: toDelayedMessage({ ...action, task: { ...task, target } }) }
  }
  return { line: toSkipped({ event, target, run }, 'crashed', now) }
}

/**
 * Whether another message may carry it: a retry of what failed may be on its way, and what somebody asked for since is. As
 * ever, a message behind that one makes sure of it.
 */
function isCarried({ isQueued, carrier }: DeliveryTask, state: ToldState): boolean {
  if (!isQueued) return state.status === 'failing'
  return state.carrier !== null && state.carrier !== carrier
}
