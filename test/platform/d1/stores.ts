// The stores under test, on an emptied database.

import { env } from 'cloudflare:workers'
import { createD1Stores, type D1Stores } from '../../../src/platform/d1/index.ts'
import { createVault } from '../../../src/platform/vault.ts'

export async function makeD1Stores(): Promise<D1Stores> {
  await env.DB.batch(
    [
      ...['tenants', 'freed_uids', 'former_uids', 'idempotency_keys', 'operator_keys', 'sessions'],
      ...['deduplication_keys', 'templates', 'dead_letters', 'tenant_jobs', 'audit', 'activity'],
    ].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  )
  return createD1Stores(env.DB, createVault(env.SECRETS_KEY))
}
