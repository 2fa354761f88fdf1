// The Worker: the handlers of this deployment and the exported classes.

import { createWorker } from './compose.ts'
import { dialects } from './dialects/index.ts'
import { EventLogObject } from './platform/durable/event-log/event-log.ts'
import { createPublisher } from './rpc/publisher.ts'

// Under the names of wrangler.toml, which a deployment keeps for good.
export { DeploymentJobsObject as DeploymentJobs } from './platform/durable/deployment-jobs.ts'
export { WebhookMonitor } from './platform/durable/webhook-monitor/webhook-monitor.ts'

const { handlers, engineOf, dialectRuntimes } = createWorker(dialects)

/** Finds out whom events are for, and so asks the dialects. */
class DeployedEventLog extends EventLogObject {
  protected override dialectRuntimes() {
    return dialectRuntimes
  }
}

export default handlers

export { DeployedEventLog as EventLog }

/** The door for other Workers of the account. */
export class Publisher extends createPublisher(engineOf) {}
