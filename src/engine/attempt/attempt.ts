// One try. In: a Delivery; out: what happened, as the monitor keeps it, and what to do next. Next: delivery/report.ts.

import { framesOf } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import type { Attempt, Disposition, Event, Outcome, Run } from '../model/index.ts'
import { withoutResponse } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { askedDelay, dispositionOf } from './disposition.ts'
import { toRequest, unsendableReason } from './request.ts'
import type { Target } from './target.ts'

/** An event on its way to one webhook. */
export interface Delivery {
  readonly event: Event
  readonly target: Target
  readonly run: Run
  /** Attempts of this run made so far. */
  readonly attempts: number
  /** Attempts that may have been made, where the monitor did not say: the delay of the next retry assumes them. */
  readonly retryIndex?: number
}

/** A delivery after a try. */
interface Attempted<D extends Delivery = Delivery> {
  readonly kind: 'attempted'
  readonly delivery: D
  readonly attempt: Attempt
  readonly disposition: Disposition
  /** Seconds for which the receiver asks to be left alone, scaled; 0 when it does not. */
  readonly pauseSeconds: number
}

/** A delivery that was not tried, because its receiver had just asked to be left alone. */
interface Held<D extends Delivery = Delivery> {
  readonly kind: 'held'
  readonly delivery: D
}

/** A delivery that could not be tried: the webhook's dialect cannot express the event. */
interface Unsendable<D extends Delivery = Delivery> {
  readonly kind: 'unsendable'
  readonly delivery: D
  /** As a sentence. */
  readonly message: string
  readonly at: number
}

export type Tried<D extends Delivery = Delivery> = Attempted<D> | Unsendable<D> | Held<D>

/** Whether its receiver asks to be left alone. */
export function asksForPause(tried: Tried): boolean {
  return tried.kind === 'attempted' && tried.pauseSeconds > 0
}

export type AttemptPorts = Pick<Ports, 'clock' | 'random' | 'send' | 'settings' | 'log'>

/** Makes one try. Never rejects. */
export async function attempt<D extends Delivery>(
  delivery: D,
  ports: AttemptPorts,
): Promise<Tried<D>> {
  const at = ports.clock()
  const outcome = await tryOnce(delivery, at, ports)
  const { event, target, run } = delivery
  if (outcome === null) {
    logUnsendable(delivery, ports)
    return { kind: 'unsendable', delivery, message: unsendableReason(event, target.webhook), at }
  }
  const number = delivery.attempts + 1
  const disposition = dispositionOf(
    {
      outcome,
      attempt: number,
      retryIndex: Math.max(number, (delivery.retryIndex ?? 0) + 1),
      failureHandling: target.failureHandling,
    },
    { delayScale: ports.settings.delayScale, random: ports.random() },
  )
  const made = toAttempt(
    { id: newId(at), eventId: event.id, eventType: event.type, run, attempt: number, at },
    outcome,
  )
  const nextAttemptAt =
    disposition.kind === 'retry' ? at + outcome.durationMs + disposition.delaySeconds * 1_000 : null
  logAttempt(delivery, made, disposition, ports)
  const pauseSeconds = askedDelay(outcome) * ports.settings.delayScale
  return {
    kind: 'attempted',
    delivery,
    attempt: { ...made, nextAttemptAt },
    disposition,
    pauseSeconds,
  }
}

async function tryOnce(
  delivery: Delivery,
  at: number,
  ports: AttemptPorts,
): Promise<Outcome | null> {
  try {
    const request = await toRequest(delivery.event, delivery.target, at, ports)
    return request && (await ports.send(request))
  } catch (error) {
    // A request that cannot be made (a damaged secret, say) fails like one that nobody answers: retried, then kept.
    ports.log({
      event: 'attempt.crashed',
      webhookId: delivery.target.webhook.id,
      eventId: delivery.event.id,
      error: error instanceof Error ? error.name : 'unknown',
      stack: framesOf(error),
    })
    return withoutResponse('The request could not be created.', 0)
  }
}

/** An outcome as an attempt shows it. */
export function toAttempt(
  which: Pick<Attempt, 'id' | 'eventId' | 'eventType' | 'run' | 'attempt' | 'at'>,
  outcome: Outcome,
): Attempt {
  return {
    ...which,
    outcome: outcome.kind,
    statusCode: outcome.statusCode,
    durationMs: outcome.durationMs,
    error: outcome.kind === 'failed' ? outcome.error : null,
    responseExcerpt: outcome.responseExcerpt ?? null,
    ...(outcome.kind === 'failed' &&
      outcome.responseFacts && { responseFacts: outcome.responseFacts }),
    nextAttemptAt: null,
  }
}

function logUnsendable(
  { target: { webhook }, event }: Delivery,
  { log }: Pick<Ports, 'log'>,
): void {
  log({
    event: 'delivery.unsendable',
    tenantId: webhook.tenantId,
    webhookId: webhook.id,
    dialect: webhook.dialect,
    eventId: event.id,
    eventType: event.type,
  })
}

function logAttempt(
  { target: { webhook }, event }: Delivery,
  made: Attempt,
  disposition: Disposition,
  { log }: Pick<Ports, 'log'>,
): void {
  log({
    event: 'attempt',
    tenantId: webhook.tenantId,
    webhookId: webhook.id,
    dialect: webhook.dialect,
    eventId: event.id,
    eventType: event.type,
    attempt: made.attempt,
    statusCode: made.statusCode,
    durationMs: made.durationMs,
    ...(made.outcome === 'failed' && { error: made.error ?? 'unknown' }),
    disposition: disposition.kind,
  })
}
