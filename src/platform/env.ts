// All bindings, those of the Durable Objects among them: what the Worker is given.

import type { Bindings } from './bindings.ts'
import type { DeploymentJobsObject } from './durable/deployment-jobs.ts'
import type { EventLogObject } from './durable/event-log/event-log.ts'
import type { WebhookMonitor } from './durable/webhook-monitor/webhook-monitor.ts'

export interface Env extends Bindings {
  readonly MONITORS: DurableObjectNamespace<WebhookMonitor>
  readonly DEPLOYMENT_JOBS: DurableObjectNamespace<DeploymentJobsObject>
  readonly EVENT_LOGS: DurableObjectNamespace<EventLogObject>
}
