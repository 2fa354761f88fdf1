// What the log is told of a try.

import {
  type Attempt,
  type Disposition,
  type Event,
  type TraceContext,
  traceIdOf,
  type Webhook,
} from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

/** A delivery, as far as lines tell of it. */
interface About {
  readonly event: Pick<Event, 'id' | 'type' | 'trace'>
  readonly target: { readonly webhook: Pick<Webhook, 'id' | 'tenantId' | 'dialect'> }
}

/** Which delivery a line is about; `trace`: of what its request tells. */
export function aboutOf(
  { target: { webhook }, event }: About,
  trace: TraceContext | null | undefined = event.trace,
) {
  return {
    tenantId: webhook.tenantId,
    webhookId: webhook.id,
    dialect: webhook.dialect,
    eventId: event.id,
    eventType: event.type,
    ...(trace && { traceId: traceIdOf(trace) }),
  }
}

/** `events`: of how many the request told, where there may be several. */
export function logAttempt(
  {
    delivery,
    made,
    disposition,
    events,
    trace,
  }: {
    readonly delivery: About
    readonly made: Attempt
    readonly disposition: Disposition
    readonly events: number | undefined
    readonly trace: TraceContext | null | undefined
  },
  { log }: Pick<Ports, 'log'>,
): void {
  log({
    event: 'attempt',
    ...aboutOf(delivery, trace),
    attempt: made.attempt,
    statusCode: made.statusCode,
    durationMs: made.durationMs,
    ...(events !== undefined && { events }),
    ...(made.outcome === 'failed' && { error: made.error ?? 'unknown' }),
    disposition: disposition.kind,
  })
}
