// One try. In: a Delivery; out: what happened, as the monitor keeps it, and what to do next. Next: delivery/report.ts.

import { framesOf } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import type { StepBudget } from '../expressions/step-budget.ts'
import type { Attempt, Disposition, Event, Outcome, Run } from '../model/index.ts'
import { unsent } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { askedDelay, dispositionOf } from './disposition.ts'
import { type Prepared, toRequest } from './request.ts'
import type { Target } from './target.ts'

/** An event on its way to one webhook. */
export interface Delivery {
  readonly event: Event
  readonly target: Target
  readonly run: Run
  /** Attempts of this run made so far. */
  readonly attempts: number
  /** Somebody chose its webhook for it, whatever the webhook's filter says. */
  readonly isChosen?: boolean
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
  /** No request was made. */
  readonly isUnsent?: true
}

/** A delivery that was not tried, because its receiver had just asked to be left alone. */
interface Held<D extends Delivery = Delivery> {
  readonly kind: 'held'
  readonly delivery: D
}

/** A delivery that was not begun: other expressions have taken the steps of the invocation. */
interface Postponed<D extends Delivery = Delivery> {
  readonly kind: 'postponed'
  readonly delivery: D
}

/** A delivery that its webhook's filter ended. */
interface Filtered<D extends Delivery = Delivery> {
  readonly kind: 'filtered'
  readonly delivery: D
  readonly at: number
}

/** A delivery that could not be tried: the webhook's dialect cannot express the event, or its expressions fail on it. */
interface Unsendable<D extends Delivery = Delivery> {
  readonly kind: 'unsendable'
  readonly delivery: D
  /** As a sentence. */
  readonly message: string
  readonly at: number
}

export type Tried<D extends Delivery = Delivery> =
  | Attempted<D>
  | Unsendable<D>
  | Filtered<D>
  | Held<D>
  | Postponed<D>

/** Whether its receiver asks to be left alone. */
export function asksForPause(tried: Tried): boolean {
  return tried.kind === 'attempted' && tried.pauseSeconds > 0
}

export type AttemptPorts = Pick<Ports, 'clock' | 'random' | 'send' | 'settings' | 'log'>

/** Makes one try; `steps`: what expressions have left in this invocation. Never rejects. */
export async function attempt<D extends Delivery>(
  delivery: D,
  steps: StepBudget,
  ports: AttemptPorts,
): Promise<Tried<D>> {
  const at = ports.clock()
  const outcome = await tryOnce(delivery, at, steps, ports)
  const { event, target, run } = delivery
  switch (outcome.kind) {
    case 'unsendable':
      ports.log({ event: 'delivery.unsendable', ...aboutOf(delivery) })
      return { kind: 'unsendable', delivery, message: outcome.reason, at }
    case 'filtered':
      ports.log({ event: 'delivery.filtered', ...aboutOf(delivery) })
      return { kind: 'filtered', delivery, at }
    case 'postponed':
      return { kind: 'postponed', delivery }
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
    ...(outcome.kind === 'failed' && outcome.isUnsent && { isUnsent: true }),
  }
}

async function tryOnce(
  delivery: Delivery,
  at: number,
  steps: StepBudget,
  ports: AttemptPorts,
): Promise<Outcome | Exclude<Prepared, { kind: 'request' }>> {
  const { event, target, attempts } = delivery
  try {
    // What was attempted has passed the filter.
    const isChosen = delivery.isChosen === true || attempts > 0
    const prepared = await toRequest(event, target, at, { steps, isChosen }, ports)
    return prepared.kind === 'request' ? await ports.send(prepared.request) : prepared
  } catch (error) {
    // A request that cannot be made (a damaged secret, say) fails like one that nobody answers: retried, then kept.
    ports.log({
      event: 'attempt.crashed',
      webhookId: target.webhook.id,
      eventId: event.id,
      error: error instanceof Error ? error.name : 'unknown',
      stack: framesOf(error),
    })
    return unsent('The request could not be created.')
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

function aboutOf({ target: { webhook }, event }: Delivery) {
  return {
    tenantId: webhook.tenantId,
    webhookId: webhook.id,
    dialect: webhook.dialect,
    eventId: event.id,
    eventType: event.type,
  }
}

function logAttempt(
  delivery: Delivery,
  made: Attempt,
  disposition: Disposition,
  { log }: Pick<Ports, 'log'>,
): void {
  log({
    event: 'attempt',
    ...aboutOf(delivery),
    attempt: made.attempt,
    statusCode: made.statusCode,
    durationMs: made.durationMs,
    ...(made.outcome === 'failed' && { error: made.error ?? 'unknown' }),
    disposition: disposition.kind,
  })
}
