// Puts the engine together from its ports.

import { createAdministration } from './administration.ts'
import { createConsumers } from './consumers.ts'
import { createDiagnosis } from './diagnosis.ts'
import { createEvents } from './events.ts'
import type { Engine } from './index.ts'
import { createJobs } from './jobs.ts'
import type { Ports } from './ports.ts'
import { seenBy } from './seen-by.ts'
import { createWebhooks } from './webhooks.ts'

/** An engine on these ports. It keeps no state of its own but the caches of keys and of health. */
export function createEngine(ports: Ports): Engine {
  const all = {
    events: createEvents(ports),
    webhooks: createWebhooks(ports),
    jobs: createJobs(ports),
  }
  return {
    ...all,
    administration: createAdministration(ports),
    consumers: createConsumers(ports),
    diagnosis: createDiagnosis(ports),
    seenBy: (principal) => seenBy(principal, all),
  }
}
