// A publish as a span.

import { type EventDraft, sharedTrace, traceIdOf } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

/** Publishes within a span, by OpenTelemetry's semantic conventions 1.38 for messages. `tenantId`: null for several. */
export function inPublishSpan<Result>(
  {
    tenantId,
    drafts,
  }: { readonly tenantId: string | null; readonly drafts: readonly EventDraft[] },
  { inSpan }: Pick<Ports, 'inSpan'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const about = () => {
    const trace = sharedTrace(drafts)
    return {
      'messaging.system': 'hookline',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'events',
      'messaging.batch.message_count': drafts.length === 1 ? undefined : drafts.length,
      'hookline.tenant_id': tenantId ?? undefined,
      'hookline.trace_id': trace === null ? undefined : traceIdOf(trace),
    }
  }
  return inSpan('publish events', about, work)
}
