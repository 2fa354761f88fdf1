// The Hono app: request log, the native API, every dialect, and 404 for whatever belongs to none of them.

import { Hono } from 'hono'
import { createNativeApi } from './api/index.ts'
import { answerProblem } from './api/problem.ts'
import { dialects } from './dialects/index.ts'
import { refuseOtherPaths } from './http/methods.ts'
import { requestLog } from './http/request-log.ts'
import type { SurfaceEnv } from './http/surface.ts'
import { outbounds } from './outbounds.ts'

/** Every surface of this deployment; both trailing-slash forms of every path are served. */
export function createApp(): Hono<SurfaceEnv> {
  const app = new Hono<SurfaceEnv>({ strict: false })
  app.onError(answerProblem)
  app.use('*', requestLog)
  app.route('/v1', createNativeApi(outbounds))
  for (const { basePath, routes } of dialects) app.route(basePath, routes)
  refuseOtherPaths(app)
  return app
}
