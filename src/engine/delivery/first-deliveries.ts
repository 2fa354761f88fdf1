// What was accepted, on its way for the first time. In: events with the webhooks that they are for; out: attempts made, what must
// wait handed over, and all of it noted in the tenant's event log: whatever is not noted there comes again. Next: first-outcomes.ts.

import { describeError } from '../../errors.ts'
import { asksForRate, type Tried } from '../attempt/attempt.ts'
import { type Target, type TargetPorts, toTarget } from '../attempt/target.ts'
import type { AcceptedDelivery, KnownWebhook, Ports } from '../ports/index.ts'
import { askMonitors } from './ask-monitors.ts'
import { type Due, planBatch, runBatch, type Settled, settle } from './batch.ts'
import type { WindowOptions } from './batch-window.ts'
import { type FirstTask, scopeInDoubt, toFirstTask } from './delivery-task.ts'
import { noteFirst } from './first-outcomes.ts'
import type { PublishTime } from './publish-time.ts'

/** The deliveries of accepted events. `redelivered`: whatever brought the events may have brought them before. */
export function toFirstTasks(
  deliveries: readonly AcceptedDelivery[],
  redelivered: boolean,
  ports: TargetPorts,
): readonly FirstTask[] {
  /** One for all events of a webhook. */
  const targets = new Map<string, Target>()
  const targetOf = (webhook: KnownWebhook): Target => {
    const target = targets.get(webhook.id) ?? toTarget(webhook, ports)
    targets.set(webhook.id, target)
    return target
  }
  return deliveries.flatMap(({ event, webhooks, mayHaveBegun }) =>
    webhooks.map((webhook) => toFirstTask(event, targetOf(webhook), mayHaveBegun || redelivered)),
  )
}

/**
 * Sends what a publish has accepted, in the invocation that published it: nothing waits in a queue, and a slow receiver holds
 * nobody but itself. What ends is noted once a second, so that little is sent again should this invocation die. `tenantId` is null
 * where it is of several tenants. Ends with the time of the publish, however late it was accepted: what has not ended by then has a
 * watchdog message, or the event log finds it. Never rejects.
 */
export async function sendWithPublish(
  tenantId: string | null,
  deliveries: readonly AcceptedDelivery[],
  { window, ports, noting: openNoting }: PublishTime,
): Promise<void> {
  const tasks = toFirstTasks(deliveries, false, ports)
  if (tasks.length === 0) return
  const noting = openNoting()
  const waves: Promise<void>[] = []
  // The event log finds what was not noted, and sends it on.
  const unrecorded = (lost: number, error: unknown): void =>
    ports.log({
      event: 'publish.unrecorded',
      ...{ tenantId, deliveries: lost },
      error: describeError(error),
    })
  const note = async (settled: Settled<FirstTask>): Promise<void> => {
    try {
      await noteFirst(settled, ports, noting)
    } catch (error) {
      unrecorded(settled.reportLines.length, error)
    }
  }
  const wave = (finished: readonly Tried<Due<FirstTask>>[]): void => {
    const ran = { finished, unanswered: [], unstarted: [] }
    waves.push(note(settle([], ran, ports.clock())))
  }
  try {
    const most = ports.settings.firstAttempts
    await note(await deliver(tasks, { window, most, wave, isUrgent }, ports))
  } catch (error) {
    unrecorded(tasks.length, error)
  } finally {
    await Promise.all(waves)
  }
}

/**
 * What a monitor must hear of it hears soon, and in order, whoever else of the publish is slow: a retry is due from its hand-over,
 * and a success that came late would leave two failures in a row.
 */
function isUrgent(tried: Tried): boolean {
  if (tried.kind !== 'attempted') return false
  if (asksForRate(tried)) return true
  return tried.attempt.outcome === 'failed' || tried.delivery.target.isTroubled !== false
}

/** Decides about each delivery, and makes the attempts that fit into the window. */
export async function deliver(
  tasks: readonly FirstTask[],
  options: WindowOptions<Tried<Due<FirstTask>>>,
  ports: Ports,
): Promise<Settled<FirstTask>> {
  const known = await askMonitors(
    tasks.filter(({ mayHaveBegun }) => mayHaveBegun),
    (task) => ({
      ...{ tenantId: task.target.webhook.tenantId, webhookId: task.target.webhook.id },
      ...{ eventId: task.event.id, run: task.run, scope: scopeInDoubt(task) },
    }),
    ports,
  )
  const planned = planBatch(tasks, known, ports.clock())
  const ran = await runBatch(planned, options, ports)
  return settle(planned, ran, ports.clock())
}
