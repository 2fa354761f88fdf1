// What an operation takes beside its path: each input says how the request is read and how that is described.

import type { z } from 'zod'
import type { ZodOpenApiContentObject } from 'zod-openapi'
import type { EngineErrorCode } from '../errors.ts'
import { REQUEST } from '../limits.ts'
import { parseStrictJson } from '../primitives/json-text.ts'
import { validate } from '../primitives/validate.ts'
import { parseVendorJson, readText } from './body.ts'
import { readQuery } from './query.ts'

export interface Input<T> {
  readonly read: (request: Request) => Promise<T>
  readonly described: {
    readonly query?: z.ZodObject
    readonly headers?: z.ZodObject
    readonly body?: { readonly content: ZodOpenApiContentObject; readonly required: boolean }
    /** How it may be refused. */
    readonly errors: readonly EngineErrorCode[]
  }
}

/** An operation that takes nothing but its path; a body is not read. */
export const nothing: Input<undefined> = {
  read: async () => undefined,
  described: { errors: [] },
}

/** Query parameters. */
export function query<Schema extends z.ZodObject>(schema: Schema): Input<z.output<Schema>> {
  return queryAs(schema, (url) => readQuery(url, schema))
}

/** Query parameters that an operation reads in its own way. */
export function queryAs<T>(schema: z.ZodObject, read: (url: string) => T): Input<T> {
  return {
    read: async (request) => read(request.url),
    described: { query: schema, errors: ['invalid'] },
  }
}

/** A body of strict JSON, whatever its content type says. */
export function json<T>(schema: z.ZodType<T>): Input<T> {
  return body(true, jsonContent(schema), async (request) =>
    validate(schema, parseStrictJson(await readText(request), { members: REQUEST.members })),
  )
}

/** The same, and no body at all stands for `{}`. */
export function optionalJson<T>(schema: z.ZodType<T>): Input<T> {
  return body(false, jsonContent(schema), async (request) =>
    validate(
      schema,
      parseStrictJson((await readText(request)) || '{}', { members: REQUEST.members }),
    ),
  )
}

/** A body of the JSON that the vendors' surfaces accept (docs/contracts/README.md, "JSON"). */
export function vendorJson<T>(schema: z.ZodType<T>): Input<T> {
  return body(true, jsonContent(schema), async (request) =>
    validate(schema, parseVendorJson(await readText(request))),
  )
}

/** A body that an operation reads in its own way. */
export function body<T>(
  required: boolean,
  content: ZodOpenApiContentObject,
  read: (request: Request) => Promise<T>,
): Input<T> {
  return {
    read,
    described: { body: { content, required }, errors: ['malformed', 'invalid', 'too_large'] },
  }
}

/** The same input, read only when it is asked for: an operation may have something to refuse before that. */
export function whenAsked<T>({ read, described }: Input<T>): Input<() => Promise<T>> {
  return { read: async (request) => () => read(request), described }
}

function jsonContent(schema: z.ZodType): ZodOpenApiContentObject {
  return { 'application/json': { schema } }
}
