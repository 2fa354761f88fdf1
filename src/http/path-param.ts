// Parameters of paths: which texts are one at all, what the engine is asked with, and how that is described.

import { z } from 'zod'
import { isTenantName } from '../engine/model/index.ts'
import { notFound } from '../errors.ts'
import { parseUlid, parseUuid } from './ids.ts'

interface PathParam {
  /** What a text must match; another is a path that does not exist. Where there is none, every text is one. */
  readonly pattern?: string
  /** Throws `not_found`: what is not an id is the id of nothing. */
  readonly read: (text: string) => string
  readonly schema: z.ZodType
}

/** By its name in paths. */
export type PathParams = Readonly<Record<string, PathParam>>

/** The id of a `what`, written as a UUID. */
export function uuidParam(what: string): PathParam {
  return {
    read: (text) => parseUuid(text, what),
    schema: z.string().meta({ format: 'uuid', description: `The id of the ${what}.` }),
  }
}

/** A tenant by its id, in either case, or by its uid. */
export const tenantParam: PathParam = {
  read: (text) => {
    if (!isTenantName(text)) throw notFound('tenant')
    return text
  },
  schema: z.string().meta({ description: 'The tenant: its id, or its `uid`.' }),
}

const ULID = '[0-9A-Za-z]{26}'

/** The id of a `what`, written as a ULID. */
export function ulidParam(what: string): PathParam {
  return {
    read: (text) => parseUlid(text, what),
    schema: described(ULID, `The locator of the ${what}, a ULID.`),
  }
}

/** Any text. */
export function anyTextParam(description: string): PathParam {
  return { read: (text) => text, schema: z.string().meta({ description }) }
}

/** A text that matches, as it is written. */
export function textParam(pattern: string, description: string): PathParam {
  return { pattern, read: (text) => text, schema: described(pattern, description) }
}

function described(pattern: string, description: string): z.ZodType {
  return z.string().meta({ pattern: `^${pattern}$`, description })
}
