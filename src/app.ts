// The Hono app: request log, the native API, every dialect, and 404 for whatever belongs to none of them.

import { Hono } from 'hono'
import { createNativeApi } from './api/index.ts'
import { answerProblem } from './api/problem.ts'
import { createDialectRuntimes } from './dialect-runtimes.ts'
import type { Dialect } from './dialects/dialect.ts'
import { dialects as allDialects } from './dialects/index.ts'
import { answerHeaders } from './http/answer-headers.ts'
import { crossOrigin } from './http/cross-origin.ts'
import { refuseOtherPaths } from './http/methods.ts'
import { requestLog } from './http/request-log.ts'
import type { SurfaceEnv } from './http/surface.ts'

/** Every surface of a deployment; both trailing-slash forms of every path are served. */
export function createApp(dialects: readonly Dialect[] = allDialects): Hono<SurfaceEnv> {
  const app = new Hono<SurfaceEnv>({ strict: false })
  app.onError(answerProblem)
  app.use('*', requestLog, answerHeaders, crossOrigin)
  app.route('/v1', createNativeApi(createDialectRuntimes(dialects)))
  for (const { basePath, routes } of dialects) app.route(basePath, routes)
  refuseOtherPaths(app)
  return app
}
