// Messages of a newer version of Hookline than this one. A rolling deployment brings them to isolates that cannot read them
// yet, and a rollback leaves them behind: they wait in their queue for a version that can.

import { QUEUE } from '../../config.ts'
import { describeError } from '../errors.ts'
import { FRAME_VERSION } from '../frame.ts'
import type { InboundMessage, Verdict } from '../index.ts'
import type { Ports } from '../ports.ts'
import { later } from './later.ts'

/** Of what Hookline writes into its queues, beside its frame. It grows when a former reader would misunderstand a message. */
export const MESSAGE_VERSION = 1

/** How each message of Hookline begins, whatever its version: messages of 0.1.0 have no `v`. */
const HEAD = /^frame\/(\d{1,9}) (?:\{"v":(\d{1,9}),)?/

/** Whether a message is Hookline's own, in a version that this one does not know. */
export function isNewer(body: unknown): boolean {
  if (typeof body !== 'string') return false
  const [, frame, version = 1] = HEAD.exec(body.slice(0, 40)) ?? []
  return frame !== undefined && (Number(frame) > FRAME_VERSION || Number(version) > MESSAGE_VERSION)
}

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
