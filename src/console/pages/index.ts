// All pages of somebody who is signed in.

import { attemptPages } from './attempt.tsx'
import { auditPages, deploymentAuditPages } from './audit.tsx'
import { divertedPages } from './diverted.tsx'
import { eventPages } from './event.tsx'
import { eventTypePages } from './event-types.tsx'
import { eventListPages } from './events.tsx'
import { failureHandlingPages } from './failure-handling.tsx'
import { deploymentJobPages, jobPages } from './jobs.tsx'
import { keyPages } from './keys.tsx'
import { livePages } from './live.tsx'
import { overviewPages } from './overview.tsx'
import { allTenantPages } from './tenants.tsx'
import { webhookPages } from './webhook.tsx'
import { webhookChanges } from './webhook-changes.tsx'
import { webhookSecretPages } from './webhook-secret.tsx'
import { webhookTestPages } from './webhook-test.tsx'
import { webhookListPages } from './webhooks.tsx'

/** What a customer sees, too: below wherever the tenant's pages begin. Where paths overlap, the more specific one first. */
export const customerPages = [
  webhookListPages,
  divertedPages,
  attemptPages,
  webhookChanges,
  webhookSecretPages,
  webhookTestPages,
  webhookPages,
  eventListPages,
  eventPages,
  eventTypePages,
]

/** Below a tenant. */
export const tenantPages = [failureHandlingPages, ...customerPages, jobPages, livePages, auditPages]

/** Of all tenants. */
export const operatorPages = [
  allTenantPages,
  keyPages,
  deploymentAuditPages,
  deploymentJobPages,
  overviewPages,
]
