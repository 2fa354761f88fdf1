// Consumer of the deliveries queue. In: one delivery (or control message) per message; out: a verdict for each. A retry
// stays in its message, which comes back when it is due; how many attempts were made is the monitor's to know.

import { describeError } from '../../errors.ts'
import { INVOCATION } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import type { Lane } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { ACK, later } from './backoff.ts'
import { type Due, type Planned, planBatch, runBatch, type Settled, settle } from './batch.ts'
import { type BatchWindow, openWindow } from './batch-window.ts'
import type { FollowUp } from './delivery-task.ts'
import { readDeliveries } from './inbound-deliveries.ts'
import {
  type DeliveryGroup,
  groupByDelivery,
  loadDeliveries,
  type QueuedTask,
  redeliver,
} from './redelivery.ts'
import { recordOrSend } from './report.ts'

/** By the id of a message; one without a verdict comes again. */
type Verdicts = Map<string, Verdict>

/**
 * Makes one attempt for each delivery that is due, and holds the batch no longer than `INVOCATION` says. `lane`: that of the queue;
 * what is for a webhook in the slow lane and came by another goes on by its queue, and no other waits for it.
 */
export async function consumeDeliveries(
  messages: readonly InboundMessage[],
  lane: Lane,
  ports: Ports,
): Promise<readonly Verdict[]> {
  const window = openWindow(ports)
  try {
    // Control messages first: what reports bring is known by the time the monitors are asked.
    const { deliveries, verdicts } = await readDeliveries(messages, ports)
    const groups = groupByDelivery(deliveries)
    const own = groups.length === 0 ? new Map() : await deliver(groups, lane, window, ports)
    return messages.map(({ id, attempts }) => {
      return verdicts.get(id) ?? own.get(id) ?? later({ attempts })
    })
  } finally {
    window.stop()
  }
}

async function deliver(
  groups: readonly DeliveryGroup[],
  lane: Lane,
  window: BatchWindow,
  ports: Ports,
): Promise<Verdicts> {
  const known = await loadDeliveries(groups, lane, ports)
  if (known === null) return new Map()
  const planned = await joinRuns(planBatch([...known.keys()], known, ports.clock()), ports)
  const isCrowded = groups.length > INVOCATION.concurrency
  const ran = await runBatch(planned, { window, isCrowded }, ports)
  const settled = settle(planned, ran, ports.clock())
  const isReported = await report(settled.reportLines, ports)
  const followUps = [...settled.followUps, ...settled.unstarted.map(toFollowUp(ports))]
  const comingAgain = new Map(
    await Promise.all(
      followUps.map(async (one) => [idOf(one.task), await redeliver(one, lane, ports)] as const),
    ),
  )
  const unreported = new Set(isReported ? [] : settled.reportLines.map(({ task }) => idOf(task)))
  return withDuplicates(
    groups,
    new Map(
      planned.flatMap(({ task, action }): readonly (readonly [string, Verdict])[] => {
        const id = idOf(task)
        // What comes again anyway does so when it is due, even if its report must be brought again.
        const again = comingAgain.get(id)
        if (again !== undefined) return [[id, again]]
        return action.kind === 'join' || unreported.has(id) ? [] : [[id, ACK]]
      }),
    ),
  )
}

function idOf({ group }: QueuedTask): string {
  return group.inbound.id
}

/** A delivery that is taken care of leaves its other messages nothing to carry. A queue may bring one of them twice. */
function withDuplicates(groups: readonly DeliveryGroup[], verdicts: Verdicts): Verdicts {
  const needless = groups
    .filter(({ inbound }) => verdicts.has(inbound.id))
    .flatMap(({ duplicates }) => duplicates.map(({ inbound }) => inbound.id))
  return new Map([...needless.map((id) => [id, ACK] as const), ...verdicts])
}

/** Has the runs that are under way make their next attempts now; those of this batch that would begin are not needed then. */
function joinRuns(
  planned: readonly Planned<QueuedTask>[],
  { monitor, log }: Ports,
): Promise<readonly Planned<QueuedTask>[]> {
  return Promise.all(
    planned.map(async (one) => {
      const { task, action } = one
      if (action.kind !== 'join') return one
      const { tenantId, webhookId: id, event, isChosen = false } = task.group.message
      try {
        const isSent = await monitor(id).resend({ tenantId, id }, event, {
          wasMatched: true,
          isChosen,
        })
        // Not: that run has ended meanwhile, so that this one decides anew when it comes again.
        const { isKept } = action
        return isSent ? { task, action: { kind: 'withdraw', isKept } } : one
      } catch (error) {
        log({ event: 'resend.postponed', webhookId: id, error: describeError(error) })
        return one
      }
    }),
  )
}

/** What had no turn comes again: at once, or in a moment where others in the slow lane would take it. */
function toFollowUp({ settings }: Ports) {
  // In whole seconds: the queue would round a fraction up.
  const slowLaneDelay = Math.round(INVOCATION.slowLaneDelaySeconds * settings.delayScale)
  return ({ task, attempts, target }: Due<QueuedTask>): FollowUp<QueuedTask> => {
    const delaySeconds = target.webhook.lane === 'slow' ? slowLaneDelay : 0
    return { task, delaySeconds, attempts, role: 'watchdog' }
  }
}

/** Whether everything was reported, or is on its way to be. */
async function report(
  reportLines: Settled<QueuedTask>['reportLines'],
  ports: Ports,
): Promise<boolean> {
  try {
    await recordOrSend(
      reportLines.map(({ line }) => line),
      ports,
    )
    return true
  } catch (error) {
    const about = { queue: 'deliveries', messages: reportLines.length } as const
    ports.log({ event: 'batch.unrecorded', ...about, error: describeError(error) })
    return false
  }
}
