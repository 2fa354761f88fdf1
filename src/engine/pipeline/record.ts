// Writes down what a batch did: one report per webhook, and the state that comes back where it differs from what
// was read. In: entries per webhook; out: nothing. The report of a monitor that cannot be reached becomes a message.

import { QUEUE } from '../../config.ts'
import { describeError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { DivertedEvent, Subscriber, Trigger } from '../model.ts'
import type { MonitorState, Ports, Report, ReportEntry } from '../ports.ts'
import type { Attempted, Delivery } from './attempt.ts'
import { failureHandlingOf } from './failure-handling.ts'

/** Something to write down about one webhook. */
export interface Finding {
  readonly webhook: Subscriber
  readonly entry: ReportEntry
}

export type RecordPorts = Pick<
  Ports,
  'clock' | 'log' | 'monitor' | 'webhooks' | 'deliveries' | 'outbounds'
>

/** What an attempt leaves in the log. */
export function toFinding({ delivery, attempt, disposition }: Attempted): Finding {
  const event = disposition.kind === 'divert' ? delivery.event : null
  return { webhook: delivery.webhook, entry: { kind: 'attempt', attempt, disposition, event } }
}

/** What an attempt leaves that the slot did not see the end of: news only for a webhook in the fast lane. */
export function toUnanswered({ event, webhook, run }: Delivery): Finding[] {
  if (webhook.lane === 'slow') return []
  return [{ webhook, entry: { kind: 'unanswered', eventId: event.id, run } }]
}

/** What a delivery leaves that was not tried. */
export function toSkipped(
  { event, webhook, run }: Delivery,
  why: { readonly trigger: Trigger; readonly message: string; readonly at: number },
  outbounds: Ports['outbounds'],
): Finding {
  const kept = isKept(why.trigger, webhook, outbounds) ? event : null
  return { webhook, entry: { kind: 'skipped', eventId: event.id, run, ...why, event: kept } }
}

/** A disabled webhook wants nothing any more; what crashed us is kept for a person whatever the webhook wants. */
function isKept(trigger: Trigger, webhook: Subscriber, outbounds: Ports['outbounds']): boolean {
  if (trigger === 'disabled') return false
  return trigger === 'crashed' || failureHandlingOf(webhook, outbounds).divert
}

/** The sentence a diverted event shows as its message. */
export const SUSPENDED_MESSAGE: DivertedEvent['message'] = 'The webhook is suspended.'

/**
 * Reports the findings, one report per webhook, all webhooks at the same time. Rejects only when neither a monitor nor
 * the deliveries queue could be reached.
 */
export async function record(findings: readonly Finding[], ports: RecordPorts): Promise<void> {
  const byWebhook = new Map<string, { webhook: Subscriber; entries: ReportEntry[] }>()
  for (const { webhook, entry } of findings) {
    const group = byWebhook.get(webhook.id)
    if (group) group.entries.push(entry)
    else byWebhook.set(webhook.id, { webhook, entries: [entry] })
  }
  await Promise.all(
    [...byWebhook.values()].map(({ webhook, entries }) => reportOn(webhook, entries, ports)),
  )
}

async function reportOn(
  webhook: Subscriber,
  entries: readonly ReportEntry[],
  ports: RecordPorts,
): Promise<void> {
  const report: Report = {
    id: newId(ports.clock()),
    again: false,
    tenantId: webhook.tenantId,
    webhookId: webhook.id,
    failureHandling: failureHandlingOf(webhook, ports.outbounds),
    entries,
  }
  const state = await write(report, ports)
  if (state === null) return
  if (state.suspendedAt === webhook.suspendedAt && state.lane === webhook.lane) return
  await writeState(webhook, state, ports)
}

/** The state that came back; null when the report went to the deliveries queue instead. */
async function write(report: Report, ports: RecordPorts): Promise<MonitorState | null> {
  for (const again of [false, true]) {
    try {
      return await ports.monitor(report.webhookId).report({ ...report, again })
    } catch (error) {
      const { webhookId } = report
      ports.log({
        event: 'report.failed',
        webhookId,
        reportId: report.id,
        again,
        error: describeError(error),
      })
    }
  }
  await ports.deliveries.send(
    toPieces(report).map((message) => ({ message, delaySeconds: QUEUE.unavailableDelaySeconds })),
  )
  return null
}

/** A report in pieces that each fit into a message, whatever it keeps; the memory knows a piece by its report. */
function toPieces(report: Report) {
  const { tenantId, webhookId } = report
  return report.entries.map((entry, index) => {
    const piece = { ...report, id: `${report.id}/${index}`, again: true, entries: [entry] }
    return { kind: 'record', tenantId, webhookId, report: piece } as const
  })
}

/** Writes the monitor's state to the configuration; when that fails, the next report tries again. */
export async function writeState(
  webhook: Pick<Subscriber, 'tenantId' | 'id'>,
  state: MonitorState,
  { webhooks, log }: Pick<Ports, 'webhooks' | 'log'>,
): Promise<void> {
  try {
    await webhooks.setState({ tenantId: webhook.tenantId, id: webhook.id }, state)
  } catch (error) {
    log({ event: 'state.unwritten', webhookId: webhook.id, error: describeError(error) })
  }
}
