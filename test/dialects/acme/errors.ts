import { z } from 'zod'
import type { EngineError } from '../../../src/errors.ts'
import type { ErrorTable } from '../../../src/http/create-surface.ts'
import type { FieldNames } from '../../../src/http/field-errors.ts'

export const ErrorBody = z
  .object({
    fault: z.int().meta({ description: 'The number of the fault.' }),
    text: z.string().meta({ description: 'What is wrong, as a sentence.' }),
  })
  .meta({ id: 'AcmeFault' })
const fault = (number: number) => (error: EngineError) => ({ fault: number, text: error.message })
export const errors = {
  malformed: [400, fault(1)],
  invalid: [400, fault(2)],
  unauthenticated: [401, fault(3)],
  forbidden: [403, fault(4)],
  not_found: [404, fault(5)],
  method_not_allowed: [405, fault(5)],
  conflict: [409, fault(6)],
  gone: [410, fault(6)],
  limit_reached: [409, fault(6)],
  idempotency_mismatch: [422, fault(6)],
  too_large: [413, fault(1)],
  rate_limited: [429, fault(7)],
  unavailable: [503, fault(8)],
  internal: [500, fault(9)],
  not_implemented: [501, fault(9)],
} satisfies ErrorTable
export const fieldNames = { url: ['callback'], eventTypes: ['topics'] } satisfies FieldNames
