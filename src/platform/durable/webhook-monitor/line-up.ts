// Deliveries that come one after the other, as their event logs hand them over, and what becomes of their places. All of it is to be
// written within a transaction.

import { DEFAULT_FAILURE_HANDLING } from '../../../engine/attempt/failure-handling.ts'
import type { EventKey } from '../../../engine/attempt/order-key.ts'
import { NO_TURN, nextOfKey, toldOrdering } from '../../../engine/health/order.ts'
import { oldestWaiting } from '../../../engine/health/pause.ts'
import { runThatTells, UNTRIED } from '../../../engine/health/runs.ts'
import {
  fromDeliveryText,
  toDeliverMessage,
  toDeliveryText,
} from '../../../engine/messages/delivery-message.ts'
import { FIRST_RUN, type Ordering, orderOf } from '../../../engine/model/index.ts'
import type {
  OrderedDeliveries,
  Report,
  ReportEntry,
  WebhookRef,
} from '../../../engine/ports/index.ts'
import { newId } from '../../../primitives/ids.ts'
import { HOLD } from '../../../tuning.ts'
import type { MonitorStores } from './stores.ts'

/** Takes deliveries whose keys are known, the first of some. What cannot have a key ends: `reported` is to be written, too. */
export function takeDeliveries(
  { ref, log, deliveries }: OrderedDeliveries,
  keys: readonly EventKey[],
  { places, held, deliveries: states, reports, erased }: MonitorStores,
  now: number,
): readonly ReportEntry[] {
  const before = places.upTo(log)
  const taken = deliveries.slice(0, keys.length)
  const unsendable: ReportEntry[] = []
  let { health } = reports
  for (const [index, { number, event, ordering }] of taken.entries()) {
    if (number <= before) continue
    health = toldOrdering(health, ordering)
    const key = keys[index]
    if (erased.has(event.id) || key === undefined) continue
    const about = { eventId: event.id, run: FIRST_RUN }
    if (key.kind === 'failed') {
      unsendable.push({ kind: 'unsendable', ...about, message: key.reason, at: now })
      continue
    }
    const message = toDeliveryText(
      toDeliverMessage(ref, event, { run: FIRST_RUN, attempts: 0, role: 'watchdog' }),
    )
    if (orderOf(health) === null) held.put(about, message)
    else if (!places.add(event.id, key.key, message)) continue
    states.put(about, { ...UNTRIED, status: 'held' })
  }
  if (health !== reports.health) reports.insert({ id: newId(now), health }, now)
  const last = taken.at(-1)
  if (last !== undefined && last.number > before) places.noteUpTo(log, last.number)
  return unsendable
}

/** What its monitor says itself of a webhook's deliveries. */
export function toOwnReport(
  { tenantId, id: webhookId }: WebhookRef,
  entries: readonly ReportEntry[],
  now: number,
): Report {
  const failureHandling = DEFAULT_FAILURE_HANDLING
  return { id: newId(now), tenantId, webhookId, failureHandling, entries }
}

/** After something was written of these events: whose turn is over has the next one come, or nothing. */
export function settlePlaces(
  eventIds: Iterable<string>,
  { places, deliveries, reports }: Pick<MonitorStores, 'places' | 'deliveries' | 'reports'>,
  now: number,
): void {
  for (const eventId of new Set(eventIds)) {
    const standing = places.standingOf(eventId)
    if (standing === null) continue
    const runs = deliveries.ofEvent(eventId)
    if (runs.some(({ status }) => status === 'delivered')) places.end(eventId)
    if (standing === 'blocked') continue
    const next = nextOfKey(
      runThatTells(runs, FIRST_RUN)?.status ?? 'pending',
      standing === 'turn' ? orderOf(reports.health) : null,
    )
    if (next === 'next') places.end(eventId)
    else if (next === 'blocked') places.block(eventId, now)
  }
}

/** Some of what the order of a webhook has wait and does no more, because it has another one, or none. False: there is nothing. */
export function releaseUnordered({
  places,
  reports,
}: Pick<MonitorStores, 'places' | 'reports'>): boolean {
  const order = orderOf(reports.health)
  if (order === null) return places.release(HOLD.stepDeliveries)
  return order.onFailure === 'continue' && places.unblock(HOLD.stepDeliveries)
}

/** What is to be reported of some that have waited for as long as any does; null: of none. */
export function overdueReport(
  { places }: Pick<MonitorStores, 'places'>,
  now: number,
): Report | null {
  const overdue = places.waitingBelow(oldestWaiting(now), HOLD.stepDeliveries)
  const messages = overdue.flatMap((row) => {
    const read = fromDeliveryText(row.message)
    return read?.kind === 'deliver' ? [read] : []
  })
  const [first] = messages
  if (first === undefined) return null
  const entries = messages.map(({ event }): ReportEntry => {
    const why = { trigger: 'order', message: NO_TURN, at: now } as const
    return { kind: 'skipped', eventId: event.id, run: FIRST_RUN, ...why, event }
  })
  return toOwnReport({ tenantId: first.tenantId, id: first.webhookId }, entries, now)
}

/** That the webhook has another order, or none any more; null when that is nothing new. */
export function toNoteOrdering(
  { reports }: Pick<MonitorStores, 'reports'>,
  ordering: Ordering,
  now: number,
): (() => void) | null {
  const health = toldOrdering(reports.health, ordering)
  return health === reports.health ? null : () => reports.insert({ id: newId(now), health }, now)
}
