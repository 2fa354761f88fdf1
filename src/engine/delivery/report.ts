// Writes down what a batch did: one report per webhook, and the state that comes back where it differs from what was read.
// In: lines about webhooks; out: what could not be written, as messages of the deliveries queue.

import { describeError } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import { pack } from '../../primitives/pack.ts'
import { INVOCATION, QUEUE } from '../../tuning.ts'
import type { Delivery, Tried } from '../attempt/attempt.ts'
import type { Target } from '../attempt/target.ts'
import { dataChars, type Event, type Webhook } from '../model/index.ts'
import type { DelayedMessage, MonitorState, Ports, Report, ReportEntry } from '../ports/index.ts'
import { withTimeout } from './with-timeout.ts'

/** Something to report about one webhook. */
export interface ReportLine {
  readonly target: Target
  readonly entry: ReportEntry
}

export type RecordPorts = Pick<
  Ports,
  'clock' | 'log' | 'monitor' | 'webhooks' | 'eventLog' | 'timer' | 'background'
>

/** What a try leaves in the monitor. */
export function toReportLine(
  tried: Exclude<Tried, { kind: 'held' | 'postponed' | 'waiting' | 'unpermitted' }>,
): ReportLine {
  const { event, target, run } = tried.delivery
  if (tried.kind === 'unsendable') {
    const { message, at } = tried
    return { target, entry: { kind: 'unsendable', eventId: event.id, run, message, at } }
  }
  if (tried.kind === 'filtered') {
    return { target, entry: { kind: 'filtered', eventId: event.id, run, at: tried.at } }
  }
  if (tried.kind === 'emptied') {
    return { target, entry: { kind: 'withdrawn', eventId: event.id, run, carrier: null } }
  }
  const { attempt, disposition, pauseSeconds, isUnsent, parts, sent } = tried
  const kept = disposition.kind === 'divert' ? event : null
  const marks = {
    ...(pauseSeconds > 0 && { pauseSeconds }),
    ...(tried.allowedPerMinute !== undefined && { allowedPerMinute: tried.allowedPerMinute }),
    ...(isUnsent && { isUnsent }),
    ...(parts && { parts }),
    ...(sent && { sent }),
  }
  return { target, entry: { kind: 'attempt', attempt, disposition, event: kept, ...marks } }
}

/** What an attempt leaves that the batch window did not see the end of: news only of a webhook in the fast lane. */
export function toUnanswered({ event, target, run }: Delivery): ReportLine | null {
  if (target.webhook.lane === 'slow') return null
  return { target, entry: { kind: 'unanswered', eventId: event.id, run } }
}

/** Why an event was not sent, as its owner reads it. */
export const SKIPPED = {
  disabled: 'The webhook is disabled.',
  suspended: 'The webhook is suspended.',
  paused: 'The webhook was paused or not verified, and the event waited for as long as any does.',
  rate: 'The rate of the webhook had no room for the event for as long as any waits.',
  crashed: 'Processing failed in Hookline. Its logs have the details.',
} as const

/** What crashed us, or never had its turn, is kept for a person whatever the webhook wants. */
const KEPT_ANYWAY: readonly (keyof typeof SKIPPED)[] = ['crashed', 'paused', 'rate']

/** What a delivery leaves that was not tried. */
export function toSkipped(
  { event, target, run }: Pick<Delivery, 'event' | 'target' | 'run'>,
  trigger: keyof typeof SKIPPED,
  at: number,
): ReportLine {
  const { divert, alertUrl } = target.failureHandling
  const kept = divert || KEPT_ANYWAY.includes(trigger) ? event : null
  const tells = target.dialectRuntime?.alertsWhileSuspended === true && alertUrl !== null
  const isAlerted = tells && kept !== null && trigger === 'suspended'
  const why = { trigger, message: SKIPPED[trigger], at }
  const entry = { kind: 'skipped', eventId: event.id, run, ...why, event: kept } as const
  return { target, entry: isAlerted ? { ...entry, alert: true } : entry }
}

/**
 * Reports the lines, one report per webhook, all webhooks at the same time as far as memory allows. Resolves with the
 * messages that must be sent for what could not be written within `INVOCATION.recordMs`. Never rejects.
 */
export async function record(
  reportLines: readonly ReportLine[],
  ports: RecordPorts,
): Promise<readonly DelayedMessage[]> {
  const byWebhook = new Map<string, { target: Target; entries: ReportEntry[] }>()
  for (const { target, entry } of reportLines) {
    const group = byWebhook.get(target.webhook.id)
    if (group) group.entries.push(entry)
    else byWebhook.set(target.webhook.id, { target, entries: [entry] })
  }
  const unwritten: DelayedMessage[] = []
  // At the same time as many as memory has room for: each report has a copy of the events it keeps.
  const room = { size: INVOCATION.reportBytes, sizeOf: keptChars }
  for (const wave of pack(byWebhook.values(), room)) {
    const reports = await Promise.all(
      wave.items.map(({ target, entries }) => reportOn(target, entries, ports)),
    )
    unwritten.push(...reports.flatMap((report) => (report ? toMessages(report) : [])))
  }
  return unwritten
}

function keptChars({ entries }: { readonly entries: readonly ReportEntry[] }): number {
  const sizes = entries.map((entry) => {
    const event = eventIn(entry)
    const part = entry.kind === 'held' ? (entry.message.part?.body?.length ?? 0) : 0
    return part + (event === null ? 0 : dataChars(event))
  })
  return sizes.reduce((sum, size) => sum + size, 0)
}

function eventIn(entry: ReportEntry): Event | null {
  if (entry.kind === 'held') return entry.message.event
  return 'event' in entry ? entry.event : null
}

/** Reports the lines, or sends them; rejects only when neither a monitor nor the deliveries queue can be reached. */
export async function recordOrSend(
  reportLines: readonly ReportLine[],
  ports: RecordPorts & Pick<Ports, 'deliveries'>,
): Promise<void> {
  const unwritten = await record(reportLines, ports)
  await enqueue(unwritten, ports)
}

/**
 * Sends messages step by step, each step in the time of one call: a large event for many webhooks takes many
 * steps, and all of them at once would never be in time. Rejects with the step that fails; what was sent stays sent.
 */
export async function enqueue(
  messages: readonly DelayedMessage[],
  { deliveries }: Pick<Ports, 'deliveries'>,
): Promise<void> {
  for (const { items } of pack(messages, { count: QUEUE.stepMessages })) {
    await deliveries.send(items)
  }
}

/** The report when it could not be written in time; null when it was. */
async function reportOn(
  target: Target,
  entries: readonly ReportEntry[],
  ports: RecordPorts,
): Promise<Report | null> {
  const { webhook, failureHandling, tenantRetentionDays } = target
  const report: Report = {
    id: newId(ports.clock()),
    tenantId: webhook.tenantId,
    webhookId: webhook.id,
    failureHandling,
    entries,
    ...(tenantRetentionDays !== undefined && { tenantRetentionDays }),
    ...(webhook.pause !== null && { pause: webhook.pause }),
    ...(webhook.throttle && { throttle: webhook.throttle }),
    ...(webhook.ordering && { ordering: webhook.ordering }),
    ...(webhook.batching && { batching: webhook.batching }),
  }
  const writing = write(report, target, ports)
  const answer = await withTimeout(writing, INVOCATION.recordMs, ports)
  if (answer) return answer.value ? null : report
  // It may be written yet: the monitor knows a report that comes twice.
  ports.background(writing.then(() => {}))
  ports.log({ event: 'report.unanswered', webhookId: webhook.id, reportId: report.id })
  return report
}

/** Whether the report was written. Never rejects. */
async function write(
  report: Report,
  { webhook, isTroubled, isHeld }: Pick<Target, 'webhook' | 'isTroubled' | 'isHeld'>,
  ports: RecordPorts,
): Promise<boolean> {
  const { id: reportId, webhookId } = report
  for (const tries of [1, 2]) {
    try {
      const { isNew, ...state } = await ports.monitor(webhookId).report(report)
      const isShown = state.suspendedAt === webhook.suspendedAt && state.lane === webhook.lane
      const isSame = state.isTroubled === isTroubled && state.isHeld === isHeld
      const isKnown = isTroubled === null ? !isNew : isSame
      await Promise.all([
        isShown ? null : writeState(webhook, state, ports),
        isShown && isKnown ? null : noteState(webhook, state, ports),
      ])
      return true
    } catch (error) {
      ports.log({ event: 'report.failed', webhookId, reportId, tries, error: describeError(error) })
    }
  }
  return false
}

/** Messages that bring a report again, when a late one has come to its end. */
function toMessages(report: Report): readonly DelayedMessage[] {
  return toPieces(report).map((message) => ({
    message,
    delaySeconds: QUEUE.unavailableDelaySeconds,
  }))
}

/** A report in pieces that each fit into a message, whatever it keeps; the monitor knows a piece by its report. */
function toPieces(report: Report) {
  const { tenantId, webhookId } = report
  return report.entries.map((entry, index) => {
    const piece = { ...report, id: `${report.id}/${index}`, entries: [alone(entry)] }
    return { kind: 'record', tenantId, webhookId, report: piece } as const
  })
}

/** What its event is among others is found out again: both would be longer than a message may be. */
function alone(entry: ReportEntry): ReportEntry {
  if (entry.kind !== 'held') return entry
  const { part: _, ...message } = entry.message
  return { ...entry, message }
}

/** Tells the event log, which knows the webhooks of new events; when that fails, the next report tries again. */
export async function noteState(
  webhook: Pick<Webhook, 'tenantId' | 'id'>,
  state: MonitorState,
  { eventLog, log }: Pick<Ports, 'eventLog' | 'log'>,
): Promise<void> {
  try {
    await eventLog(webhook.tenantId).noteState(webhook.id, state)
  } catch (error) {
    log({ event: 'state.unwritten', webhookId: webhook.id, error: describeError(error) })
  }
}

/** Writes the monitor's state to the configuration; when that fails, the next report tries again. */
export async function writeState(
  webhook: Pick<Webhook, 'tenantId' | 'id'>,
  state: MonitorState,
  { webhooks, log }: Pick<Ports, 'webhooks' | 'log'>,
): Promise<void> {
  try {
    await webhooks.setState({ tenantId: webhook.tenantId, id: webhook.id }, state)
  } catch (error) {
    log({ event: 'state.unwritten', webhookId: webhook.id, error: describeError(error) })
  }
}
