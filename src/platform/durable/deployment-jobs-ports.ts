// The ports that steps of the deployment's jobs ask.

import type { Bindings } from '../bindings.ts'
import { createD1Stores } from '../d1/index.ts'
import { createVault } from '../vault.ts'
import {
  createEventLogs,
  createMonitors,
  type EventLogBinding,
  type MonitorBinding,
} from './clients.ts'

export type JobBindings = Bindings & MonitorBinding & EventLogBinding

export function createJobPorts(env: JobBindings) {
  const { tenants, webhooks, secrets } = createD1Stores(env.DB, createVault(env.SECRETS_KEY ?? ''))
  return {
    tenants,
    webhooks,
    secrets,
    monitor: createMonitors(env),
    eventLog: createEventLogs(env),
  }
}
