// Puts the engine together from its ports.

import type { Engine } from './api.ts'
import { createAdministration } from './configuration/administration.ts'
import { announcing } from './configuration/announced-changes.ts'
import { createWebhooks } from './configuration/webhooks.ts'
import { createConsumers } from './delivery/consumers.ts'
import { createDiagnosis } from './diagnosis.ts'
import { createEvents } from './events.ts'
import { createJobs } from './jobs/jobs.ts'
import type { Ports } from './ports/index.ts'
import { seenBy } from './visibility/seen-by.ts'

/** An engine on these ports. It keeps no state of its own but the caches of keys and of health. */
export function createEngine(given: Ports): Engine {
  const ports = { ...given, webhooks: announcing(given) }
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
