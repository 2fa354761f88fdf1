// What a tenant is told about a webhook that fails or recovers. In: what a report says, and the health after it; out: operational
// events. Next: notifications/operational-events.ts, by way of the monitor's outbox.

import { newId } from '../../primitives/ids.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import type { Attempt, FailingNotice, Health, Trigger } from '../model/index.ts'
import type { OperationalEvent, Report, ReportEntry } from '../ports/index.ts'
import { toMonitorState } from './health.ts'

/** Which webhook it is about, how that fares, and when (Unix milliseconds). */
interface About {
  readonly report: Pick<Report, 'tenantId' | 'webhookId'>
  readonly health: Health
  readonly now: number
}

/** Tells of a webhook's state, and of an attempt that failed why. */
export function operationalEvent(
  type: OperationalEvent['type'],
  reason: string,
  { report: { tenantId, webhookId }, health, now }: About,
  failed?: Attempt,
): OperationalEvent {
  const diagnosis = failed && diagnose(failed)
  const { consecutiveFailures, failedEvents, exhaustedEvents } = health
  return {
    id: newId(now),
    type,
    tenantId,
    webhookId,
    at: now,
    reason,
    ...(diagnosis && { cause: diagnosis.cause }),
    state: toMonitorState(health),
    counts: { consecutiveFailures, failedEvents, exhaustedEvents },
    exhausted: null,
  }
}

/** Tells that a webhook keeps failing, and when it will be suspended. */
export function failingEvent(
  notice: FailingNotice,
  { suspendsAt }: { readonly suspendsAt: number | null },
  about: About,
  failed: Attempt,
): OperationalEvent {
  const failingSince = about.health.failingSince ?? failed.at
  return {
    ...operationalEvent('webhook.failing', notice, about, failed),
    failing: { failingSince, suspendsAt, eventId: failed.eventId },
  }
}

/** Tells of a delivery that was given up. */
export function exhaustedEvent(
  { attempt, disposition }: ReportEntry & { kind: 'attempt' },
  { trigger, message }: { readonly trigger: Trigger; readonly message: string },
  about: About,
): OperationalEvent {
  return {
    ...operationalEvent('webhook.exhausted', String(trigger), about, attempt),
    exhausted: {
      eventId: attempt.eventId,
      eventType: attempt.eventType,
      trigger,
      message,
      at: attempt.at + attempt.durationMs,
      diverted: disposition.kind === 'divert',
      suspended: about.health.suspendedAt !== null,
    },
  }
}

/** Tells of an event that was kept unsent, for dialects whose alerts tell that; null for whatever else was reported. */
export function keptUnsentEvent(entry: ReportEntry, about: About): OperationalEvent | null {
  if (entry.kind !== 'skipped' || entry.alert !== true || entry.event === null) return null
  const { eventId, trigger, message, at, event } = entry
  return {
    ...operationalEvent('webhook.exhausted', String(trigger), about),
    exhausted: {
      ...{ eventId, eventType: event.type, trigger, message, at },
      ...{ diverted: true, suspended: true },
    },
    alertOnly: true,
  }
}
