// RFC 9457 problem documents: how `/v1`, and whatever belongs to no surface, says no.

import { z } from 'zod'
import {
  ENGINE_ERROR_CODES,
  type EngineError,
  type EngineErrorCode,
  formatPath,
  STATUS,
} from '../errors.ts'
import { answerErrors, type ErrorFormat } from '../http/create-surface.ts'

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

const Problem = z
  .object({
    type: z.string().meta({ description: 'A URN that identifies the error code.' }),
    title: z.string().meta({ description: 'The kind of error in words.' }),
    status: z.int().meta({ description: 'The HTTP status.' }),
    detail: z.string().meta({ description: 'What is wrong with this request, as a sentence.' }),
    code: z.enum(ENGINE_ERROR_CODES).meta({ description: 'The kind of error.' }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({
            description:
              'Where the error is, such as `[3].data`. Empty if it concerns the whole input.',
          }),
          message: z.string().meta({ description: 'What is wrong there.' }),
        }),
      )
      .optional()
      .meta({ description: 'Each error of an input.' }),
  })
  .meta({ id: 'Problem', description: 'A problem document (RFC 9457).' })
type Problem = z.infer<typeof Problem>

export const TITLES = {
  malformed: 'Malformed request',
  invalid: 'Invalid input',
  unauthenticated: 'Missing or invalid credential',
  forbidden: 'Missing permission',
  not_found: 'Not found',
  method_not_allowed: 'Method not allowed',
  conflict: 'Conflict',
  gone: 'No longer kept',
  limit_reached: 'Limit reached',
  idempotency_mismatch: 'Idempotency-Key already used',
  too_large: 'Request too large',
  rate_limited: 'Too many requests',
  unavailable: 'Temporarily unavailable',
  internal: 'Internal error',
  not_implemented: 'Not implemented',
} as const satisfies Record<EngineErrorCode, string>

/** The document for a refusal. */
export function toProblem({ code, message, issues }: EngineError): Problem {
  const errors = issues.map(({ path, message }) => ({ path: formatPath(path), message }))
  return {
    type: `urn:hookline:problem:${code}`,
    title: TITLES[code],
    status: STATUS[code],
    detail: message,
    code,
    ...(errors.length > 0 && { errors }),
  }
}

/** Every refusal as its document. */
export const problems = {
  errorBody: Problem,
  errorMediaType: PROBLEM_MEDIA_TYPE,
  errors: {
    malformed: [STATUS.malformed, toProblem],
    invalid: [STATUS.invalid, toProblem],
    unauthenticated: [STATUS.unauthenticated, toProblem],
    forbidden: [STATUS.forbidden, toProblem],
    not_found: [STATUS.not_found, toProblem],
    method_not_allowed: [STATUS.method_not_allowed, toProblem],
    conflict: [STATUS.conflict, toProblem],
    gone: [STATUS.gone, toProblem],
    limit_reached: [STATUS.limit_reached, toProblem],
    idempotency_mismatch: [STATUS.idempotency_mismatch, toProblem],
    too_large: [STATUS.too_large, toProblem],
    rate_limited: [STATUS.rate_limited, toProblem],
    unavailable: [STATUS.unavailable, toProblem],
    internal: [STATUS.internal, toProblem],
    not_implemented: [STATUS.not_implemented, toProblem],
  },
} satisfies ErrorFormat

/** Answers whatever was thrown with its document. */
export const answerProblem = answerErrors(problems)
