// What became of first deliveries, written down: at the webhooks' monitors and in the queues what is left to be done, and all of it in
// the event log. In: what a batch settled; out: nothing, or it comes again. Next: report.ts.

import { isSlow } from '../health/health.ts'
import { FIRST_RUN, type FirstOutcome } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import type { Settled } from './batch.ts'
import { requeue } from './continuation.ts'
import type { FirstTask } from './delivery-task.ts'
import { toDelayedMessage } from './own-message.ts'
import type { NotePorts } from './publish-time.ts'
import { enqueue, type ReportLine, record, recordOrSend } from './report.ts'

/**
 * Writes down what became of first deliveries: at the webhooks' monitors and in the queues where something is left to be done,
 * then in the event log. In this order, because what stands there has been taken care of. Rejects when something could not be
 * written; then it comes again, and what was delivered does not go out a second time.
 */
export async function noteFirst(
  settled: Settled<FirstTask>,
  ports: Pick<Ports, 'clock'>,
  noting: NotePorts,
): Promise<void> {
  const { reportLines, followUps, unstarted } = settled
  const quiet = reportLines.filter(({ line }) => isQuiet(line))
  const told = reportLines.filter((one) => !quiet.includes(one))
  const [handing] = await Promise.allSettled([
    handOver({ reportLines: told, followUps, unstarted }, noting),
  ])
  const isHandedOver = handing.status === 'fulfilled'
  const now = ports.clock()
  const left = new Set([...told, ...followUps, ...unstarted].map(({ task }) => task))
  await note(
    [
      ...quiet.flatMap(({ task, line }) => toQuiet(task, line) ?? []),
      ...(isHandedOver ? [...left] : []).map((task) => ({
        task,
        outcome: toHandedOver(task, now),
      })),
    ],
    noting.notes(),
  ).catch(async (error: unknown) => {
    // What comes again asks the monitors.
    await recordOrSend(
      quiet.map(({ line }) => line),
      noting.instead(),
    )
    throw error
  })
  if (!isHandedOver) throw handing.reason
}

/** What is left to be done, to those who see to it. */
async function handOver(
  { reportLines, followUps, unstarted }: Settled<FirstTask>,
  noting: NotePorts,
): Promise<void> {
  if (reportLines.length + followUps.length + unstarted.length === 0) return
  const unwritten = await record(
    reportLines.map(({ line }) => line),
    noting.reports(),
  )
  const { deliveries, events } = noting.handOver()
  await enqueue([...followUps.map(toDelayedMessage), ...unwritten], { deliveries })
  await requeue(
    unstarted.map(({ task }) => task),
    events,
  )
}

/** Tells the event logs; harmless to repeat, and so repeated once. */
async function note(
  noted: readonly { readonly task: FirstTask; readonly outcome: FirstOutcome }[],
  { eventLog }: Pick<Ports, 'eventLog'>,
): Promise<void> {
  const byTenant = Map.groupBy(noted, ({ task }) => task.target.webhook.tenantId)
  await Promise.all(
    [...byTenant].map(async ([tenantId, group]) => {
      const outcomes = group.map(({ outcome }) => outcome)
      try {
        await eventLog(tenantId).record(outcomes)
      } catch {
        await eventLog(tenantId).record(outcomes)
      }
    }),
  )
}

/** Its webhook's monitor or a queue has it. */
export function toHandedOver(task: FirstTask, at: number): FirstOutcome {
  return { ...aboutOf(task), at, delivered: null }
}

/** What changes nothing that its webhook's monitor counts, a success or an end by the filter: the event log alone need know it. */
function isQuiet({ target, entry }: ReportLine): boolean {
  if (entry.kind === 'filtered') return entry.run === FIRST_RUN
  if (entry.kind !== 'attempt' || target.isTroubled !== false) return false
  const { attempt, disposition } = entry
  // Its receiver wants less.
  if (typeof entry.allowedPerMinute === 'number') return false
  return disposition.kind === 'done' && attempt.run === FIRST_RUN && !isSlow(attempt)
}

function toQuiet(task: FirstTask, { entry }: ReportLine) {
  if (entry.kind === 'filtered') {
    const outcome = { ...aboutOf(task), at: entry.at, delivered: null, isFiltered: true } as const
    return { task, outcome }
  }
  if (entry.kind !== 'attempt') return null
  const { at, statusCode, durationMs } = entry.attempt
  const delivered = { statusCode: statusCode ?? 200, durationMs }
  return { task, outcome: { ...aboutOf(task), at, delivered } }
}

function aboutOf({ event, target: { webhook } }: FirstTask) {
  return { eventId: event.id, eventType: event.type, webhookId: webhook.id }
}
