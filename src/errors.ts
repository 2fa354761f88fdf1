// The closed list of what the engine can refuse. Surfaces translate a code once; everything else is a bug.

export const ENGINE_ERROR_CODES = [
  'malformed',
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'gone',
  'limit_reached',
  'idempotency_mismatch',
  'too_large',
  'rate_limited',
  'unavailable',
  'internal',
  'not_implemented',
] as const
export type EngineErrorCode = (typeof ENGINE_ERROR_CODES)[number]

/** HTTP status of each code (docs/contracts/README.md, "Errors"). */
export const STATUS = {
  malformed: 400,
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  gone: 410,
  // Of all statuses the one that says "make room and come again".
  limit_reached: 409,
  // draft-ietf-httpapi-idempotency-key-header, section 2.7, "Error Scenarios".
  idempotency_mismatch: 422,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
  not_implemented: 501,
} as const satisfies Record<EngineErrorCode, number>

/** One thing wrong with an input: where, and what. */
export interface Issue {
  /** Names and indexes from the root of the input; empty for the whole. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

interface EngineErrorOptions {
  readonly issues?: readonly Issue[]
  /** Whether the paths of the issues are those of the caller's own input, and not of the engine's model. */
  readonly inCallersWords?: boolean
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** An expected refusal. Its message is a sentence for the caller, without secrets. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode
  readonly issues: readonly Issue[]
  readonly inCallersWords: boolean
  readonly retryAfterSeconds: number | null

  constructor(code: EngineErrorCode, message: string, options: EngineErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.issues = options.issues ?? []
    this.inCallersWords = options.inCallersWords ?? false
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
  }
}

/** An `invalid` error about one place of the input. */
export function invalid(path: Issue['path'], message: string): EngineError {
  const where = path.length === 0 ? '' : `${formatPath(path)}: `
  return new EngineError('invalid', `${where}${message}`, { issues: [{ path, message }] })
}

/** `not_implemented` for what a vendor has and this deployment cannot do, which is never passed over in silence. */
export function notImplemented(what: string): EngineError {
  return new EngineError('not_implemented', `${what} is not implemented.`)
}

/** `not_found` for an object that is unknown or another tenant's: both read alike. */
export function notFound(what: string): EngineError {
  return new EngineError('not_found', `No such ${what}.`)
}

/** Cause of a `conflict` with something that the caller may not see, so that trying again leads nowhere. */
export const UNSEEN = 'unseen'

/** Cause of an `unavailable` change that was not written, because what announced it has given up waiting for it. */
export const FENCED = 'fenced'

/** A path as people write it: `[3].data`, `scope.inbox`. */
export function formatPath(path: Issue['path']): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '')
}

/** What whoever waits may read of an error: a refusal of ours, and of all else only that it happened. */
export function toSentence(error: unknown): string {
  if (error instanceof EngineError) return error.message
  return 'A component of Hookline failed. Its logs have the details.'
}

/**
 * What went wrong and what caused it, for the log: the outer words hide which component failed and how. A syntax error quotes what could
 * not be read, which may be the content of an event: of it the name alone.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : ` (${describeError(error.cause)})`
  const said = error.name === 'SyntaxError' ? '' : `: ${error.message}`
  return `${error.name}${said}${cause}`
}

/** Where an error was thrown, for the log, without its message: `describeError` has that. */
export function framesOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const lines = error.stack?.split('\n').filter((line) => /^ +at /.test(line)) ?? []
  return lines.length > 0 ? lines.join('\n') : undefined
}
