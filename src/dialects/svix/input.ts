// A query and a body together, as some of Svix's calls have them.

import type { z } from 'zod'
import { parseVendorJson, readText } from '../../http/body.ts'
import type { Input } from '../../http/input.ts'
import { readQuery } from '../../http/query.ts'
import { CATALOGUE } from '../../limits.ts'
import { parseStrictJson } from '../../primitives/json-text.ts'
import { validate } from '../../primitives/validate.ts'

type Whole<Query extends z.ZodObject, T> = Input<{
  readonly asked: z.output<Query>
  readonly body: T
}>

/** Query parameters, and a body of JSON. */
export function whole<Query extends z.ZodObject, T>(
  parameters: Query,
  schema: z.ZodType<T>,
): Whole<Query, T> {
  return reading(parameters, schema, async (request) => parseVendorJson(await readText(request)))
}

/** The same of a body with schemas of event types in it, which may be larger. */
export function withSchemas<Query extends z.ZodObject, T>(
  parameters: Query,
  schema: z.ZodType<T>,
): Whole<Query, T> {
  return reading(parameters, schema, async (request) => {
    const text = await readText(request, CATALOGUE.requestBytes)
    return parseStrictJson(text, { members: CATALOGUE.members })
  })
}

function reading<Query extends z.ZodObject, T>(
  parameters: Query,
  schema: z.ZodType<T>,
  read: (request: Request) => Promise<unknown>,
): Whole<Query, T> {
  return {
    read: async (request) => ({
      asked: readQuery(request.url, parameters),
      body: validate(schema, await read(request)),
    }),
    described: {
      query: parameters,
      body: { content: { 'application/json': { schema } }, required: true },
      errors: ['malformed', 'invalid', 'too_large'],
    },
  }
}
