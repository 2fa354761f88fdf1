// Errors of vendors that document none: `{ "message", "errors"?: { "<field>": ["…"] } }`.

import { z } from 'zod'
import type { EngineError } from '../errors.ts'
import type { ErrorTable } from './create-surface.ts'
import { messagesByField } from './field-errors.ts'

export const PlainError = z
  .object({
    message: z.string().meta({ description: 'What is wrong, as a sentence.' }),
    errors: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .meta({ description: 'What is wrong with each field that is to blame.' }),
  })
  .meta({ id: 'PlainError' })

const message = ({ message }: EngineError) => ({ message })

/** `errors` is there when some field is to blame. */
const messageAndFields = (error: EngineError) => {
  const errors = messagesByField(error.issues)
  return Object.keys(errors).length === 0 ? message(error) : { ...message(error), errors }
}

export const plainErrors = {
  malformed: [400, message],
  invalid: [400, messageAndFields],
  unauthenticated: [401, message],
  forbidden: [403, message],
  not_found: [404, message],
  method_not_allowed: [405, message],
  conflict: [409, message],
  gone: [410, message],
  limit_reached: [409, message],
  idempotency_mismatch: [422, message],
  too_large: [413, message],
  rate_limited: [429, message],
  unavailable: [503, message],
  internal: [500, message],
  not_implemented: [501, message],
} satisfies ErrorTable
