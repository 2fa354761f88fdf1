// One try. In: a Delivery; out: what happened, as the log keeps it, and what to do next. Next: record.

import { newId } from '../ids.ts'
import type { Attempt, Disposition, Event, Outcome, Run, Subscriber } from '../model.ts'
import type { Ports } from '../ports.ts'
import { dispose } from './dispose.ts'
import { failureHandlingOf } from './failure-handling.ts'
import { toRequest } from './request.ts'

/** An event on its way to one webhook. */
export interface Delivery {
  readonly event: Event
  readonly webhook: Subscriber
  readonly run: Run
  /** Attempts of this run made so far. */
  readonly attempts: number
  /** Attempts that may have been made, where the log did not say: the delay of the next retry assumes them. */
  readonly pace?: number
}

/** A delivery after a try. */
export interface Attempted<D extends Delivery = Delivery> {
  readonly delivery: D
  readonly attempt: Attempt
  readonly disposition: Disposition
}

type AttemptPorts = Pick<Ports, 'clock' | 'random' | 'send' | 'outbounds' | 'settings' | 'log'>

/** Makes one try; null when the event means nothing in the webhook's dialect. Never rejects. */
export async function attempt<D extends Delivery>(
  delivery: D,
  ports: AttemptPorts,
): Promise<Attempted<D> | null> {
  const at = ports.clock()
  const outcome = await tryOnce(delivery, at, ports)
  if (outcome === null) return null
  const { event, webhook, run } = delivery
  const number = delivery.attempts + 1
  const disposition = dispose(
    {
      outcome,
      attempt: number,
      pace: Math.max(number, (delivery.pace ?? 0) + 1),
      failureHandling: failureHandlingOf(webhook, ports.outbounds),
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
  return { delivery, attempt: { ...made, nextAttemptAt }, disposition }
}

async function tryOnce(
  delivery: Delivery,
  at: number,
  ports: AttemptPorts,
): Promise<Outcome | null> {
  try {
    const request = await toRequest(delivery.event, delivery.webhook, at, ports)
    return request && (await ports.send(request))
  } catch (error) {
    // A request that cannot be made (a damaged secret, say) fails like one that nobody answers: retried, then kept.
    ports.log({
      event: 'attempt.crashed',
      webhookId: delivery.webhook.id,
      eventId: delivery.event.id,
      error: error instanceof Error ? error.name : 'unknown',
      stack: error instanceof Error ? error.stack : undefined,
    })
    return {
      kind: 'failed',
      statusCode: null,
      durationMs: 0,
      error: 'The request could not be made.',
      responseExcerpt: null,
      retryAfterSeconds: null,
    }
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
    responseExcerpt: outcome.kind === 'failed' ? outcome.responseExcerpt : null,
    nextAttemptAt: null,
  }
}

function logAttempt(
  { webhook, event }: Delivery,
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
    outcome: made.outcome,
    statusCode: made.statusCode,
    durationMs: made.durationMs,
    disposition: disposition.kind,
  })
}
