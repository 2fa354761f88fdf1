// How much of a batch is taken on at once. In: events and the webhooks that may want them; out: the deliveries, and the
// events that go back to their queue, because their tenant has had its share. A thousand events for a thousand webhooks
// each are a million deliveries: at once they would fill the memory, and every other tenant's events with them.

import type { Delivery } from '../attempt/attempt.ts'
import { isFor } from '../intake/match.ts'
import type { Subscriber } from '../model/index.ts'
import { FIRST_RUN } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import type { EventBatch } from './event-batch.ts'

/** A delivery the events consumer has to decide about. */
export interface Routed extends Delivery {
  /** The log must be asked before anything is sent. */
  readonly ask: boolean
}

interface Admission {
  /** The messages with the events that are taken on. */
  readonly taken: readonly EventBatch[]
  /** Every event of these for every webhook that wants it, once. */
  readonly routed: readonly Routed[]
  /** The messages with the events that are left for later; without those of which nothing is left. */
  readonly left: readonly EventBatch[]
}

/**
 * Takes events on in order until their tenant has its share of `settings.fanOut` deliveries; the event that fills it is
 * taken on as a whole, so that every batch gets on.
 */
export function admit(
  eventBatches: readonly EventBatch[],
  subscribers: readonly Subscriber[],
  { dialectRuntimes, settings }: Pick<Ports, 'dialectRuntimes' | 'settings'>,
): Admission {
  const byTenant = Map.groupBy(subscribers, ({ tenantId }) => tenantId)
  const share = settings.fanOut / new Set(eventBatches.map(({ tenantId }) => tenantId)).size
  const counts = new Map<string, number>()
  const routed = new Map<string, Routed>()

  /** False when the tenant has had its share. */
  function take({ tenantId, ask }: EventBatch, event: EventBatch['events'][number]): boolean {
    const count = counts.get(tenantId) ?? 0
    if (count >= share) return false
    const wanting = (byTenant.get(tenantId) ?? []).filter((each) =>
      isFor(each, event, dialectRuntimes),
    )
    for (const webhook of wanting) {
      const key = `${event.id}/${webhook.id}`
      const asks = ask || routed.get(key)?.ask === true
      routed.set(key, { event, webhook, run: FIRST_RUN, attempts: 0, ask: asks })
    }
    counts.set(tenantId, count + wanting.length)
    return true
  }

  const taken: EventBatch[] = []
  const left: EventBatch[] = []
  for (const eventBatch of eventBatches) {
    const { events } = eventBatch
    const stop = events.findIndex((event) => !take(eventBatch, event))
    const end = stop === -1 ? events.length : stop
    if (end > 0) taken.push({ ...eventBatch, events: events.slice(0, end) })
    if (end < events.length) left.push({ ...eventBatch, events: events.slice(end) })
  }
  return { taken, routed: [...routed.values()], left }
}
