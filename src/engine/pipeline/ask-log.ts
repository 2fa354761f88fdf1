// Asks the monitors what became of deliveries that somebody may have tried already.

import { INVOCATION } from '../../config.ts'
import { describeError } from '../errors.ts'
import type { DeliveryState } from '../model.ts'
import { within } from '../patience.ts'
import type { DeliveryKey, Ports } from '../ports.ts'

/**
 * What the log says of a delivery: how it stands; `unknown` when the log cannot be reached; `unanswered` when it did
 * not say so in `INVOCATION.askMs`, and may later.
 */
export type LogAnswer = DeliveryState | 'unknown' | 'unanswered'

/** What the log says of each item, one question per webhook, all of them at the same time. Never rejects. */
export async function askLog<T>(
  items: readonly T[],
  toKey: (item: T) => DeliveryKey & { readonly webhookId: string },
  ports: Pick<Ports, 'monitor' | 'log' | 'wait'>,
): Promise<ReadonlyMap<T, LogAnswer>> {
  const answers = new Map<T, LogAnswer>()
  const byWebhook = Map.groupBy(items, (item) => toKey(item).webhookId)
  await Promise.all(
    [...byWebhook].map(async ([webhookId, group]) => {
      const states = await askMonitor(webhookId, group.map(toKey), ports)
      for (const [index, item] of group.entries()) {
        answers.set(item, typeof states === 'string' ? states : (states[index] ?? 'unknown'))
      }
    }),
  )
  return answers
}

async function askMonitor(
  webhookId: string,
  keys: readonly DeliveryKey[],
  ports: Pick<Ports, 'monitor' | 'log' | 'wait'>,
): Promise<readonly DeliveryState[] | 'unknown' | 'unanswered'> {
  try {
    const plain = keys.map(({ eventId, run }) => ({ eventId, run }))
    const answer = await within(ports.monitor(webhookId).states(plain), INVOCATION.askMs, ports)
    if (answer) return answer.value
    ports.log({ event: 'log.unanswered', webhookId })
    return 'unanswered'
  } catch (error) {
    ports.log({ event: 'log.unreachable', webhookId, error: describeError(error) })
    return 'unknown'
  }
}
