// Query parameters as a schema understands them. A surface decides whether others are ignored or refused.

import { z } from 'zod'
import { invalidInput, toIssues } from '../primitives/validate.ts'

/**
 * A whole number of a vendor's list: what is above `most` means `most`, however many digits it has, because a client
 * that asks for too much wants what there is.
 */
export function clamped(least: number, most: number) {
  return z
    .string()
    .regex(/^\d+$/, 'Expected an integer.')
    .transform((digits) => Math.min(Number(digits), most))
    .pipe(z.int().min(least))
    .meta(asInteger({ minimum: least }))
}

/** Describes a text of digits as the number that it is to whoever writes one into a URL. */
export function asInteger(bounds: Readonly<Record<string, number | string>>) {
  return {
    override: ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }) => {
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key)
      Object.assign(jsonSchema, { type: 'integer', ...bounds })
    },
  }
}

/** Throws `invalid`, naming each parameter that `schema` does not have, and those that it has. */
export function refuseOtherParameters(url: string, schema?: z.ZodObject): void {
  const known = schema?.shape ?? {}
  const others = [...new Set(new URL(url).searchParams.keys())].filter(
    (name) => !Object.hasOwn(known, name),
  )
  if (others.length === 0) return
  const names = Object.keys(known).join(', ')
  const message = names === '' ? 'Unknown parameter.' : `Unknown parameter. There are: ${names}.`
  throw invalidInput(others.map((name) => ({ path: [name], message })))
}

/** Throws `invalid`, naming each parameter that is wrong or given more than once. */
export function readQuery<Schema extends z.ZodObject>(
  url: string,
  schema: Schema,
): z.output<Schema> {
  const parameters = new URL(url).searchParams
  const names = Object.keys(schema.shape).filter((name) => parameters.has(name))
  const repeated = names.filter((name) => parameters.getAll(name).length > 1)
  if (repeated.length > 0) {
    throw invalidInput(
      repeated.map((name) => ({ path: [name], message: 'This parameter may be given only once.' })),
    )
  }
  const result = schema.safeParse(
    Object.fromEntries(names.map((name) => [name, parameters.get(name)])),
  )
  if (!result.success) throw invalidInput(toIssues(result.error))
  return result.data
}
