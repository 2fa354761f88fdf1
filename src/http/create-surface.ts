// A surface from its operations: the routes, the methods that are refused on their paths, and errors in its own shape.
// What differs between surfaces is data of their definitions.

import { type ErrorHandler, type Handler, Hono, type MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import type { EngineError, EngineErrorCode } from '../errors.ts'
import { type Admission, keyFirst } from './admission.ts'
import { actForTenant } from './auth.ts'
import { errorHeaders, toEngineError } from './errors.ts'
import { type FieldNames, withFieldNames } from './field-errors.ts'
import { refuseOtherMethods, refuseOtherPaths, refuseVendorPath } from './methods.ts'
import { type Operation, paramNames } from './operation.ts'
import type { PathParams } from './path-param.ts'
import { refuseOtherParameters } from './query.ts'
import type { SurfaceEnv } from './surface.ts'

/** HTTP status and body of each engine error in a surface's shape. Exhaustive, or it does not compile. */
export type ErrorTable = Readonly<
  Record<
    EngineErrorCode,
    readonly [status: ContentfulStatusCode, toBody: (error: EngineError) => object]
  >
>

/** How a surface says no. */
export interface ErrorFormat {
  readonly errors: ErrorTable
  /** What the table's bodies look like, for the description. */
  readonly errorBody: z.ZodType
  readonly errorMediaType?: string
  /**
   * Names of the model's fields in this surface's requests, for what the engine itself refuses. Absent where the engine's
   * own are used: then its sentences stay as they are.
   */
  readonly fieldNames?: FieldNames
}

interface SurfaceDefinition extends ErrorFormat {
  /** Where paths overlap, the more specific one first. */
  readonly operations: readonly Operation[]
  /** Every parameter in the operations' paths. */
  readonly params: PathParams
  /** When callers are asked who they are: first of all, unless it says otherwise. */
  readonly admission?: Admission
  /**
   * The parameter by which a path names the tenant, by its id or its uid: for operations with it the caller acts for that tenant
   * (`actForTenant`), and `id` gives its id.
   */
  readonly tenantParam?: string
  /** Whether every path begins with that parameter: then another's tenant reads like none before anything else is asked. */
  readonly beginsWithTenant?: boolean
  /** Paths, as Hono has them, that the vendor has and this deployment cannot serve: `not_implemented` for every method. */
  readonly notImplemented?: readonly string[]
  /** Whether a query parameter that an operation does not have is refused; otherwise it is ignored. */
  readonly refusesOtherParameters?: boolean
  /**
   * Whether the app that it is mounted on answers errors in this very format. A handler of its own would then be asked
   * around each operation (Hono), for the same answer.
   */
  readonly sharesErrors?: boolean
}

export interface Route {
  readonly operation: Operation
  readonly method: string
  /** The path as Hono has it, below the surface's base path. */
  readonly pattern: string
}

export interface Surface extends SurfaceDefinition {
  readonly routes: readonly Route[]
  /** To be mounted with `route(basePath, …)` on an app made with `strict: false`. */
  readonly app: Hono<SurfaceEnv>
}

/** A surface where it is found. */
export interface MountedSurface {
  /** Headers beside the usual ones that web pages of other origins send it. */
  readonly requestHeaders?: readonly string[]
  /** The dialect of the webhooks that are made there. */
  readonly id: string
  /** Whose surface it is, for people; left out where it is Hookline's own. */
  readonly title?: string
  /** A path without a slash at its end. */
  readonly basePath: string
  readonly surface: Surface
}

export function createSurface(definition: SurfaceDefinition): Surface {
  const { operations, params, admission = keyFirst } = definition
  const app = new Hono<SurfaceEnv>({ strict: false })
  // Set before it is mounted, or Hono never asks.
  if (!definition.sharesErrors) app.onError(answerErrors(definition))
  for (const middleware of admission.before) app.use('*', middleware)
  if (definition.beginsWithTenant) app.use(`/:${definition.tenantParam}/*`, actingFor(definition))
  const routes = operations.map((operation) => ({
    operation,
    method: operation.description.method.toUpperCase(),
    pattern: toPattern(operation.description.path, params),
  }))
  // First: where a vendor's path has a word, that word is no name of what an operation's path names there.
  for (const path of definition.notImplemented ?? []) refuseVendorPath(app, path)
  for (const [pattern, ofPath] of Map.groupBy(routes, (route) => route.pattern)) {
    for (const { method, operation } of ofPath) {
      app.on(method, pattern, toHandler(operation, { ...definition, admission }))
    }
    const methods = ofPath.map(({ method }) => method)
    refuseOtherMethods(app, pattern, methods)
  }
  refuseOtherPaths(app)
  return { ...definition, routes, app }
}

/** Answers whatever was thrown as a surface has it. */
export function answerErrors(format: ErrorFormat): ErrorHandler<SurfaceEnv> {
  const { errors, errorMediaType = 'application/json', fieldNames } = format
  return (thrown, c) => {
    const refused = toEngineError(thrown, c)
    const error = fieldNames === undefined ? refused : withFieldNames(refused, fieldNames)
    const [status, toBody] = errors[error.code]
    const headers = { 'content-type': errorMediaType, ...errorHeaders(error) }
    return c.body(JSON.stringify(toBody(error)), status, headers)
  }
}

/** Refuses what is below a tenant that the caller may not act for. */
function actingFor({ tenantParam = '', params }: SurfaceDefinition): MiddlewareHandler<SurfaceEnv> {
  const { read } = paramOf(tenantParam, params)
  return async (c, next) => {
    await actForTenant(read(c.req.param(tenantParam) ?? ''), c)
    await next()
  }
}

/** `/webhooks/{id}` as `/webhooks/:id`, and what the parameter must match behind it. */
function toPattern(path: string, params: PathParams): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const { pattern } = paramOf(name, params)
    return pattern === undefined ? `:${name}` : `:${name}{${pattern}}`
  })
}

function paramOf(name: string, params: PathParams) {
  const param = params[name]
  if (param === undefined) throw new Error(`The surface has no parameter ${name}.`)
  return param
}

/** Credential and permissions, path, query, the tenant that the path names, input, answer: in this order, each only if the one before was good. */
function toHandler(
  operation: Operation,
  {
    params,
    admission,
    refusesOtherParameters,
    tenantParam = '',
  }: Pick<SurfaceDefinition, 'params' | 'refusesOtherParameters' | 'tenantParam'> & {
    readonly admission: Admission
  },
): Handler<SurfaceEnv> {
  const { access, path, input, looksUpTenant = true } = operation.description
  const names = paramNames(path)
  const namesTenant = names.includes(tenantParam)
  const admit = admission.within(access, namesTenant)
  const named = names.map((name) => [name, paramOf(name, params)] as const)
  return async (c) => {
    await admit(c)
    const ids = new Map(named.map(([name, { read }]) => [name, read(c.req.param(name) ?? '')]))
    if (refusesOtherParameters) refuseOtherParameters(c.req.url, input.described.query)
    const tenant = ids.get(tenantParam)
    if (tenant !== undefined && looksUpTenant) ids.set(tenantParam, await actForTenant(tenant, c))
    return operation.answer(c, ids)
  }
}
