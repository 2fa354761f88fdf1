// What a webhook's monitor is asked about a request that is about to be made: the events that go together in it, and for a webhook with a
// rate whether it may be sent, now and not later.

import { describeError } from '../../errors.ts'
import { INVOCATION, RATE } from '../../tuning.ts'
import type { AskMonitor, Delivery, TakePermit } from '../attempt/attempt.ts'
import type { DeliverMessage, PermitAnswer, Ports } from '../ports/index.ts'
import { tellErased } from './ask-monitors.ts'
import { mayBeErased } from './delivery-task.ts'
import { withTimeout } from './with-timeout.ts'

type PermitPorts = Pick<Ports, 'monitor' | 'eventLog' | 'timer' | 'clock' | 'log'>

export function askMonitor(ports: PermitPorts): AskMonitor {
  return {
    takePermit: (delivery) => takePermit(delivery, ports),
    partsOf: (joint) => partsOf(joint, ports),
  }
}

/** Never rejects. */
async function partsOf(
  { event, target }: Delivery,
  ports: PermitPorts,
): ReturnType<AskMonitor['partsOf']> {
  const { id: webhookId } = target.webhook
  try {
    const asking = unerasedParts(event.id, target, ports)
    const answer = await withTimeout(asking, INVOCATION.askMs, ports)
    if (answer !== null) return answer.value
    ports.log({ event: 'monitor.unanswered', webhookId })
  } catch (error) {
    ports.log({ event: 'monitor.unreachable', webhookId, error: describeError(error) })
  }
  return 'unanswered'
}

/** Those that nobody had erased: their monitor may not have been told yet. */
async function unerasedParts(
  jointId: string,
  target: Delivery['target'],
  ports: Pick<Ports, 'monitor' | 'eventLog'>,
): Promise<readonly DeliverMessage[]> {
  const { webhook } = target
  const parts = await ports.monitor(webhook.id).partsOf(jointId)
  const doubtful = parts.filter(({ event }) => mayBeErased(event, target))
  if (doubtful.length === 0) return parts
  const keys = doubtful.map(({ event: { id: eventId, scope } }) => ({ eventId, scope }))
  const erased = await tellErased(keys, webhook, ports)
  return parts.filter(({ event }) => !erased.includes(event.id))
}

/**
 * Asks the webhook's monitor. An answer that came too late to be used is returned with the next question, which asks for more time.
 * Never rejects.
 */
async function takePermit(
  delivery: Delivery,
  ports: PermitPorts,
): Promise<Awaited<ReturnType<TakePermit>>> {
  const { id: webhookId } = delivery.target.webhook
  let returned: number | undefined
  for (const validMs of RATE.validMs) {
    const askedAt = ports.clock()
    try {
      const answer = await withTimeout(
        ask(delivery, { validMs, returned }, ports),
        INVOCATION.askMs,
        ports,
      )
      if (answer === null) {
        ports.log({ event: 'monitor.unanswered', webhookId })
        return 'unanswered'
      }
      const { value } = answer
      if (value.kind === 'waits' || value.kind === 'unknown') return value.kind
      if (value.kind === 'full') return 'waits'
      if (ports.clock() - askedAt <= validMs) return 'granted'
      returned = value.until
    } catch (error) {
      ports.log({ event: 'monitor.unreachable', webhookId, error: describeError(error) })
      return 'unanswered'
    }
  }
  return 'unanswered'
}

function ask(
  { event, run, target: { webhook } }: Delivery,
  asked: { readonly validMs: number; readonly returned: number | undefined },
  { monitor }: Pick<Ports, 'monitor'>,
): Promise<PermitAnswer> {
  const throttle = webhook.throttle ?? undefined
  return monitor(webhook.id).permit({ ...asked, eventId: event.id, run, throttle })
}
