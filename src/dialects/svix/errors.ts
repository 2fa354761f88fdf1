// Svix's errors: HTTPValidationError for what is wrong with an input, HttpErrorOut for all else (docs/contracts/svix.md, "Transport
// rules the server must satisfy").

import { z } from 'zod'
import { type EngineError, notImplemented } from '../../errors.ts'
import type { ErrorTable } from '../../http/create-surface.ts'
import type { FieldNames } from '../../http/field-errors.ts'

export const ErrorBody = z
  .union([
    z.object({
      code: z.string().meta({ description: 'What kind of error it is.' }),
      detail: z.string().meta({ description: 'What is wrong, as a sentence.' }),
    }),
    z.object({
      detail: z
        .array(
          z.object({
            loc: z.array(z.string()).meta({ description: 'Where in the request.' }),
            msg: z.string().meta({ description: 'What is wrong there.' }),
            type: z.string().meta({ description: 'What kind of error it is.' }),
          }),
        )
        .meta({ description: 'Everything that is wrong with the request.' }),
    }),
  ])
  .meta({ id: 'SvixError' })

const coded =
  (code: string) =>
  ({ message }: EngineError) => ({ code, detail: message })

const validation = ({ message, issues }: EngineError) => {
  const all = issues.length > 0 ? issues : [{ path: [], message }]
  return {
    detail: all.map(({ path, message: msg }) => ({
      loc: ['body', ...path.map(String)],
      msg,
      type: 'value_error',
    })),
  }
}

export const errors = {
  malformed: [400, coded('generic_error')],
  invalid: [422, validation],
  unauthenticated: [401, coded('authentication_failed')],
  forbidden: [403, coded('insufficient access')],
  not_found: [404, coded('not_found')],
  method_not_allowed: [405, coded('generic_error')],
  conflict: [409, coded('conflict')],
  gone: [410, coded('gone')],
  limit_reached: [400, coded('limit_reached')],
  idempotency_mismatch: [409, coded('conflict')],
  too_large: [413, coded('payload_too_large')],
  rate_limited: [429, coded('rate_limited')],
  unavailable: [503, coded('server_error')],
  internal: [500, coded('server_error')],
  not_implemented: [501, coded('not_implemented')],
} satisfies ErrorTable

/** The model's names are Svix's, but for these. */
export const fieldNames = {
  type: ['eventType'],
  data: ['payload'],
  cursor: ['iterator'],
  since: ['after'],
} satisfies FieldNames

/** Throws `not_implemented` for the first of these fields below `within` that was sent with a value: none is passed over in silence. */
export function refuseFields(fields: Readonly<Record<string, unknown>>, within = ''): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null) throw notImplemented(`The field ${within}${name}`)
  }
}
