// The Worker: the handlers of this deployment and the exported classes.

import { WorkerEntrypoint } from 'cloudflare:workers'
import { createWorker } from './create-worker.ts'
import { dialects } from './dialects/index.ts'
import type { AcceptedEvent } from './engine/index.ts'
import { parseDrafts } from './engine/intake/parse.ts'
import { EngineError } from './errors.ts'
import { parseUuid } from './http/ids.ts'
import type { Env } from './platform/env.ts'
import { findExampleSecret } from './platform/example-secrets.ts'
import { writeJson } from './primitives/json-text.ts'

export { DeploymentJobs } from './platform/durable/deployment-jobs.ts'
export { EventLog } from './platform/durable/event-log/event-log.ts'
export { WebhookMonitor } from './platform/durable/webhook-monitor/webhook-monitor.ts'

const { handlers, engineOf } = createWorker(dialects)

export default handlers

/** The door for other Workers of the account: bind it as a service, then `env.HOOKLINE.publish(tenantId, event)`. */
export class Publisher extends WorkerEntrypoint<Env> {
  /** Publishes one event or an array, under the rules of `POST /v1/events`. Rejects with what is wrong. */
  async publish(tenantId: string, events: unknown): Promise<{ events: AcceptedEvent[] }> {
    const exampleSecret = findExampleSecret(this.env)
    if (exampleSecret !== null) throw new EngineError('unavailable', exampleSecret)
    const drafts = parseDrafts(writeJson(events))
    const engine = engineOf(this.env, this.ctx)
    const { id } = await engine.administration.getTenant(parseUuid(tenantId, 'tenant'))
    return { events: [...(await engine.events.publish(id, drafts))] }
  }
}
