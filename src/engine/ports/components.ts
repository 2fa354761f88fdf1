// Which component of a deployment each port is a part of, as errors name it.

import type { Ports } from './runtime.ts'

/** Ports whose calls leave the invocation, and can fail or hang. */
export type RemotePorts = Pick<
  Ports,
  | 'tenants'
  | 'keys'
  | 'sessions'
  | 'portalLinks'
  | 'notices'
  | 'pullConsumers'
  | 'templates'
  | 'eventTypes'
  | 'webhooks'
  | 'secrets'
  | 'deduplication'
  | 'idempotency'
  | 'deadLetters'
  | 'tenantJobs'
  | 'activity'
  | 'audit'
  | 'events'
  | 'deliveries'
  | 'deploymentJobs'
  | 'monitor'
  | 'eventLog'
>

/** Puts something around each call of a port. */
type Guard = <Port extends object>(component: string, port: Port) => Port

/** The same ports, each guarded under the name of its component. */
export function guardEach(ports: RemotePorts, guard: Guard): RemotePorts {
  return {
    tenants: guard('database', ports.tenants),
    keys: guard('database', ports.keys),
    sessions: guard('database', ports.sessions),
    portalLinks: guard('database', ports.portalLinks),
    notices: guard('database', ports.notices),
    pullConsumers: guard('database', ports.pullConsumers),
    templates: guard('database', ports.templates),
    eventTypes: guard('database', ports.eventTypes),
    webhooks: guard('database', ports.webhooks),
    secrets: guard('database', ports.secrets),
    deduplication: guard('database', ports.deduplication),
    idempotency: guard('database', ports.idempotency),
    deadLetters: guard('database', ports.deadLetters),
    tenantJobs: guard('database', ports.tenantJobs),
    activity: guard('database', ports.activity),
    audit: guard('database', ports.audit),
    events: guard('events queue', ports.events),
    deliveries: guard('deliveries queue', ports.deliveries),
    deploymentJobs: guard('deployment job store', ports.deploymentJobs),
    monitor: (webhookId) => guard('webhook monitor', ports.monitor(webhookId)),
    eventLog: (tenantId) => guard('event log', ports.eventLog(tenantId)),
  }
}
