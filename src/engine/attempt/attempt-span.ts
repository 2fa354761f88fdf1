// A try as a span: what it is about, and what came of it.

import {
  type Attempt,
  type Disposition,
  type Event,
  type TraceContext,
  traceIdOf,
  type Webhook,
} from '../model/index.ts'
import type { Ports, SpanAttributes } from '../ports/index.ts'

/** A delivery, as far as a span tells of it. */
interface About {
  readonly event: Pick<Event, 'id' | 'type' | 'trace'>
  readonly target: { readonly webhook: Pick<Webhook, 'id' | 'tenantId' | 'url'> }
  readonly attempts: number
}

/** What came of it. */
interface End {
  readonly kind: string
  readonly attempt?: Pick<Attempt, 'statusCode' | 'outcome' | 'error'>
  readonly disposition?: Pick<Disposition, 'kind'>
  /** That of the events of a joint delivery, where they share one. */
  readonly trace?: TraceContext | null | undefined
}

/** Makes one try within a span. */
export function inAttemptSpan<Tried extends End>(
  delivery: About,
  { inSpan }: Pick<Ports, 'inSpan'>,
  work: () => Promise<Tried>,
): Promise<Tried> {
  const about = () => aboutDelivery(delivery)
  return inSpan('deliver webhook', about, async (span) => {
    const tried = await work()
    span.set(aboutEnd(tried))
    if (tried.attempt?.outcome === 'failed') span.fail(tried.attempt.error ?? 'unknown')
    return tried
  })
}

/** OpenTelemetry's semantic conventions 1.38 for messages and HTTP clients. */
function aboutDelivery({ event, target: { webhook }, attempts }: About): SpanAttributes {
  return {
    'messaging.system': 'hookline',
    'messaging.operation.name': 'deliver',
    'messaging.message.id': event.id,
    'http.request.method': 'POST',
    'http.request.resend_count': attempts === 0 ? undefined : attempts,
    'server.address': URL.parse(webhook.url)?.hostname,
    'hookline.tenant_id': webhook.tenantId,
    'hookline.webhook_id': webhook.id,
    'hookline.event_type': event.type,
    'hookline.trace_id': event.trace && traceIdOf(event.trace),
  }
}

function aboutEnd({ kind, attempt, disposition, trace }: End): SpanAttributes {
  if (attempt === undefined) return { 'hookline.end': kind }
  const { statusCode, outcome } = attempt
  return {
    'http.response.status_code': statusCode ?? undefined,
    'error.type': outcome === 'failed' ? String(statusCode ?? 'no_response') : undefined,
    'hookline.end': disposition?.kind ?? kind,
    ...(trace && { 'hookline.trace_id': traceIdOf(trace) }),
  }
}
