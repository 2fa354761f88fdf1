// Wiring only: fetch, queue, scheduled, and the exported classes.

import { WorkerEntrypoint } from 'cloudflare:workers'
import { createApp } from './app.ts'
import { type AcceptedEvent, createEngine, type Engine } from './engine/index.ts'
import { parseDrafts } from './engine/pipeline/drafts.ts'
import { outbounds } from './outbounds.ts'
import type { Env } from './platform/env.ts'
import { createPorts } from './platform/ports.ts'
import { consume } from './platform/queue/consumer.ts'
import { privateHost } from './platform/target-policy/check-target.ts'

export { EventLog } from './platform/durable/event-log.ts'
export { WebhookMonitor } from './platform/durable/webhook-monitor.ts'

const app = createApp()

export default {
  fetch(request, env, ctx) {
    const ports = createPorts(env, ctx, outbounds)
    const bindings = {
      engine: createEngine(ports),
      log: ports.log,
      adminToken: env.ADMIN_TOKEN,
      checkTarget: ports.checkTarget,
      isPrivateTarget: privateHost,
      privateTargetsAllowed: env.ALLOW_PRIVATE_TARGETS === 'true',
    }
    return app.fetch(request, bindings, ctx)
  },
  queue: (batch, env, ctx) => consume(batch, engineOf(env, ctx).consumers),
  scheduled: (_, env, ctx) => engineOf(env, ctx).consumers.sweep(),
} satisfies ExportedHandler<Env>

/** The door for other Workers of the account: bind it as a service, then `env.HOOKLINE.publish(tenantId, event)`. */
export class Publisher extends WorkerEntrypoint<Env> {
  /** Publishes one event or an array, under the rules of `POST /v1/events`. Rejects with what is wrong. */
  async publish(tenantId: string, events: unknown): Promise<{ events: AcceptedEvent[] }> {
    const drafts = parseDrafts(JSON.stringify(events) ?? '')
    const engine = engineOf(this.env, this.ctx)
    await engine.administration.getTenant(tenantId)
    return { events: [...(await engine.events.publish(tenantId, drafts))] }
  }
}

function engineOf(env: Env, ctx: Pick<ExecutionContext, 'waitUntil'>): Engine {
  return createEngine(createPorts(env, ctx, outbounds))
}
