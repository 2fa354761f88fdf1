// What a monitor does when the content of events is expunged: nothing of it stays here, and what had not ended ends as `erased`.

import { erasedState } from '../../../engine/health/runs.ts'
import { withoutContent } from '../../../engine/health/without-content.ts'
import { fromDeliveryText } from '../../../engine/messages/delivery-message.ts'
import { hasEnded } from '../../../engine/model/index.ts'
import type { Report } from '../../../engine/ports/index.ts'
import type { MonitorStores } from './stores.ts'

/** A report as it is kept: of events that were erased before without their content. */
export function asKept(report: Report, { erased }: MonitorStores): Report {
  return withoutContent(report, (eventId) => erased.has(eventId))
}

/** Within a transaction. */
export function erase(eventIds: readonly string[], stores: MonitorStores, now: number): void {
  const { deliveries, diverted, held, outbox, reports, erased } = stores
  for (const eventId of eventIds) {
    erased.add(eventId, now)
    diverted.delete(eventId)
    reports.eraseExcerpts(eventId)
    for (const run of held.runsOf(eventId)) held.delete({ eventId, run })
    for (const { run, ...state } of deliveries.ofEvent(eventId)) {
      if (!hasEnded(state.status)) deliveries.put({ eventId, run }, erasedState(state))
    }
  }
  const all = new Set(eventIds)
  outbox.deleteWhere((text) => {
    const message = fromDeliveryText(text)
    return message?.kind === 'deliver' && all.has(message.event.id)
  })
}
