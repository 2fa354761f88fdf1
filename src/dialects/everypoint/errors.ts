// EveryPoint's error codes (developer.everypoint.io, Communication Format, "Error Codes", checked 22 November 2026);
// the HTTP statuses are ours. What the vendor has no code for has its HTTP status as the code, which is none of theirs.

import { z } from 'zod'
import type { EngineError } from '../../errors.ts'
import type { ErrorTable } from '../../http/create-surface.ts'
import type { FieldNames } from '../../http/field-errors.ts'

const MISSING_AUTHORIZATION = 1000
const INCORRECT_AUTHORIZATION = 1001
/** "Inaccessible or incorrect URL". */
const INACCESSIBLE = 1002
const INVALID_PARAMETERS = 1003
const UNSUPPORTED_METHOD = 1004

export const ErrorBody = z
  .object({
    success: z.literal(false).meta({ description: 'False for every error.' }),
    code: z.int().meta({
      description:
        '1000: no `Authorization`; 1001: a wrong one; 1002: a URL that is unknown or inaccessible; 1003: invalid parameters; ' +
        '1004: an unsupported method. Anything else is the HTTP status.',
    }),
    message: z.string().meta({ description: 'What is wrong, as a sentence.' }),
  })
  .meta({ id: 'EveryPointError' })

const coded =
  (code: number) =>
  ({ message }: EngineError) => ({ success: false, code, message })

const authorization = (error: EngineError) =>
  coded(error.cause === 'absent' ? MISSING_AUTHORIZATION : INCORRECT_AUTHORIZATION)(error)

export const errors = {
  malformed: [400, coded(INVALID_PARAMETERS)],
  invalid: [400, coded(INVALID_PARAMETERS)],
  unauthenticated: [401, authorization],
  forbidden: [403, coded(INACCESSIBLE)],
  not_found: [404, coded(INACCESSIBLE)],
  method_not_allowed: [405, coded(UNSUPPORTED_METHOD)],
  conflict: [409, coded(409)],
  gone: [410, coded(410)],
  limit_reached: [409, coded(409)],
  idempotency_mismatch: [422, coded(422)],
  too_large: [413, coded(INVALID_PARAMETERS)],
  rate_limited: [429, coded(429)],
  unavailable: [503, coded(503)],
  internal: [500, coded(500)],
  not_implemented: [501, coded(501)],
} satisfies ErrorTable

/** Its one field has the model's name. */
export const fieldNames = {} satisfies FieldNames
