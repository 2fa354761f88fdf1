// When a component is down, a message comes again later: soon at first, more rarely the longer it lasts, so that the
// queue's bound of deliveries per message covers an outage of hours. What nears that bound is sent anew.

import { QUEUE } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'

/** The verdict on a message that is done with. */
export const ACK: Verdict = { kind: 'ack' }

/** The verdict on a message for which something was down. */
export function later({ attempts }: Pick<InboundMessage, 'attempts'>) {
  const delaySeconds = QUEUE.unavailableDelaySeconds * 2 ** (attempts - 1)
  return {
    kind: 'retry',
    delaySeconds: Math.min(delaySeconds, QUEUE.maxUnavailableDelaySeconds),
  } as const satisfies Verdict
}

/** Whether a message nears an end that its queue has: so many arrivals, or days. */
export function isOld({ attempts, timestamp }: InboundMessage, now: number): boolean {
  const ageSeconds = (now - timestamp) / 1_000
  return attempts >= QUEUE.freshAfterAttempts || ageSeconds >= QUEUE.freshAfterSeconds
}
