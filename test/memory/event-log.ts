// A tenant's event log, in memory.

import { toCursor } from '../../src/engine/cursor.ts'
import { newId, timeOf } from '../../src/engine/ids.ts'
import type { DeliveryState, LoggedEvent } from '../../src/engine/model.ts'
import { toRunMessage } from '../../src/engine/pipeline/delivery-message.ts'
import { matches, typeMatches } from '../../src/engine/pipeline/match.ts'
import type { DeliveryMessage, EventLog } from '../../src/engine/ports.ts'
import { EventPosition, fromCursor } from '../../src/platform/durable/cursor.ts'

export interface EventLogSurroundings {
  readonly clock: () => number
  readonly owe: (message: DeliveryMessage) => void
  readonly statesOf: (
    webhookId: string,
    eventIds: readonly string[],
  ) => Promise<readonly DeliveryState[]>
}

export function createMemoryEventLog({ clock, owe, statesOf }: EventLogSurroundings): EventLog {
  let purged = false
  const events = new Map<string, LoggedEvent>()
  const newestFirst = () => [...events.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1))

  return {
    async append(_, logged) {
      if (purged) return
      for (const event of logged) if (!events.has(event.id)) events.set(event.id, event)
    },
    find: async (id) => events.get(id) ?? null,
    async list({ type, after, before, order, limit, cursor }) {
      const [position] = fromCursor(cursor, EventPosition) ?? []
      const ascending = order === 'oldest'
      const inOrder = ascending ? newestFirst().toReversed() : newestFirst()
      const found = inOrder.filter(
        (event) =>
          (type === undefined || event.type === type) &&
          (after === undefined || timeOf(event.id) > after) &&
          (before === undefined || timeOf(event.id) < before) &&
          (position === undefined || (ascending ? event.id > position : event.id < position)),
      )
      const items = found.slice(0, limit)
      const last = items.at(-1)
      const more = (ascending || found.length > limit) && last !== undefined
      return { items, nextCursor: more ? toCursor([last.id]) : null }
    },
    listByRequest: async (requestId) =>
      newestFirst()
        .filter((event) => event.requestId === requestId)
        .toReversed(),
    async replay(tenantId, { webhookId, eventTypes, scope, since, until, onlyTypes, onlyMissing }) {
      const wanted = newestFirst()
        .toReversed()
        .filter(
          (event) =>
            timeOf(event.id) >= since &&
            timeOf(event.id) < until &&
            matches({ enabled: true, eventTypes, scope }, event) &&
            (onlyTypes === undefined || onlyTypes.some((entry) => typeMatches(entry, event.type))),
        )
      const ids = wanted.map(({ id }) => id)
      const states = onlyMissing ? await statesOf(webhookId, ids) : []
      const missing = wanted.filter((_, index) => states[index]?.status !== 'delivered')
      const run = newId(clock())
      for (const { webhookIds: _, ...event } of missing) {
        owe(toRunMessage({ tenantId, id: webhookId }, run, event))
      }
      return missing.length
    },
    async purge() {
      purged = true
      events.clear()
    },
    async revive() {
      purged = false
    },
  }
}
