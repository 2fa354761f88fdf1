// The trace that an event belongs to, as its producer names it (W3C Trace Context, www.w3.org/TR/trace-context). Hookline hands it on
// as it came: what a receiver does hangs below the producer's span, whose spans are in the same system or none.

export interface TraceContext {
  /** `00-<trace id>-<parent id>-<flags>`, in lower case. */
  readonly traceparent: string
  /** What tracing systems say beside it; absent: nothing. */
  readonly tracestate?: string | undefined
}

/** Section 3.2.2: version 00 is these four fields; a later one may have more behind them. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/

/** Section 3.3.1.1, "tracestate Limits": at least so many characters are to be handed on. */
const TRACESTATE_CHARS = 512
/** Section 3.3.1.3: at most so many members. */
const TRACESTATE_MEMBERS = 32
const TRACESTATE_MEMBER =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

export const TRACEPARENT_EXPECTED =
  'Expected a traceparent of W3C Trace Context, such as 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.'
export const TRACESTATE_EXPECTED = `Expected a tracestate of W3C Trace Context: at most ${TRACESTATE_MEMBERS} members key=value, ${TRACESTATE_CHARS} characters in all.`

/** Whether this is a `traceparent` of version 00, or begins like one and is of a later version. */
export function isTraceparent(text: string): boolean {
  const [found, version] = TRACEPARENT.exec(text) ?? []
  return found !== undefined && (version !== '00' || found.length === 55)
}

export function isTracestate(text: string): boolean {
  // White space is that of a header: nothing that a request could not have.
  if (text.length > TRACESTATE_CHARS || !/^[\x20-\x7e\t]*$/.test(text)) return false
  const members = text.split(',').map((member) => member.trim())
  const keys = members.filter((member) => member !== '').map((member) => member.split('=')[0])
  return (
    members.length <= TRACESTATE_MEMBERS &&
    new Set(keys).size === keys.length &&
    members.every((member) => member === '' || TRACESTATE_MEMBER.test(member))
  )
}

/**
 * The trace that these two name, which may be absent; null for none, or for one that cannot be read, as the specification wants
 * (section 3.2.4): a `tracestate` that cannot be read is left away alone. What a later version adds is left away, too.
 */
export function toTraceContext(
  traceparent: string | null | undefined,
  tracestate: string | null | undefined,
): TraceContext | null {
  const parent = traceparent?.trim() ?? ''
  if (!isTraceparent(parent)) return null
  const state = tracestate?.trim() ?? ''
  return {
    traceparent: `00${parent.slice(2, 55)}`,
    ...(state !== '' && isTracestate(state) && { tracestate: state }),
  }
}

/** The id of a trace: 32 hexadecimal digits. */
export function traceIdOf({ traceparent }: Pick<TraceContext, 'traceparent'>): string {
  return traceparent.slice(3, 35)
}

/** The trace that all of these belong to; null where they do not share one. */
export function sharedTrace(
  events: readonly { readonly trace?: TraceContext | undefined }[],
): TraceContext | null {
  const [first] = events
  const { trace = null } = first ?? {}
  const isShared = ({ trace: other }: (typeof events)[number]) =>
    other?.traceparent === trace?.traceparent && other?.tracestate === trace?.tracestate
  return events.every(isShared) ? trace : null
}

/** Their names. */
export const TRACE_HEADERS = ['traceparent', 'tracestate'] as const

/** The headers that tell of it. */
export function traceHeaders(trace: TraceContext | null): readonly (readonly [string, string])[] {
  if (trace === null) return []
  const { traceparent, tracestate } = trace
  return [
    ['traceparent', traceparent],
    ...(tracestate === undefined ? [] : [['tracestate', tracestate] as const]),
  ]
}
