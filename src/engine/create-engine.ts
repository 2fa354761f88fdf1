// Puts the engine together from its ports.

import { createAdministration } from './administration.ts'
import { createConsumers } from './consumers.ts'
import { createDiagnosis } from './diagnosis.ts'
import { createEvents } from './events.ts'
import type { Engine } from './index.ts'
import { createJobs } from './jobs.ts'
import type { Ports } from './ports.ts'
import { createWebhooks } from './webhooks.ts'

/** An engine on these ports. It keeps no state of its own but the caches of keys and of health. */
export function createEngine(ports: Ports): Engine {
  return {
    administration: createAdministration(ports),
    events: createEvents(ports),
    webhooks: createWebhooks(ports),
    consumers: createConsumers(ports),
    jobs: createJobs(ports),
    diagnosis: createDiagnosis(ports),
  }
}
