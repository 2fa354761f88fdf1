// Why an expression has no value for an event, as its owner reads it. It says nothing of what stands in the event.

export type FailureCode =
  | 'too_many_steps'
  | 'too_large'
  | 'too_deep'
  | 'number_not_exact'
  | 'not_allowed'
  | 'failed'

/** Thrown inside of an evaluation, and never out of it. */
export class ExpressionFailure extends Error {
  readonly code: FailureCode

  constructor(code: FailureCode, message: string) {
    super(message)
    this.code = code
  }
}
