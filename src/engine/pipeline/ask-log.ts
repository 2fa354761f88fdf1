// Asks the monitors what became of deliveries that somebody may have tried already.

import { describeError } from '../errors.ts'
import type { DeliveryState } from '../model.ts'
import type { DeliveryKey, Ports } from '../ports.ts'

/**
 * What the log knows of each item, one question per webhook. A log that cannot be reached knows nothing: then the
 * delivery is tried, because at least once beats at most once.
 */
export async function askLog<T>(
  items: readonly T[],
  toKey: (item: T) => DeliveryKey & { readonly webhookId: string },
  { monitor, log }: Pick<Ports, 'monitor' | 'log'>,
): Promise<ReadonlyMap<T, DeliveryState>> {
  const known = new Map<T, DeliveryState>()
  const byWebhook = Map.groupBy(items, (item) => toKey(item).webhookId)
  await Promise.all(
    [...byWebhook].map(async ([webhookId, group]) => {
      try {
        const keys = group.map((item) => {
          const { eventId, run } = toKey(item)
          return { eventId, run }
        })
        const states = await monitor(webhookId).states(keys)
        for (const [index, item] of group.entries()) {
          const state = states[index]
          if (state) known.set(item, state)
        }
      } catch (error) {
        log({ event: 'log.unreachable', webhookId, error: describeError(error) })
      }
    }),
  )
  return known
}
