// The stores in memory keep the contracts that D1 keeps.

import { describe } from 'vitest'
import { activityStoreContract } from '../contracts/activity-store.ts'
import { auditStoreContract } from '../contracts/audit-store.ts'
import { deadLetterStoreContract } from '../contracts/dead-letter-store.ts'
import { deduplicationStoreContract } from '../contracts/deduplication-store.ts'
import { eventTypeStoreContract } from '../contracts/event-type-store.ts'
import { idempotencyStoreContract } from '../contracts/idempotency-store.ts'
import { keyStoreContract } from '../contracts/key-store.ts'
import { noticeStoreContract } from '../contracts/notice-store.ts'
import { portalLinkStoreContract } from '../contracts/portal-link-store.ts'
import { pullConsumerStoreContract } from '../contracts/pull-consumer-store.ts'
import { type SecretStoreSubject, secretStoreContract } from '../contracts/secret-store.ts'
import { sessionStoreContract } from '../contracts/session-store.ts'
import { aTenant, aWebhook } from '../contracts/store-fixtures.ts'
import { templateStoreContract } from '../contracts/template-store.ts'
import { tenantJobStoreContract } from '../contracts/tenant-job-store.ts'
import { tenantStoreContract } from '../contracts/tenant-store.ts'
import { webhookStoreContract } from '../contracts/webhook-store.ts'
import { createMemoryStores, Tables } from './stores.ts'

const make = async () => createMemoryStores()

async function makeSecrets(): Promise<SecretStoreSubject> {
  const tables = new Tables()
  const { tenants, webhooks, secrets } = createMemoryStores(tables)
  for (const n of [1, 2]) await tenants.insert(aTenant(n))
  return {
    secrets,
    async keep({ tenantId, id }, sealedUnder) {
      await webhooks.insert(aWebhook(1, { tenantId, id }))
      const row = tables.webhooks.get(`${tenantId}/${id}`)
      if (row) row.sealedUnder = sealedUnder
    },
  }
}

describe('in memory', () => {
  tenantStoreContract(make)
  keyStoreContract(make)
  auditStoreContract(make)
  templateStoreContract(async () => (await make()).templates)
  eventTypeStoreContract(async () => {
    const { eventTypes } = await make()
    return () => eventTypes
  })
  webhookStoreContract(make)
  secretStoreContract(makeSecrets)
  deduplicationStoreContract(async () => (await make()).deduplication)
  activityStoreContract(async () => (await make()).activity)
  sessionStoreContract(make)
  noticeStoreContract(make)
  portalLinkStoreContract(make)

  pullConsumerStoreContract(make)
  idempotencyStoreContract(make)
  tenantJobStoreContract(make)
  deadLetterStoreContract(make)
})
