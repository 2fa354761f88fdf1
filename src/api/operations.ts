// Every operation of `/v1` but the one that describes them all.

import type { DialectRuntimes } from '../engine/ports/index.ts'
import { auditOperations } from './audit.ts'
import { deadLetterOperations } from './dead-letters.ts'
import { divertedOperations } from './diverted.ts'
import { eventTypeExchange } from './event-type-exchange.ts'
import { eventTypeOperations } from './event-types.ts'
import { eventOperations } from './events.ts'
import { expressionOperations } from './expressions.ts'
import { jobOperations } from './jobs.ts'
import { keyOperations } from './keys.ts'
import { portalLinkOperations } from './portal-links.ts'
import { pullOperations } from './pull.ts'
import { secretOperations } from './secrets.ts'
import { statusOperations } from './status.ts'
import { tailOperations } from './tail.ts'
import { templateOperations } from './templates.ts'
import { tenantOperations } from './tenants.ts'
import { underTenant } from './under-tenant.ts'
import { webhookLogOperations } from './webhook-log.ts'
import { webhookSecretOperations } from './webhook-secrets.ts'
import { webhookOperations } from './webhooks.ts'

/** Where paths overlap, the more specific one first. */
export function nativeOperations(dialectRuntimes: DialectRuntimes) {
  const operations = [
    ...tenantOperations,
    ...keyOperations,
    ...portalLinkOperations,
    ...auditOperations,
    ...templateOperations,
    ...deadLetterOperations,
    ...secretOperations,
    ...statusOperations,
    ...eventOperations,
    ...eventTypeExchange,
    ...eventTypeOperations,
    ...expressionOperations,
    ...webhookOperations(dialectRuntimes),
    ...webhookSecretOperations,
    ...webhookLogOperations,
    ...pullOperations,
    ...divertedOperations,
    ...jobOperations,
    ...tailOperations,
  ]
  return [...operations, ...underTenant(operations)]
}
