// Reads the deliveries queue. In: messages; out: the deliveries they bring, and verdicts on all others:
// control messages, those of a newer version, and those that nobody can read.

import { describeError } from '../../errors.ts'
import { INVOCATION, QUEUE } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import { fromDeliveryText } from '../messages/delivery-message.ts'
import { isNewer } from '../messages/version.ts'
import type { Ports } from '../ports/index.ts'
import { ACK, isOld, later } from './backoff.ts'
import { type ControlMessage, runControlMessage } from './control-messages.ts'
import type { InboundDelivery } from './redelivery.ts'
import { keepDeadLetter, leaveToNewer } from './unprocessed-message.ts'
import { withTimeout } from './with-timeout.ts'

/** What each message brings: a delivery, or the verdict on it. Never rejects. */
export async function readDeliveries(
  messages: readonly InboundMessage[],
  ports: Ports,
): Promise<{
  readonly deliveries: readonly InboundDelivery[]
  readonly verdicts: Map<string, Verdict>
}> {
  const read = await Promise.all(messages.map((inbound) => readMessage(inbound, ports)))
  const verdicts = read.flatMap((one) => ('verdict' in one ? [[one.id, one.verdict] as const] : []))
  return {
    deliveries: read.flatMap((one) => ('verdict' in one ? [] : [one])),
    verdicts: new Map(verdicts),
  }
}

async function readMessage(
  inbound: InboundMessage,
  ports: Ports,
): Promise<InboundDelivery | { readonly id: string; readonly verdict: Verdict }> {
  const { id } = inbound
  if (isNewer(inbound.body)) {
    return { id, verdict: await leaveToNewer('deliveries', inbound, ports) }
  }
  const message = fromDeliveryText(inbound.body)
  if (message?.kind === 'deliver') return { inbound, message }
  if (message !== null) return { id, verdict: await runInTime(message, inbound, ports) }
  const reason = 'This is not a message of the deliveries queue.'
  return { id, verdict: await keepDeadLetter('deliveries', inbound, reason, ports) }
}

/** Does what a message without a delivery asks for; what hangs or fails comes again. */
async function runInTime(
  control: ControlMessage,
  inbound: InboundMessage,
  ports: Ports,
): Promise<Verdict> {
  const about = { queue: 'deliveries', messageId: inbound.id, kind: control.kind } as const
  try {
    const running = runControlMessage(control, inbound.attempts > 1, ports)
    if (await withTimeout(running, INVOCATION.recordMs, ports)) return ACK
    ports.log({ event: 'message.unanswered', ...about })
  } catch (error) {
    ports.log({ event: 'message.postponed', ...about, error: describeError(error) })
  }
  return (await renewReport(control, inbound, ports)) ?? later(inbound)
}

/**
 * A report that nobody takes is sent anew before its message is given up: it may be all that is left of a delivery, and where too
 * much waits because of a hold it waits here.
 */
async function renewReport(
  { kind }: ControlMessage,
  inbound: InboundMessage,
  { clock, deliveries, log }: Pick<Ports, 'clock' | 'deliveries' | 'log'>,
): Promise<Verdict | null> {
  if (kind !== 'record' || typeof inbound.body !== 'string' || !isOld(inbound, clock())) return null
  try {
    await deliveries.repeat(inbound.body, QUEUE.maxUnavailableDelaySeconds)
    return ACK
  } catch (error) {
    log({ event: 'delivery.unrenewed', messageId: inbound.id, error: describeError(error) })
    return null
  }
}
