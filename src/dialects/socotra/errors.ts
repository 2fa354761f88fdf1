// Socotra documents no errors; all of this is ours (docs/contracts/socotra.md, "Errors").

import { z } from 'zod'
import { type EngineError, formatPath } from '../../errors.ts'
import type { ErrorTable } from '../../http/create-surface.ts'
import type { FieldNames } from '../../http/field-errors.ts'

export const ErrorBody = z
  .object({
    message: z.string().meta({ description: 'What is wrong, as a sentence.' }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({ description: 'Where the error is, such as `endpoint.url`.' }),
          message: z.string().meta({ description: 'What is wrong there.' }),
        }),
      )
      .optional()
      .meta({ description: 'What is wrong with each field that is to blame.' }),
  })
  .meta({ id: 'SocotraError' })

/** `errors` is there when some field is to blame. */
const body = ({ message, issues }: EngineError) => {
  const errors = issues.map(({ path, message }) => ({ path: formatPath(path), message }))
  return errors.length === 0 ? { message } : { message, errors }
}

export const errors = {
  malformed: [400, body],
  invalid: [400, body],
  unauthenticated: [401, body],
  forbidden: [403, body],
  not_found: [404, body],
  method_not_allowed: [405, body],
  conflict: [409, body],
  gone: [410, body],
  limit_reached: [409, body],
  idempotency_mismatch: [422, body],
  too_large: [413, body],
  rate_limited: [429, body],
  unavailable: [503, body],
  internal: [500, body],
  not_implemented: [501, body],
} satisfies ErrorTable

export const fieldNames = {
  url: ['endpoint', 'url'],
  secret: ['endpoint', 'secret'],
  headers: ['endpoint', 'headers'],
  'failureHandling.alertUrl': ['failureHandling', 'alertEndpoint', 'url'],
  cursor: ['pagingToken'],
} satisfies FieldNames
