// Messages of a newer version of Hookline than this one. A rolling deployment brings them to isolates that cannot read them
// yet, and a rollback leaves them behind: they wait in their queue for a version that can.

import { describeError } from '../../errors.ts'
import { QUEUE } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import type { Ports } from '../ports/index.ts'
import { later } from './backoff.ts'

/**
 * The verdict on such a message: it comes again later, and before the queue gives it up it is stored anew as it is.
 */
export async function leaveToNewer(
  queue: 'events' | 'deliveries',
  inbound: InboundMessage,
  { clock, log, ...ports }: Pick<Ports, 'clock' | 'log' | 'events' | 'deliveries'>,
): Promise<Verdict> {
  const { id: messageId, attempts } = inbound
  log({ event: 'message.newer', queue, messageId, attempts })
  if (!isOld(inbound, clock())) return later(inbound)
  try {
    await ports[queue].repeat(String(inbound.body), QUEUE.maxUnavailableDelaySeconds)
    return { kind: 'ack' }
  } catch (error) {
    log({ event: 'message.unrenewed', queue, messageId, error: describeError(error) })
    return later(inbound)
  }
}

/** Whether a message nears an end that its queue has: so many arrivals, or days. */
export function isOld({ attempts, timestamp }: InboundMessage, now: number): boolean {
  const ageSeconds = (now - timestamp) / 1_000
  return attempts >= QUEUE.freshAfterAttempts || ageSeconds >= QUEUE.freshAfterSeconds
}
