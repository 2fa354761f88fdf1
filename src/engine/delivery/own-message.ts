// A delivery as a message of its own: to come again by a queue, or when its webhook's monitor says so.

import type { Delivery } from '../attempt/attempt.ts'
import { toDeliverMessage } from '../messages/delivery-message.ts'
import type { DelayedMessage, DeliverMessage, EventPart } from '../ports/index.ts'
import type { DeliveryTask, FirstTask, FollowUp } from './delivery-task.ts'
import type { ReportLine } from './report.ts'

/** A message of its own in which a delivery comes again. */
export function toDelayedMessage({
  task,
  delaySeconds,
  attempts,
  role,
  lane = task.target.webhook.lane,
}: FollowUp<FirstTask>): DelayedMessage {
  const message = toOwnMessage(task, task, { attempts, role })
  return lane === 'slow' ? { message, delaySeconds, lane } : { message, delaySeconds }
}

/** What is reported of a delivery that waits in its webhook's monitor: the message that carries it on when its turn comes. */
export function toHeld(
  task: DeliveryTask,
  {
    delivery: { target, attempts },
    part,
  }: { readonly delivery: Pick<Delivery, 'target' | 'attempts'>; readonly part?: EventPart },
): ReportLine {
  const { event, run, carrier, isUnmatched } = task
  const message = {
    ...toOwnMessage(task, { target }, { attempts, role: 'watchdog' }),
    ...(isUnmatched && { ifConcerned: true as const }),
    ...(carrier !== null && { carrier }),
    ...(part && { part }),
  }
  return { target, entry: { kind: 'held', eventId: event.id, run, message } }
}

function toOwnMessage(
  { event, run, onlyMissing, isChosen }: DeliveryTask,
  { target }: Pick<Delivery, 'target'>,
  { attempts, role }: Pick<DeliverMessage, 'attempts' | 'role'>,
): DeliverMessage {
  const message = toDeliverMessage(target.webhook, event, { run, attempts, role })
  return {
    ...message,
    ...(onlyMissing && { onlyMissing }),
    ...(isChosen && { isChosen: true as const }),
  }
}
