// What other Workers of the account may call.

import { WorkerEntrypoint } from 'cloudflare:workers'
import type { AcceptedEvent, Engine } from '../engine/index.ts'
import { parseDrafts } from '../engine/intake/parse.ts'
import { EngineError } from '../errors.ts'
import { parseUuid } from '../http/ids.ts'
import type { Env } from '../platform/env.ts'
import { findExampleSecret } from '../platform/example-secrets.ts'
import { writeJson } from '../primitives/json-text.ts'

type EngineOf = (env: Env, ctx: Pick<ExecutionContext, 'waitUntil'>) => Engine

/** Bound as a service, it is called as `env.HOOKLINE.publish(tenantId, event)`. */
export function createPublisher(engineOf: EngineOf) {
  return class Publisher extends WorkerEntrypoint<Env> {
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
}
