// How a command ends that does not do what it was asked for, so that scripts can tell.

import type { z } from 'zod'

/** docs/cli.md, "Output and exit codes". */
export const EXIT = {
  ok: 0,
  /** The call was refused, or what was asked about is wrong. */
  failed: 1,
  /** It was called wrongly, or has no token. */
  usage: 2,
  notFound: 3,
  /** The token is none, or may not do that. */
  refused: 4,
  /** No answer, or one that asks to try again. */
  unavailable: 5,
} as const

export class Failure extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

export function exitCodeOf(status: number): number {
  if (status === 404 || status === 410) return EXIT.notFound
  if (status === 401 || status === 403) return EXIT.refused
  return status === 429 || status >= 500 ? EXIT.unavailable : EXIT.failed
}

/** An error and its causes, such as a refused connection. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Of several addresses that were tried there is a code alone.
  const own = error.message || ('code' in error ? String(error.code) : error.name)
  return error.cause === undefined ? own : `${own}: ${describe(error.cause)}`
}

/** What a text that should be JSON says; throws what `flaw` makes of why it does not. */
export function read<T extends z.ZodType>(
  shape: T,
  text: string,
  flaw: (why: string) => Failure,
): z.output<T> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw flaw(describe(error))
  }
  const result = shape.safeParse(parsed)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw flaw(`${issue?.path.join('.') || 'the whole'}: ${issue?.message}`)
}
