// The ports that steps of the deployment's jobs ask.

import type { Bindings } from '../bindings.ts'
import { createD1Stores } from '../d1/index.ts'
import { createVault } from '../vault.ts'
import { createEventLogs, type EventLogBinding } from './event-log-client.ts'
import { createMonitors, type MonitorBinding } from './monitor-client.ts'

export type JobBindings = Bindings & MonitorBinding & EventLogBinding

export function createJobPorts(env: JobBindings) {
  const vault = createVault(env.SECRETS_KEY ?? '')
  const { tenants, webhooks, secrets, deadLetters, idempotency } = createD1Stores(env.DB, vault)
  return {
    clock: () => Date.now(),
    tenants,
    webhooks,
    secrets,
    deadLetters,
    idempotency,
    monitor: createMonitors(env),
    eventLog: createEventLogs(env, vault),
  }
}
