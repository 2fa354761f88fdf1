// All pages of somebody who is signed in.

import { attemptPages } from './attempt.tsx'
import { divertedPages } from './diverted.tsx'
import { eventTypePages } from './event-types.tsx'
import { eventPages } from './events.tsx'
import { failureHandlingPages } from './failure-handling.tsx'
import { jobPages } from './jobs.tsx'
import { overviewPages } from './overview.tsx'
import { keyPages, tenantPages } from './tenants.tsx'
import { webhookPages } from './webhook.tsx'
import { webhookChanges } from './webhook-changes.tsx'
import { webhookListPages } from './webhooks.tsx'

/** Where paths overlap, the more specific one first. */
export const consolePages = [
  tenantPages,
  keyPages,
  webhookListPages,
  divertedPages,
  attemptPages,
  failureHandlingPages,
  webhookChanges,
  webhookPages,
  eventPages,
  eventTypePages,
  jobPages,
  overviewPages,
]
