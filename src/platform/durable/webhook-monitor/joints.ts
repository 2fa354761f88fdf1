// Events of a webhook with a batch, on their way to one request: when those that wait become a joint delivery, and what a report of that
// means for each of them. All of it is to be written within a transaction.

import type { HeldCounts } from '../../../engine/health/backlog.ts'
import {
  entriesOfParts,
  firstTogether,
  isJoint,
  jointEvent,
  nextJoint,
  type PartEntry,
  toldBatching,
  waitingForOthers,
} from '../../../engine/health/joint-delivery.ts'
import { UNTRIED } from '../../../engine/health/runs.ts'
import { toDeliverMessage, toDeliveryText } from '../../../engine/messages/delivery-message.ts'
import {
  type Batching,
  batchOf,
  type HealthReport,
  hasEnded,
  JOINT_RUN,
} from '../../../engine/model/index.ts'
import { eventIdOf, type Report } from '../../../engine/ports/index.ts'
import { AFTER_ALL_IDS, newId, timeOf } from '../../../primitives/ids.ts'
import { formatTime } from '../../../primitives/time.ts'
import type { DeliveryStore } from './delivery-store.ts'
import type { HeldStore, Released, WaitingPart } from './held-store.ts'
import type { JointStore } from './joint-store.ts'
import type { ReportStore } from './report-store.ts'

interface Stores {
  readonly held: HeldStore
  readonly joint: JointStore
  readonly deliveries: DeliveryStore
  readonly reports: ReportStore
}

export class Joints {
  private readonly stores: Stores

  constructor(stores: Stores) {
    this.stores = stores
  }

  /**
   * What would go now, if nobody had anything against it, and when that may be more though nothing comes: events that wait for others of
   * their batch would not.
   */
  toGo(now: number): HeldCounts & { readonly lookAt: number | null } {
    const { held, reports } = this.stores
    const { waiting, underWay } = held
    const batch = batchOf(reports.health)
    if (batch === null) return { waiting, underWay, lookAt: null }
    const { count, lookAt } = nextJoint(batch, held.parts, now)
    return { waiting: held.jointWaiting + count, underWay, lookAt }
  }

  /** Some that may be sent now, noted as sent: those that wait, and others that are made of what waits. Null: the webhook has no batch. */
  release(count: number, now: number): readonly Released[] | null {
    const { held, reports } = this.stores
    const batch = batchOf(reports.health)
    if (batch === null) return null
    const released = [...held.release(count, now, AFTER_ALL_IDS, 'joint')]
    while (released.length < count && nextJoint(batch, held.parts, now).count > 0) {
      const waiting = held.firstParts(batch.maxEvents)
      const together = firstTogether(waiting, batch)
      if (together.length > 0) this.join(together, now)
      // Nobody has asked yet what it is among others, or whether it passes the filter.
      const next = held.release(1, now, AFTER_ALL_IDS, together.length > 0 ? 'joint' : 'single')
      if (next.length === 0) break
      released.push(...next)
    }
    return released
  }

  /** Events that wait, those of requests under way included. Of these: how many are under way, and how many wait for others. */
  eventCounts(now: number): Pick<HealthReport, 'waiting' | 'underWay' | 'forOthers'> {
    const { held, joint, reports } = this.stores
    const batch = batchOf(reports.health)
    const forOthers = batch === null ? 0 : waitingForOthers(batch, held.parts, now)
    let { waiting, underWay } = held
    for (const [id, size] of joint.sizes()) {
      const state = held.stateOf({ eventId: id, run: JOINT_RUN })
      if (state === 'waiting') waiting += size - 1
      if (state === 'released') underWay += size - 1
    }
    return { waiting: waiting + underWay, underWay, forOthers }
  }

  /** A report with what it means for the events of joint deliveries. */
  withParts(report: Report, now: number): Report & { readonly entries: readonly PartEntry[] } {
    if (!report.entries.some(isJoint)) return report
    const entries = report.entries.flatMap((entry): readonly PartEntry[] => {
      if (!isJoint(entry)) return [entry]
      const parts = this.stores.joint.partsOf(eventIdOf(entry)).map(({ message }) => message)
      return [withoutEvent(entry), ...entriesOfParts(entry, parts, () => newId(now))]
    })
    return { ...report, entries }
  }

  /** After a report was written: what has ended goes with nobody. */
  settle({ entries }: Pick<Report, 'entries'>): void {
    const { joint, deliveries } = this.stores
    for (const entry of entries.filter(isJoint)) {
      joint.retain(eventIdOf(entry), ({ eventId, run }) => {
        const state = deliveries.ofEvent(eventId).find((one) => one.run === run)
        return state !== undefined && !hasEnded(state.status)
      })
    }
  }

  /** That the webhook has another batch, or none any more; null when that is nothing new. */
  toNote(batching: Batching, now: number): (() => void) | null {
    const { held, reports } = this.stores
    const health = toldBatching(reports.health, batching, held, now)
    return health === reports.health ? null : () => reports.insert({ id: newId(now), health }, now)
  }

  private join(parts: readonly WaitingPart[], now: number): void {
    const { held, joint, deliveries } = this.stores
    const [first] = parts
    if (first === undefined) return
    // As old as the first of them: it waits as long as that may, and whoever erases looks at it, too.
    const id = newId(timeOf(first.key.eventId))
    const ref = { tenantId: first.message.tenantId, id: first.message.webhookId }
    const how = { run: JOINT_RUN, attempts: 0, role: 'watchdog' } as const
    const message = toDeliverMessage(ref, jointEvent(id, formatTime(now)), how)
    for (const { key } of parts) held.delete(key)
    joint.put(id, parts)
    held.put({ eventId: id, run: JOINT_RUN }, toDeliveryText(message))
    deliveries.put({ eventId: id, run: JOINT_RUN }, { ...UNTRIED, status: 'held' })
  }
}

/** It stands for events that are kept themselves. */
function withoutEvent(entry: PartEntry): PartEntry {
  return 'event' in entry ? { ...entry, event: null } : entry
}
