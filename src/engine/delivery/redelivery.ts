// A delivery as its message brought it, and what becomes of the message. Several messages of one delivery may meet in
// one batch (the queue repeats, a resend was sent twice): one of them carries it, the others share its fate.

import { describeError } from '../../errors.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import type { DeliveryMessage, Ports, Standing } from '../ports/index.ts'
import { isOld } from './newer-message.ts'
import { givesWay } from './next-action.ts'

export type Deliver = DeliveryMessage & { kind: 'deliver' }

export interface DeliveryTask {
  readonly inbound: InboundMessage
  readonly message: Deliver
}

/** A task with the other messages of its delivery. */
export interface DeliveryGroup extends DeliveryTask {
  readonly duplicates: readonly DeliveryTask[]
}

/** A delivery that comes back: what its message would say if it were sent anew. */
export interface Redelivery {
  readonly task: DeliveryTask
  readonly delaySeconds: number
  readonly attempts: number
  readonly standing: Standing
}

/**
 * One group for each delivery. Its message is the last that somebody asked for, else one that gives way to no other; it
 * gives way itself only where all of them do.
 */
export function groupByDelivery(tasks: readonly DeliveryTask[]): readonly DeliveryGroup[] {
  const byDelivery = Map.groupBy(
    tasks,
    ({ message: { webhookId, event, run } }) => `${webhookId}/${event.id}/${run}`,
  )
  return [...byDelivery.values()].flatMap((group) => {
    const [leader, ...duplicates] = group.toSorted(byImportance)
    if (leader === undefined) return []
    const firm = group.find(({ inbound, message }) => !givesWay(message, inbound.attempts))
    const standing = (firm ?? leader).message.standing
    return [{ ...leader, message: { ...leader.message, standing }, duplicates }]
  })
}

/** Carriers are ids, which ascend. */
function byImportance(a: DeliveryTask, b: DeliveryTask): number {
  const [first = '', second = ''] = [a.message.carrier, b.message.carrier]
  return first === second ? rank(a) - rank(b) : first < second ? 1 : -1
}

function rank({ inbound, message }: DeliveryTask): number {
  return givesWay(message, inbound.attempts) ? 1 : 0
}

/**
 * A message lives for days and comes a hundred times, a schedule may want more: before that, the delivery gets a
 * message of its own age. The verdict on the old one; if the new one cannot be sent, the old one still has time.
 */
export async function redeliver(
  { task: { inbound, message }, delaySeconds, attempts, standing }: Redelivery,
  { clock, deliveries, log }: Pick<Ports, 'clock' | 'deliveries' | 'log'>,
): Promise<Verdict> {
  if (!isOld(inbound, clock())) return { kind: 'retry', delaySeconds }
  try {
    const fresh: Deliver = { ...message, attempts, standing }
    await deliveries.send([{ message: fresh, delaySeconds }])
    return { kind: 'ack' }
  } catch (error) {
    const messageId = inbound.id
    log({ event: 'delivery.unrenewed', messageId, error: describeError(error) })
    return { kind: 'retry', delaySeconds }
  }
}
