// CrazyGoldFish documents no errors; all of this is ours (docs/contracts/crazygoldfish.md, "Errors").

import { z } from 'zod'
import type { EngineError } from '../../errors.ts'
import type { ErrorTable } from '../../http/create-surface.ts'
import { type FieldNames, messagesByField } from '../../http/field-errors.ts'

export const ErrorBody = z
  .object({
    detail: z
      .string()
      .optional()
      .meta({ description: 'What is wrong, as a sentence, where no field is to blame.' }),
  })
  .catchall(z.array(z.string()))
  .meta({
    id: 'CrazyGoldFishError',
    description: 'A detail, or what is wrong with each field that is to blame.',
  })

const detail = ({ message }: EngineError) => ({ detail: message })

/** By field; a request of which no field is to blame gets a detail. */
const byField = (error: EngineError) => {
  const messages = messagesByField(error.issues)
  return Object.keys(messages).length === 0 ? detail(error) : messages
}

export const errors = {
  malformed: [400, detail],
  invalid: [400, byField],
  unauthenticated: [401, detail],
  forbidden: [403, detail],
  not_found: [404, detail],
  method_not_allowed: [405, detail],
  // "Each user can only create one webhook per API template" (docs/contracts/crazygoldfish.md, "Calls").
  conflict: [409, () => ({ detail: 'You already have a webhook for this API template.' })],
  gone: [410, detail],
  limit_reached: [409, detail],
  idempotency_mismatch: [422, detail],
  too_large: [413, detail],
  rate_limited: [429, detail],
  unavailable: [503, detail],
  internal: [500, detail],
  not_implemented: [501, detail],
} satisfies ErrorTable

export const fieldNames = { url: ['endpoint_url'], secret: ['secret_hash'] } satisfies FieldNames
