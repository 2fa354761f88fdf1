// The engine's ports on Cloudflare.

import type { Outbounds, Ports } from '../engine/ports.ts'
import { whileReachable } from './availability.ts'
import { createD1Stores, type D1Stores } from './d1/index.ts'
import { createDiagnostics } from './diagnostics.ts'
import { createEventLogs, createMonitors } from './durable/index.ts'
import type { Env } from './env.ts'
import { log } from './log.ts'
import { createDeliveryQueue } from './queue/delivery-queue.ts'
import { createEventQueue } from './queue/event-queue.ts'
import { createSender } from './sender.ts'
import { readSettings, readTargetSettings } from './settings.ts'
import { createAddressCheck } from './target-policy/check-addresses.ts'
import { checkTarget } from './target-policy/check-target.ts'
import { createVault } from './vault.ts'

/** Everything the engine needs, for one invocation; `calledAt` is the host of the request that it answers. */
export function createPorts(
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  outbounds: Outbounds,
  calledAt: string | null = null,
): Ports {
  const { policy, resolverUrl } = readTargetSettings(env, calledAt)
  const check = (url: string) => checkTarget(url, policy)
  return {
    ...bindingsOf(env),
    background: (work) => ctx.waitUntil(work),
    send: createSender({ checkTarget: check, clock: () => Date.now() }),
    checkTarget: check,
    ...(resolverUrl !== null &&
      !policy.allowPrivate && { checkAddresses: createAddressCheck({ resolverUrl }) }),
    outbounds,
    settings: readSettings(env),
  }
}

type Bindings = ReturnType<typeof toBindings>

const known = new WeakMap<Env, Bindings>()

/** What does not depend on the invocation, made once: it takes longer to make than an event takes on its way. */
function bindingsOf(env: Env): Bindings {
  const made = known.get(env) ?? toBindings(env)
  known.set(env, made)
  return made
}

function toBindings(env: Env) {
  const monitors = createMonitors(env)
  const eventLogs = createEventLogs(env)
  return {
    clock: () => Date.now(),
    log,
    random: () => Math.random(),
    wait,
    ...reachableStores(createD1Stores(env.DB, createVault(env.SECRETS_KEY ?? ''))),
    events: whileReachable(
      'events queue',
      createEventQueue(env.EVENTS, (tenantId, texts) =>
        env.EVENT_LOGS.getByName(tenantId).relay(texts),
      ),
    ),
    deliveries: whileReachable('deliveries queue', createDeliveryQueue(env.DELIVERIES)),
    monitor: (webhookId: string) => whileReachable('memory of the webhook', monitors(webhookId)),
    eventLog: (tenantId: string) => whileReachable('event log', eventLogs(tenantId)),
    diagnostics: createDiagnostics(env, log),
  }
}

function reachableStores(stores: D1Stores): D1Stores {
  const reachable = <S extends object>(store: S): S => whileReachable('configuration store', store)
  return {
    tenants: reachable(stores.tenants),
    keys: reachable(stores.keys),
    templates: reachable(stores.templates),
    webhooks: reachable(stores.webhooks),
    secrets: reachable(stores.secrets),
    deduplication: reachable(stores.deduplication),
    deadLetters: reachable(stores.deadLetters),
  }
}

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
