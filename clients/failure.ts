// What a publish can fail with, the same by every way in, and whether another try can mend it.

/** What Hookline says no with (`code` of a problem document, and of an error by RPC), and whether that is for good. */
const CODES = {
  malformed: true,
  invalid: true,
  unauthenticated: true,
  forbidden: true,
  not_found: true,
  method_not_allowed: true,
  conflict: true,
  gone: true,
  limit_reached: true,
  idempotency_mismatch: true,
  too_large: true,
  rate_limited: false,
  unavailable: false,
  internal: false,
  not_implemented: true,
} as const

export type ErrorCode = keyof typeof CODES

/** One thing wrong with what was sent. */
export interface Issue {
  /** Where, such as `[3].data`; empty for the whole. */
  readonly path: string
  readonly message: string
}

interface About {
  /** What Hookline said, where it said something; a newer one may have codes that are not listed here. */
  readonly code?: ErrorCode | (string & {}) | null
  /** The HTTP status of the answer, where there was one. */
  readonly status?: number | null
  readonly errors?: readonly Issue[]
  readonly isRefusal: boolean
  readonly retryAfterSeconds?: number | null
  readonly cause?: unknown
}

/** A publish that failed: by HTTP, RPC or queue. */
export class PublishError extends Error {
  override readonly name = 'PublishError'
  readonly code: ErrorCode | (string & {}) | null
  readonly status: number | null
  readonly errors: readonly Issue[]
  /**
   * Whether Hookline said that it will not publish this, so that another try gets the same. Whatever else failed may have
   * been published all the same: repeat it with the same `id`.
   */
  readonly isRefusal: boolean
  /** Seconds after which Hookline wants to be asked again; null: it did not say. */
  readonly retryAfterSeconds: number | null

  constructor(message: string, about: About) {
    super(message, { cause: about.cause })
    this.code = about.code ?? null
    this.status = about.status ?? null
    this.errors = about.errors ?? []
    this.isRefusal = about.isRefusal
    this.retryAfterSeconds = about.retryAfterSeconds ?? null
  }
}

const FOR_GOOD: ReadonlyMap<unknown, boolean> = new Map(Object.entries(CODES))

/** Whether another try gets the same; null of a code that is not known here, or none. */
export function isForGood(code: unknown): boolean | null {
  return FOR_GOOD.get(code) ?? null
}

/** The JSON of what is to be published. Throws a PublishError for what has none, such as a BigInt or a circle. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw refusal('malformed', `The events cannot be written as JSON: ${why}`, { cause })
  }
}

/** What is refused here already: the same as Hookline would say. */
export function refusal(
  code: ErrorCode,
  message: string,
  { path, cause }: { readonly path?: string; readonly cause?: unknown } = {},
): PublishError {
  const errors = path === undefined ? [] : [{ path, message }]
  return new PublishError(message, { code, isRefusal: true, errors, cause })
}
