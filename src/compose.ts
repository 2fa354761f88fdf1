// How the parts become a Worker: every surface in one app, the wire format of each dialect, and the engine on the ports of
// Cloudflare.

import { Hono } from 'hono'
import { getPathNoStrict as pathOf } from 'hono/utils/url'
import { createNativeApi } from './api/index.ts'
import { createKeyDirectory } from './api/key-directory.ts'
import { nativeDialect, nativeRuntime } from './api/native-wire.ts'
import { answerProblem, PROBLEM_MEDIA_TYPE, toProblem } from './api/problem.ts'
import { createConsole, createPortal, createReference } from './console/index.tsx'
import type { Dialect } from './dialects/dialect.ts'
import { dialects as allDialects } from './dialects/index.ts'
import { createEngine, type Engine } from './engine/index.ts'
import type { DialectRuntime, DialectRuntimes } from './engine/ports/index.ts'
import { describeError, EngineError, STATUS } from './errors.ts'
import { answerHeaders } from './http/answer-headers.ts'
import type { MountedSurface } from './http/create-surface.ts'
import { crossOrigin } from './http/cross-origin.ts'
import { refuseOtherPaths } from './http/methods.ts'
import { requestLog } from './http/request-log.ts'
import type { SurfaceEnv } from './http/surface.ts'
import { createMcp, MCP_REQUEST_HEADERS } from './mcp/index.ts'
import { allowedOriginsOf } from './platform/allowed-origins.ts'
import type { Env } from './platform/env.ts'
import { findExampleSecret } from './platform/example-secrets.ts'
import { log } from './platform/logger.ts'
import { portalSettingsOf } from './platform/portal-settings.ts'
import { createPorts } from './platform/ports.ts'
import { consume } from './platform/queues/consumer.ts'
import { createRateLimit } from './platform/rate-limit.ts'
import { privateHost } from './platform/target-policy/check-target.ts'

/** The native wire and those of `dialects`. */
export function createDialectRuntimes(dialects: readonly Dialect[] = allDialects): DialectRuntimes {
  const byId = new Map<string, DialectRuntime>([
    [nativeDialect, nativeRuntime],
    ...dialects.map((dialect) => [dialect.id, dialect] as const),
  ])
  return (dialect) => byId.get(dialect) ?? null
}

/** Every surface of a deployment. */
export function createSurfaces(dialects: readonly Dialect[] = allDialects) {
  return [createNativeApi(createDialectRuntimes(dialects), dialects), ...dialects] as const
}

/** All of them in one app; both trailing-slash forms of every path are served. */
export function createApp(dialects: readonly Dialect[] = allDialects): Hono<SurfaceEnv> {
  // Clients whose base URL ends in a slash ask for `//`: an empty part of a path names nothing here.
  const getPath = (request: Request) => pathOf(request).replace(/\/{2,}/g, '/')
  const app = new Hono<SurfaceEnv>({ getPath })
  app.onError(answerProblem)
  const surfaces = createSurfaces(dialects)
  const ofSurfaces = surfaces.flatMap((surface) => surface.requestHeaders ?? [])
  const requestHeaders = [...ofSurfaces, ...MCP_REQUEST_HEADERS]
  app.use('*', requestLog, answerHeaders, crossOrigin(requestHeaders))
  for (const mounted of surfaces) mount(app, mounted)
  const api = apiOf(surfaces)
  app.route('/console', createConsole(api))
  app.route('/portal', createPortal(api))
  app.route('/docs', createReference(api))
  app.route('/mcp', createMcp(api))
  app.route('/.well-known', createKeyDirectory())
  refuseOtherPaths(app)
  return app
}

/** `/v1` alone, for pages and tools that ask it in-process. */
function apiOf([native]: ReturnType<typeof createSurfaces>): Hono<SurfaceEnv> {
  const app = new Hono<SurfaceEnv>()
  app.onError(answerProblem)
  mount(app, native)
  return app
}

function mount(app: Hono<SurfaceEnv>, { id, basePath, surface }: MountedSurface): void {
  app.use(`${basePath}/*`, async (c, next) => {
    c.set('surface', id)
    await next()
  })
  app.route(basePath, surface.app)
}

/** What a deployment that speaks `dialects` does when called, and its engine for whoever else calls it. */
export function createWorker(dialects: readonly Dialect[]) {
  const app = createApp(dialects)
  const dialectRuntimes = createDialectRuntimes(dialects)
  const engineOf = (env: Env, ctx: Pick<ExecutionContext, 'waitUntil'>): Engine =>
    createEngine(createPorts(env, ctx, dialectRuntimes))

  const handlers = {
    fetch(request, env, ctx) {
      // A `Host` that no URL can have gets this far.
      const url = URL.parse(request.url)
      if (url === null) {
        return refuse(new EngineError('malformed', 'The request could not be read.'))
      }
      try {
        return app.fetch(request, bindingsOf(url.hostname, env, ctx), ctx)
      } catch (error) {
        return refuse(new EngineError('internal', 'An internal error occurred.'), error)
      }
    },
    queue: (batch, env, ctx) => consume(batch, engineOf(env, ctx).consumers),
    scheduled: (_, env, ctx) => engineOf(env, ctx).consumers.sweep(),
  } satisfies ExportedHandler<Env>

  function bindingsOf(calledAt: string, env: Env, ctx: ExecutionContext) {
    const ports = createPorts(env, ctx, dialectRuntimes, calledAt)
    return {
      engine: createEngine(ports),
      log: ports.log,
      adminToken: env.ADMIN_TOKEN,
      exampleSecret: findExampleSecret(env),
      withinRate: createRateLimit(env, ports.log),
      ...portalSettingsOf(env),
      allowedOrigins: allowedOriginsOf(env),
      checkTarget: ports.checkTarget,
      isPrivateTarget: privateHost,
      privateTargetsAllowed: env.ALLOW_PRIVATE_TARGETS === 'true',
    }
  }
  return { handlers, engineOf, dialectRuntimes }
}

/** The answer where no surface can give one; what happened goes to the log. */
function refuse(error: EngineError, cause: unknown = error): Response {
  log({ event: 'request.unbegun', status: STATUS[error.code], error: describeError(cause) })
  return new Response(JSON.stringify(toProblem(error)), {
    status: STATUS[error.code],
    headers: {
      'content-type': PROBLEM_MEDIA_TYPE,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  })
}
