// One structured line per request, with the pattern of its route: a path may hold what a log must not.

import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Caller, Principal } from '../engine/model/index.ts'
import { traceIdOf } from '../engine/model/index.ts'
import type { EngineErrorCode } from '../errors.ts'
import { traceOfRequest } from './request-trace.ts'
import type { SurfaceEnv } from './surface.ts'

/** Gives the request an id, answers it as `x-request-id`, and logs how the request went. */
export const requestLog: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  const startedAt = Date.now()
  const requestId = crypto.randomUUID()
  c.set('requestId', requestId)
  await next()
  c.res.headers.set('x-request-id', requestId)
  // Set only on the way to a handler behind `authenticate`.
  const caller: Caller | undefined = c.get('caller')
  const principal: Principal | undefined = c.get('principal')
  const failure: EngineErrorCode | undefined = c.get('failure')
  const tool: string | undefined = c.get('tool')
  const trace = traceOfRequest(c)
  c.env.log({
    event: 'request',
    requestId,
    method: c.req.method,
    route: routePath(c),
    status: c.res.status,
    durationMs: Date.now() - startedAt,
    tenantId: principal?.tenantId,
    keyId: caller?.id,
    keyKind: caller?.kind === 'operator' ? caller.kind : undefined,
    failure,
    ...(tool !== undefined && { tool }),
    ...(trace && { traceId: traceIdOf(trace) }),
  })
}
