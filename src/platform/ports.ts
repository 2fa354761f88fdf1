// The engine's ports on Cloudflare.

import { IsolateRequests } from '../engine/health/requests-under-way.ts'
import type { CheckTarget, DialectRuntimes, Ports } from '../engine/ports/index.ts'
import { createD1Stores } from './d1/index.ts'
import { createDiagnostics } from './diagnostics.ts'
import { createDeploymentJobsClient } from './durable/deployment-jobs-client.ts'
import { createEventLogs } from './durable/event-log-client.ts'
import { createMonitors } from './durable/monitor-client.ts'
import type { Env } from './env.ts'
import { guardAll } from './guard.ts'
import { log } from './logger.ts'
import { createMail } from './mail.ts'
import { oncePerEnv } from './once-per-env.ts'
import { createSender } from './outgoing/send.ts'
import { Timers } from './outgoing/timers.ts'
import { queuesOf } from './queues/choose-queue.ts'
import { createDeliveryQueue } from './queues/delivery-queue.ts'
import { createEventQueue } from './queues/event-queue.ts'
import { settingsOf, targetSettingsOf } from './settings.ts'
import { createAddressCheck } from './target-policy/check-addresses.ts'
import { checkTarget, withOwnHost } from './target-policy/check-target.ts'
import { inSpan } from './tracing.ts'
import { createVault } from './vault.ts'

/** Everything the engine needs, for one invocation; `calledAt` is the host of the request that it answers. */
export function createPorts(
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  dialectRuntimes: DialectRuntimes,
  calledAt: string | null = null,
): Ports {
  const { policy, resolverUrl } = targetSettingsOf(env)
  const timers = new Timers({ lingers: true })
  const check = remembering((url) => checkTarget(url, withOwnHost(policy, calledAt)))
  return {
    ...bindingsOf(env),
    background: (work) => ctx.waitUntil(work),
    timer: (ms) => timers.timer(ms),
    send: createSender({ checkTarget: check, clock: () => Date.now(), timers }),
    checkTarget: check,
    ...(resolverUrl !== null &&
      !policy.allowPrivate && { checkAddresses: createAddressCheck({ resolverUrl }) }),
    dialectRuntimes,
  }
}

/** What does not depend on the invocation. */
const bindingsOf = oncePerEnv((env: Env) => ({
  clock: () => Date.now(),
  log,
  inSpan,
  random: () => Math.random(),
  underWay: new IsolateRequests(),
  ...guardAll({
    ...createD1Stores(env.DB, createVault(env.SECRETS_KEY ?? '')),
    events: createEventQueue(queuesOf(env, 'ACCEPTED'), (tenantId, texts) =>
      env.EVENT_LOGS.getByName(tenantId).relay(texts),
    ),
    deliveries: createDeliveryQueue(queuesOf(env, 'DELIVERIES'), queuesOf(env, 'SLOW')),
    deploymentJobs: createDeploymentJobsClient(env),
    monitor: createMonitors(env),
    eventLog: createEventLogs(env, createVault(env.SECRETS_KEY ?? '')),
  }),
  mail: createMail(env),
  diagnostics: createDiagnostics(env, log),
  settings: settingsOf(env),
}))

/** The same verdicts; one about a URL that a batch sends to many times is reached once. */
function remembering(check: CheckTarget): CheckTarget {
  const verdicts = new Map<string, string | null>()
  return (url) => {
    const known = verdicts.get(url)
    if (known !== undefined) return known
    const verdict = check(url)
    verdicts.set(url, verdict)
    return verdict
  }
}
