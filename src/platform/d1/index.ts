// The control plane's stores in D1. Every one rejects when D1 cannot be reached; the engine decides what that means.

import type { Ports } from '../../engine/ports/index.ts'
import type { Vault } from '../vault.ts'
import { createActivityStore } from './activity-store.ts'
import { createAuditStore } from './audit-store.ts'
import { hideParameters, openDatabase } from './database.ts'
import { createDeadLetterStore } from './dead-letter-store.ts'
import { createDeduplicationStore } from './deduplication-store.ts'
import { createEventTypeStore } from './event-type-store.ts'
import { createIdempotencyStore } from './idempotency-store.ts'
import { createKeyStore } from './key-store.ts'
import { createNoticeStore } from './notice-store.ts'
import { createPortalLinkStore } from './portal-link-store.ts'
import { createPullConsumerStore } from './pull-consumer-store.ts'
import { createSecretStore } from './secret-store.ts'
import { createSessionStore } from './session-store.ts'
import { createTemplateStore } from './template-store.ts'
import { createTenantJobStore } from './tenant-job-store.ts'
import { createTenantStore } from './tenant-store.ts'
import { createWebhookStore } from './webhook-store.ts'

export type D1Stores = Pick<
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
>

export function createD1Stores(d1: D1Database, vault: Vault): D1Stores {
  const db = openDatabase(d1)
  const eventTypes = createEventTypeStore(db, () => Date.now())
  return {
    tenants: hideParameters(createTenantStore(db)),
    keys: hideParameters(createKeyStore(db, eventTypes.seen)),
    sessions: hideParameters(createSessionStore(db)),
    portalLinks: hideParameters(createPortalLinkStore(db)),
    notices: hideParameters(createNoticeStore(db)),
    pullConsumers: hideParameters(createPullConsumerStore(db)),
    templates: hideParameters(createTemplateStore(db)),
    eventTypes: hideParameters(eventTypes),
    webhooks: hideParameters(createWebhookStore(db, vault)),
    secrets: hideParameters(createSecretStore(db, vault)),
    deduplication: hideParameters(createDeduplicationStore(db)),
    idempotency: hideParameters(createIdempotencyStore(db, vault)),
    activity: hideParameters(createActivityStore(db)),
    audit: hideParameters(createAuditStore(db)),
    tenantJobs: hideParameters(createTenantJobStore(db)),
    deadLetters: hideParameters(createDeadLetterStore(db)),
  }
}
