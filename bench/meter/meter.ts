// The meter around a Worker: its bindings and its handlers, wrapped so that they count.

import type { Env } from '../../src/platform/env.ts'
import { Meter } from './counts.ts'
import { meteredDatabase } from './database.ts'
import { meteredNamespace } from './objects.ts'
import { meteredBatch, meteredQueue } from './queues.ts'

/** Of this isolate: the local runtime has one for the Worker and its objects together. */
export const meter = new Meter()

const environments = new WeakMap<object, Env>()

/** The product's bindings, counting. */
export function meteredEnv(env: Env): Env {
  const known = environments.get(env)
  if (known !== undefined) return known
  const wrapped: Env = {
    ...env,
    DB: meteredDatabase(env.DB, meter),
    ACCEPTED: meteredQueue(env.ACCEPTED, meter),
    EVENTS: meteredQueue(env.EVENTS, meter),
    DELIVERIES: meteredQueue(env.DELIVERIES, meter),
    SLOW: meteredQueue(env.SLOW, meter),
    MONITORS: meteredNamespace(env.MONITORS, meter),
    EVENT_LOGS: meteredNamespace(env.EVENT_LOGS, meter),
  }
  environments.set(env, wrapped)
  return wrapped
}

interface Handlers<E> {
  fetch(request: Request, env: E, ctx: ExecutionContext): Response | Promise<Response>
  queue(batch: MessageBatch, env: E, ctx: ExecutionContext): Promise<void>
  scheduled?(controller: ScheduledController, env: E, ctx: ExecutionContext): Promise<void>
}

/** Where the meter is read: answers what was counted since it was last asked. */
export const METER_PATH = '/bench/meter'

/** A Worker's handlers, counting, with the meter's reading as one more path. */
export function meteredHandlers<E>(handlers: Handlers<E>, toMetered: (env: E) => E) {
  return {
    async fetch(request: Request, env: E, ctx: ExecutionContext): Promise<Response> {
      if (new URL(request.url).pathname === METER_PATH) return Response.json(meter.take())
      meter.add('requests')
      return handlers.fetch(request, toMetered(env), ctx)
    },
    queue: (batch: MessageBatch, env: E, ctx: ExecutionContext) =>
      meteredBatch(batch, meter, (seen) => handlers.queue(seen, toMetered(env), ctx)),
    async scheduled(controller: ScheduledController, env: E, ctx: ExecutionContext): Promise<void> {
      meter.add('invocations')
      await handlers.scheduled?.(controller, toMetered(env), ctx)
    },
  }
}
