// A query and a body together, as some of Svix's calls have them.

import type { z } from 'zod'
import { parseVendorJson, readText } from '../../http/body.ts'
import type { Input } from '../../http/input.ts'
import { readQuery } from '../../http/query.ts'
import { validate } from '../../primitives/validate.ts'

/** Query parameters, and a body of JSON. */
export function whole<Query extends z.ZodObject, T>(
  parameters: Query,
  schema: z.ZodType<T>,
): Input<{ readonly asked: z.output<Query>; readonly body: T }> {
  return {
    read: async (request) => ({
      asked: readQuery(request.url, parameters),
      body: validate(schema, parseVendorJson(await readText(request))),
    }),
    described: {
      query: parameters,
      body: { content: { 'application/json': { schema } }, required: true },
      errors: ['malformed', 'invalid', 'too_large'],
    },
  }
}
