// What a webhook monitor writes of a report, of the end of a suspension, and of a resend: each in one transaction.

import { applyReport, type Change } from '../../../engine/health/apply-report.ts'
import { resumedHealth } from '../../../engine/health/health.ts'
import { operationalEvent } from '../../../engine/health/operational-event.ts'
import { runToJoin, UNTRIED } from '../../../engine/health/runs.ts'
import { toDeliveryText, toResendMessage } from '../../../engine/messages/delivery-message.ts'
import type { Event, Health } from '../../../engine/model/index.ts'
import type { OperationalEvent, Report, WebhookRef } from '../../../engine/ports/index.ts'
import { newId } from '../../../primitives/ids.ts'
import type { Bindings } from '../../bindings.ts'
import { settingsOf } from '../../settings.ts'
import type { KnownDeliveries } from './known-deliveries.ts'
import type { MonitorStores } from './stores.ts'

/** What was decided, to be written within a transaction. */
interface Written {
  readonly health: Health
  /** Whether the outbox has something to send. */
  readonly tells: boolean
  readonly write: () => void
}

/** Attempts, counts, suspension and diverted events of a report. */
export function toWrite(
  report: Report,
  stores: MonitorStores,
  known: KnownDeliveries,
  env: Bindings,
  now: number,
): Written {
  const { delayScale } = settingsOf(env)
  const { health: present } = stores.reports
  const deliveriesOf = known.runsOf(failedEvents(report))
  const result = applyReport(report, { health: present, deliveriesOf }, { now, delayScale })
  const { health, counts, latencies, changes, operationalEvents } = result
  const attempts = report.entries.flatMap((entry) =>
    entry.kind === 'attempt' ? [entry.attempt] : [],
  )
  return {
    health,
    tells: operationalEvents.length > 0,
    write: () => {
      stores.reports.insert({ id: report.id, health, counts, latencies, attempts }, now)
      for (const change of changes) apply(change, stores)
      stores.outbox.add(operationalEvents.map(toText))
    },
  }
}

/** The end of a suspension. */
export function toWriteResumed(
  { tenantId, id: webhookId }: WebhookRef,
  stores: MonitorStores,
  now: number,
): Written {
  const health = resumedHealth(stores.reports.health)
  const about = { report: { tenantId, webhookId }, health, now }
  const event = operationalEvent('webhook.resumed', 'resumed', about)
  return {
    health,
    tells: true,
    write: () => {
      stores.reports.insert({ id: newId(now), health }, now)
      stores.outbox.add([toText(event)])
    },
  }
}

/** The message that makes the next attempt of a run now; null when the event's first attempt is on its way. */
export function toWriteResend(
  ref: WebhookRef,
  event: Event,
  wasMatched: boolean,
  { deliveries, diverted, outbox }: MonitorStores,
  known: KnownDeliveries,
): (() => void) | null {
  const joined = runToJoin(deliveries.ofEvent(event.id), diverted.runOf(event.id))
  if (joined === undefined && wasMatched && known.isUnseen(event.id)) return null
  const carrier = newId(Date.now())
  const { run, ...state } = joined ?? { ...UNTRIED, run: carrier }
  const message = toResendMessage(ref, event, { run, attempts: state.attempts, carrier })
  return () => {
    deliveries.put({ eventId: event.id, run }, { ...state, carrier })
    outbox.add([toDeliveryText(message)])
  }
}

function apply(change: Change, { deliveries, diverted }: MonitorStores): void {
  if (change.kind === 'delivery') deliveries.put(change.key, change.state)
  else if (change.kind === 'divert') diverted.put(change.diverted)
  else if (change.kind === 'undivert') diverted.delete(change.eventId)
  else diverted.release(change.eventId, change.run)
}

function toText(notice: OperationalEvent): string {
  return toDeliveryText({ kind: 'notice', notice })
}

/** Events of which the report tells a failure. */
function failedEvents({ entries }: Report): readonly string[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'unanswered') return []
    if (entry.kind !== 'attempt') return [entry.eventId]
    return entry.attempt.outcome === 'failed' ? [entry.attempt.eventId] : []
  })
}
