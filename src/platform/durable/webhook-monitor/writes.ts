// What a webhook monitor writes of a report, of the end of a suspension, and of a resend: each in one transaction.

import { applyReport, type Change } from '../../../engine/health/apply-report.ts'
import { resumedHealth, withHold } from '../../../engine/health/health.ts'
import { endPause } from '../../../engine/health/hold.ts'
import { operationalEvent } from '../../../engine/health/operational-event.ts'
import { toldAllowed } from '../../../engine/health/rate.ts'
import { runToJoin, UNTRIED } from '../../../engine/health/runs.ts'
import { toDeliveryText, toResendMessage } from '../../../engine/messages/delivery-message.ts'
import { type Event, type Health, JOINT_RUN } from '../../../engine/model/index.ts'
import {
  eventIdOf,
  type Monitor,
  type OperationalEvent,
  type Report,
  type WebhookRef,
} from '../../../engine/ports/index.ts'
import { newId } from '../../../primitives/ids.ts'
import type { Bindings } from '../../bindings.ts'
import { settingsOf } from '../../settings.ts'
import { asKept } from './erase.ts'
import type { KnownDeliveries } from './known-deliveries.ts'
import { settlePlaces } from './line-up.ts'
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
  reported: Report,
  stores: MonitorStores,
  known: KnownDeliveries,
  env: Bindings,
  now: number,
): Written {
  const { delayScale } = settingsOf(env)
  const report = asKept(stores.joints.withParts(reported, now), stores)
  const { health: present } = stores.reports
  const deliveriesOf = known.runsOf(failedEvents(report))
  const { held } = stores
  // Reported again by the deliveries queue, where it waits instead.
  if (held.isFull && report.entries.some(({ kind }) => kind === 'held')) {
    throw new Error('More deliveries wait for the webhook than its monitor keeps.')
  }
  const result = applyReport(report, { health: present, deliveriesOf, held }, { now, delayScale })
  const { health, counts, latencies, changes, operationalEvents } = result
  const made = report.entries.flatMap((entry) => (entry.kind === 'attempt' ? [entry.attempt] : []))
  const attempts = made.filter(({ run }) => run !== JOINT_RUN)
  const keepsAny = changes.some(({ kind }) => kind === 'divert')
  return {
    health,
    tells: operationalEvents.length > 0,
    write: () => {
      const { tenantId, webhookId } = report
      const of = { tenantId, webhookId }
      stores.reports.insert({ id: report.id, health, of, counts, latencies, attempts }, now)
      if (keepsAny) stores.retention.toldByReport(report.tenantRetentionDays)
      for (const change of changes) apply(change, stores)
      for (const attempt of made) stores.rates.end(attempt)
      stores.joints.settle(report)
      settlePlaces(report.entries.map(eventIdOf), stores, now)
      stores.outbox.add(operationalEvents.map(toText))
    },
  }
}

/** The end of a suspension, if there is one, of the pause of a hold, and of what the receiver allows. */
export function toWriteResumed(
  { tenantId, id: webhookId }: WebhookRef,
  { reports, outbox, held }: MonitorStores,
  now: number,
): () => void {
  const without = toldAllowed(reports.health, null, held, now)
  const present = withHold(without, endPause(without.hold, now))
  const isSuspended = present.suspendedAt !== null
  const health = isSuspended ? resumedHealth(present) : present
  const about = { report: { tenantId, webhookId }, health, now }
  const events = isSuspended ? [operationalEvent('webhook.resumed', 'resumed', about)] : []
  return () => {
    reports.insert({ id: newId(now), health }, now)
    outbox.add(events.map(toText))
  }
}

/** The message that makes the next attempt of a run now; null when the event's first attempt is on its way. */
export function toWriteResend(
  ref: WebhookRef,
  event: Event,
  { wasMatched, isChosen }: Parameters<Monitor['resend']>[2],
  { deliveries, diverted, outbox, places }: MonitorStores,
  known: KnownDeliveries,
): (() => void) | null {
  // It is sent when its turn comes, whoever asks.
  if (places.standingOf(event.id) === 'waiting') return () => {}
  const joined = runToJoin(deliveries.ofEvent(event.id), diverted.runOf(event.id))
  if (joined === undefined && wasMatched && known.isUnseen(event.id)) return null
  const carrier = newId(Date.now())
  const { run, ...state } = joined ?? { ...UNTRIED, run: carrier }
  const message = toResendMessage(ref, event, { run, attempts: state.attempts, carrier, isChosen })
  return () => {
    deliveries.put({ eventId: event.id, run }, { ...state, carrier })
    outbox.add([toDeliveryText(message)])
  }
}

function apply(change: Change, { deliveries, diverted, held, joint }: MonitorStores): void {
  if (change.kind === 'delivery') deliveries.put(change.key, change.state)
  else if (change.kind === 'hold') {
    joint.leave(change.key)
    held.put(change.key, toDeliveryText(change.message))
  } else if (change.kind === 'unhold') held.delete(change.key)
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
