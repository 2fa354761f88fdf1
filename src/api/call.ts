// What a call of `/v1` is: one value that says who may make it, what goes in and what comes out. Routes and the API
// description are both made from it, so they cannot disagree.

import type { Handler } from 'hono'
import type { z } from 'zod'
import type { Permission } from '../engine/model/index.ts'
import type { EngineErrorCode } from '../errors.ts'
import { authenticateKey, checkPermissions, isAdmin, requireAdmin } from '../http/auth.ts'
import { refuseExampleSecret } from '../http/example-secrets.ts'
import { parseUuid } from '../http/ids.ts'
import { toJsonText } from '../http/json-source.ts'
import { refuseOtherParameters } from '../http/query.ts'
import type { SurfaceContext, SurfaceEnv } from '../http/surface.ts'
import type { Input } from './input.ts'

/**
 * Who may make a call: anybody, the administrator, or a key with all of these permissions; `either`: such a key, or the
 * administrator, about different things.
 */
export type Access =
  | 'public'
  | 'administrator'
  | readonly Permission[]
  | { readonly either: readonly Permission[] }

/** The permissions that a key needs for a call; null when no key may make it. */
export function permissionsOf(access: Access): readonly Permission[] | null {
  if (typeof access === 'string') return null
  return 'either' in access ? access.either : access
}

/** What can be said of a call without making it. */
export interface CallDescription {
  /** Unique; the `operationId`. */
  readonly id: string
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** Below `/v1`. A parameter in braces is an id: `{webhookId}` is the id of a webhook. */
  readonly path: string
  readonly summary: string
  /** What its input and answer do not show. */
  readonly description?: string
  readonly access: Access
  readonly takes: Input<unknown>
  readonly status: 200 | 201 | 202 | 204
  /** A status that the same answer may come with instead. */
  readonly otherStatus?: 503
  /** Absent with 204. */
  readonly gives?: z.ZodType
  /** How it may be refused beyond what its access, path and input imply. */
  readonly refusals?: readonly EngineErrorCode[]
}

interface CallDefinition<Path extends string, T, Answer> extends CallDescription {
  readonly path: Path
  readonly takes: Input<T>
  readonly gives?: z.ZodType<Answer>
  /** Whether an answer comes with `otherStatus`. */
  readonly isOther?: (answer: Answer) => boolean
  readonly handle: (asked: Asked<Path, T>) => Promise<Answer>
}

/** A request whose credential, ids and input are good. */
export interface Asked<Path extends string, T> {
  readonly c: SurfaceContext
  /** An id in the path, in lower case. */
  readonly id: (name: ParamName<Path>) => string
  readonly input: T
}

type ParamName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamName<Rest>
  : never

export interface Call {
  readonly description: CallDescription
  /** Credential, permissions, ids, query, input, answer: in this order, each only if the one before was good. */
  readonly answer: Handler<SurfaceEnv>
}

/** A call from its definition. */
export function call<const Path extends string, T, Answer>(
  definition: CallDefinition<Path, T, Answer>,
): Call {
  const { path, access, takes, status, otherStatus, isOther, handle } = definition
  const names = paramNames(path)
  const admit = admissionOf(access)
  const answer: Handler<SurfaceEnv> = async (c) => {
    // What is public says it in its own way.
    if (access !== 'public') refuseExampleSecret(c)
    await admit(c)
    const ids = new Map(names.map((name) => [name, readId(c, name)]))
    const id = (name: string): string => {
      const value = ids.get(name)
      if (value === undefined) throw new Error(`${path} has no parameter ${name}.`)
      return value
    }
    refuseOtherParameters(c.req.url, takes.described.query)
    const result = await handle({ c, id, input: await takes.read(c.req.raw) })
    if (status === 204) return c.body(null, status)
    const shown = isOther?.(result) ? (otherStatus ?? status) : status
    return c.body(toJsonText(result), shown, { 'content-type': 'application/json' })
  }
  return { description: definition, answer }
}

/** The names in braces. */
export function paramNames(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}

/** What is not an id is the id of nothing: 404, as for an unknown one. */
function readId(c: SurfaceContext, name: string): string {
  return parseUuid(c.req.param(name) ?? '', name.replace(/Id$/, ''))
}

/** Rejects unless the caller may make the call. */
function admissionOf(access: Access): (c: SurfaceContext) => Promise<void> {
  if (access === 'public') return async () => {}
  if (access === 'administrator') return requireAdmin
  const permissions = permissionsOf(access) ?? []
  const isEither = 'either' in access
  return async (c) => {
    if (isEither && (await isAdmin(c))) return
    await authenticateKey(c)
    checkPermissions(c, permissions)
  }
}
