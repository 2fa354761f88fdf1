// What a publish can fail with, the same by every way in, and whether another try can mend it.

/** What Hookline refuses with (`code` of a problem document, and of an error by RPC). */
export type ErrorCode =
  | 'malformed'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'gone'
  | 'limit_reached'
  | 'idempotency_mismatch'
  | 'too_large'
  | 'rate_limited'
  | 'unavailable'
  | 'internal'
  | 'not_implemented'

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

/** What another try may mend although Hookline answered. */
const PASSING: readonly unknown[] = [
  'rate_limited',
  'unavailable',
  'internal',
] satisfies ErrorCode[]

/** Whether a code is a refusal for good. Without one nobody knows what came of it. */
export function isRefusing(code: unknown): boolean {
  return typeof code === 'string' && !PASSING.includes(code)
}
