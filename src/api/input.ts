// What a call of `/v1` takes: each reader says how the request is read and how that is described.

import type { z } from 'zod'
import type { ZodOpenApiContentObject } from 'zod-openapi'
import type { EngineErrorCode } from '../errors.ts'
import { readText } from '../http/body.ts'
import { readQuery } from '../http/query.ts'
import { REQUEST } from '../limits.ts'
import { parseStrictJson } from '../primitives/json-text.ts'
import { validate } from '../primitives/validate.ts'

export interface Input<T> {
  readonly read: (request: Request) => Promise<T>
  readonly described: {
    readonly query?: z.ZodObject
    readonly headers?: z.ZodObject
    readonly body?: { readonly content: ZodOpenApiContentObject; readonly required: boolean }
    /** How it may be refused. */
    readonly refusals: readonly EngineErrorCode[]
  }
}

/** A call that takes nothing but its path; a body is not read. */
export const nothing: Input<undefined> = {
  read: async () => undefined,
  described: { refusals: [] },
}

/** Query parameters. */
export function query<Schema extends z.ZodObject>(schema: Schema): Input<z.output<Schema>> {
  return {
    read: async (request) => readQuery(request.url, schema),
    described: { query: schema, refusals: ['invalid'] },
  }
}

/** A body of strict JSON, whatever its content type says. */
export function json<T>(schema: z.ZodType<T>): Input<T> {
  return body(true, { 'application/json': { schema } }, async (request) =>
    validate(schema, parseStrictJson(await readText(request), { members: REQUEST.members })),
  )
}

/** The same, and no body at all stands for `{}`. */
export function optionalJson<T>(schema: z.ZodType<T>): Input<T> {
  return body(false, { 'application/json': { schema } }, async (request) =>
    validate(
      schema,
      parseStrictJson((await readText(request)) || '{}', { members: REQUEST.members }),
    ),
  )
}

/** A body that a call reads in its own way. */
export function body<T>(
  required: boolean,
  content: ZodOpenApiContentObject,
  read: (request: Request) => Promise<T>,
): Input<T> {
  return {
    read,
    described: { body: { content, required }, refusals: ['invalid', 'too_large'] },
  }
}
