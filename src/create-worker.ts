// The Worker's handlers for a list of dialects.

import { createApp } from './app.ts'
import type { Dialect } from './dialects/dialect.ts'
import { createEngine, type Engine } from './engine/index.ts'
import { createOutbounds } from './outbounds.ts'
import { readAllowedOrigins } from './platform/allowed-origins.ts'
import type { Env } from './platform/env.ts'
import { createPorts } from './platform/ports.ts'
import { consume } from './platform/queue/consumer.ts'
import { createRateLimit } from './platform/rate-limit.ts'
import { privateHost } from './platform/target-policy/check-target.ts'

/** What a deployment that speaks `dialects` does when called, and its engine for whoever else calls it. */
export function createWorker(dialects: readonly Dialect[]) {
  const app = createApp(dialects)
  const outbounds = createOutbounds(dialects)
  const engineOf = (env: Env, ctx: Pick<ExecutionContext, 'waitUntil'>): Engine =>
    createEngine(createPorts(env, ctx, outbounds))

  const handlers = {
    fetch(request, env, ctx) {
      const ports = createPorts(env, ctx, outbounds, new URL(request.url).hostname)
      const bindings = {
        engine: createEngine(ports),
        log: ports.log,
        adminToken: env.ADMIN_TOKEN,
        withinRate: createRateLimit(env, ports.log),
        allowedOrigins: readAllowedOrigins(env.ALLOWED_ORIGINS),
        checkTarget: ports.checkTarget,
        isPrivateTarget: privateHost,
        privateTargetsAllowed: env.ALLOW_PRIVATE_TARGETS === 'true',
      }
      return app.fetch(request, bindings, ctx)
    },
    queue: (batch, env, ctx) => consume(batch, engineOf(env, ctx).consumers),
    scheduled: (_, env, ctx) => engineOf(env, ctx).consumers.sweep(),
  } satisfies ExportedHandler<Env>
  return { handlers, engineOf }
}
