// What every vendor surface does the same way and in the same order: errors in its own shape (set before it is
// mounted, or Hono never asks), the credential first, then its routes, then every path and method it does not have.

import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Json } from '../engine/model/index.ts'
import type { EngineError, EngineErrorCode } from '../errors.ts'
import { authenticate } from './auth.ts'
import { errorHeaders, toEngineError } from './errors.ts'
import { type FieldNames, withFieldNames } from './field-errors.ts'
import { closeRoutes } from './methods.ts'
import type { SurfaceEnv } from './surface.ts'

/** HTTP status and body of each engine error in a vendor's shape. Exhaustive, or it does not compile. */
export type ErrorTable = Readonly<
  Record<
    EngineErrorCode,
    readonly [status: ContentfulStatusCode, toBody: (error: EngineError) => Json]
  >
>

interface SurfaceDefinition {
  readonly errors: ErrorTable
  /** Names of the model's fields in this vendor's requests, for what the engine itself refuses. */
  readonly fieldNames?: FieldNames
  /** Registers the vendor's routes; paths have no trailing slash and both forms are served. */
  readonly routes: (app: Hono<SurfaceEnv>) => unknown
}

/** A complete sub-app, to be mounted with `route(basePath, …)` on an app made with `strict: false`. */
export function createSurface({
  errors,
  fieldNames = {},
  routes,
}: SurfaceDefinition): Hono<SurfaceEnv> {
  const app = new Hono<SurfaceEnv>({ strict: false })
  app.onError((thrown, c) => {
    const error = withFieldNames(toEngineError(thrown, c), fieldNames)
    const [status, toBody] = errors[error.code]
    return c.json(toBody(error), status, errorHeaders(error))
  })
  app.use('*', authenticate)
  routes(app)
  closeRoutes(app)
  return app
}
