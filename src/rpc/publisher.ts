// What other Workers of the account may call.

import { WorkerEntrypoint } from 'cloudflare:workers'
import type { AcceptedEvent, Engine } from '../engine/index.ts'
import { parseDrafts } from '../engine/intake/parse.ts'
import { EngineError, notFound } from '../errors.ts'
import type { Env } from '../platform/env.ts'
import { findExampleSecret } from '../platform/example-secrets.ts'
import { writeJson } from '../primitives/json-text.ts'

type EngineOf = (env: Env, ctx: Pick<ExecutionContext, 'waitUntil'>) => Engine

/** Bound as a service, it is called as `env.HOOKLINE.publish(tenantId, event)`. */
export function createPublisher(engineOf: EngineOf) {
  return class Publisher extends WorkerEntrypoint<Env> {
    /** Publishes one event or an array for a tenant, by its id or its uid, under the rules of `POST /v1/events`. Rejects with what is wrong. */
    async publish(tenantId: string, events: unknown): Promise<{ events: AcceptedEvent[] }> {
      const exampleSecret = findExampleSecret(this.env)
      if (exampleSecret !== null) throw new EngineError('unavailable', exampleSecret)
      const drafts = parseDrafts(writeJson(events))
      const engine = engineOf(this.env, this.ctx)
      // Another Worker may hand over anything.
      if (typeof tenantId !== 'string') throw notFound('tenant')
      const id = await engine.administration.getTenantId(tenantId)
      return { events: [...(await engine.events.publish(id, drafts))] }
    }
  }
}
