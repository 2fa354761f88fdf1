// What an owner cancels: deliveries that wait, or are to be tried again. Whatever brings one of them later is told that it has ended.

import { z } from 'zod'
import { cancelledState } from '../../../engine/health/runs.ts'
import { FIRST_RUN } from '../../../engine/model/index.ts'
import type { DeliveryKey, PendingFilter } from '../../../engine/ports/index.ts'
import { framedLine } from '../../../primitives/framed-json.ts'
import { AFTER_ALL_IDS, firstIdAt } from '../../../primitives/ids.ts'
import { LOG } from '../../../tuning.ts'
import { jsonText, rowsOf } from '../rows.ts'
import type { DeliveryStore } from './delivery-store.ts'
import type { DivertedStore } from './diverted-store.ts'
import type { HeldStore } from './held-store.ts'
import type { JointStore } from './joint-store.ts'
import type { PlaceStore } from './places.ts'
import { keyOf, type ReportStore } from './report-store.ts'

const TypeRow = z.object({ event_id: z.string(), type: z.string() })
const AttemptsRow = z.object({
  attempts: jsonText(z.array(z.object({ eventId: z.string(), eventType: z.string() }))),
})

/** Whether an event is of one of these types, as what waits, what was tried, or what is diverted tells. */
function ofTypes(
  eventTypes: readonly string[],
  open: readonly DeliveryKey[],
  { sql, diverted, joint, places, reports }: Stores,
): (eventId: string) => boolean {
  const ids = [...new Set(open.map(({ eventId }) => eventId))].toSorted()
  const kept = `SELECT event_id, json_extract(${framedLine('message')}, '$.event.type') AS type
    FROM held WHERE event_id IN (SELECT value FROM json_each(?))`
  const rows = rowsOf(sql, TypeRow, kept, JSON.stringify(ids))
  const typeOf = new Map(diverted.typesOf(ids))
  for (const { event_id: id, type } of rows) typeOf.set(id, type)
  for (const { event } of places.messagesOf(ids)) typeOf.set(event.id, event.type)
  for (const id of new Set(open.flatMap((key) => joint.idOf(key) ?? []))) {
    for (const { message } of joint.partsOf(id)) typeOf.set(message.event.id, message.event.type)
  }
  const others = ids.filter((id) => !typeOf.has(id))
  for (const { attempts } of reports.tables.readAbout(AttemptsRow, 'attempts', others)) {
    for (const { eventId, eventType } of attempts) typeOf.set(eventId, eventType)
  }
  return (eventId) => eventTypes.includes(typeOf.get(eventId) ?? '')
}

interface Stores {
  readonly sql: SqlStorage
  readonly deliveries: DeliveryStore
  readonly diverted: DivertedStore
  readonly held: HeldStore
  readonly joint: JointStore
  readonly places: PlaceStore
  readonly reports: ReportStore
}

export class PendingDeliveries {
  private readonly stores: Stores

  constructor(stores: Stores) {
    this.stores = stores
  }

  /** Within a transaction. */
  cancel(
    { eventIds: ids, eventTypes, after, before }: PendingFilter,
    from: string | null,
  ): { readonly cancelled: number; readonly next: string | null } {
    const { deliveries, diverted, held, joint, places } = this.stores
    const [eventId = '', run = ''] = (from ?? '').split('/')
    const range = {
      from: after === undefined ? '' : firstIdAt(after + 1),
      below: before === undefined ? AFTER_ALL_IDS : firstIdAt(before),
      ids,
    }
    const open = deliveries.openBehind({ eventId, run }, range, LOG.claimedEvents)
    const isMeant = eventTypes === undefined ? () => true : ofTypes(eventTypes, open, this.stores)
    let cancelled = 0
    for (const { eventId, run, ...state } of open) {
      if (!isMeant(eventId)) continue
      const key = { eventId, run }
      held.delete(key)
      joint.leave(key)
      deliveries.put(key, cancelledState(state))
      diverted.release(eventId, run)
      if (run === FIRST_RUN) places.end(eventId)
      cancelled += 1
    }
    const last = open.at(-1)
    return { cancelled, next: last && open.length === LOG.claimedEvents ? keyOf(last) : null }
  }
}
