// Spans: what is done within something else, for whom traces are exported to (docs/operations.md, "Traces").

/** By OpenTelemetry's names where it has one, else by ours, which begin with `hookline.`. None has a payload, a secret or a URL. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>

/** What is under way. */
interface TraceSpan {
  readonly set: (attributes: SpanAttributes) => void
  /** It went wrong; `message`: as a sentence. */
  readonly fail: (message: string) => void
}

/** Does work within a span, which ends with it: failed, where it rejects. What is begun within is below it. `about` is asked only where somebody traces. */
export type InSpan = <Result>(
  name: string,
  about: () => SpanAttributes,
  work: (span: TraceSpan) => Promise<Result>,
) => Promise<Result>
