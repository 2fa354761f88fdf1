// The trace that a request belongs to, by its headers `traceparent` and `tracestate` (W3C Trace Context).

import type { Context } from 'hono'
import { type EventDraft, type TraceContext, toTraceContext } from '../engine/model/index.ts'

/** Null where it names none, or one that cannot be read: nobody's request fails for that. */
export function traceOfRequest({ req }: Pick<Context, 'req'>): TraceContext | null {
  return toTraceContext(req.header('traceparent'), req.header('tracestate'))
}

/** Events belong to the trace of the request that publishes them, unless they name one themselves. */
export function withTrace<Draft extends EventDraft>(
  drafts: readonly Draft[],
  c: Pick<Context, 'req'>,
): readonly Draft[] {
  const trace = traceOfRequest(c)
  if (trace === null) return drafts
  return drafts.map((draft) => (draft.trace === undefined ? { ...draft, trace } : draft))
}
