// What the operations of the catalogue have in common: who may ask for them, and how what is saved is read.

import type { z } from 'zod'
import { CATALOGUE } from '../limits.ts'
import { changedNumbers } from '../primitives/json-numbers.ts'
import { parseStrictJson } from '../primitives/json-text.ts'
import { invalidInput, validate } from '../primitives/validate.ts'
import type { Access } from './admission.ts'
import { readText } from './body.ts'
import type { Input } from './input.ts'
import { readQuery } from './query.ts'

/** Who may use the catalogue, which all tenants share: every key may read it, and an operator key with the permission write it. */
export const READ: Access = { everybody: [] }
export const WRITE: Access = { operator: ['catalogue:write'] }

/**
 * A query, and a body with schemas in it, which may be larger than any other. In the members of it that are named in `exact`, numbers
 * that JavaScript cannot hold are `invalid`: a schema would say something else than was written.
 */
export function saving<Query extends z.ZodObject, T>(
  parameters: Query,
  schema: z.ZodType<T>,
  exact: readonly string[],
): Input<{ readonly asked: z.output<Query>; readonly body: T }> {
  return {
    read: async (request) => {
      const asked = readQuery(request.url, parameters)
      const text = await readText(request, CATALOGUE.requestBytes)
      const body = validate(schema, parseStrictJson(text, { members: CATALOGUE.members }))
      refuseChangedNumbers(text, exact)
      return { asked, body }
    },
    described: {
      query: parameters,
      body: { content: { 'application/json': { schema } }, required: true },
      errors: ['malformed', 'invalid', 'too_large'],
    },
  }
}

/** Throws `invalid` for numbers in these members (`a`, or `a/b` for a member of a member) of a JSON text that JavaScript cannot hold. */
export function refuseChangedNumbers(text: string, members: readonly string[]): void {
  const changed = changedNumbers(text).filter(({ path }) =>
    members.some((name) => `${path.join('/')}/`.startsWith(`${name}/`)),
  )
  if (changed.length === 0) return
  throw invalidInput(
    changed.map(({ path, becomes }) => ({
      path: [...path],
      message: `This number cannot be kept as it is written: it would become ${becomes}.`,
    })),
  )
}
