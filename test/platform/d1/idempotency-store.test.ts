import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { idempotencyStoreContract } from '../../contracts/idempotency-store.ts'
import { makeD1Stores } from './stores.ts'

idempotencyStoreContract(makeD1Stores)

it('stores no answer that can be read', async () => {
  const { idempotency } = await makeD1Stores()
  const claim = { key: 'k', contentHash: 'h', owner: 'o' }
  await idempotency.claim(claim, { now: 1_000, expiresAt: 2_000 })
  await idempotency.complete(claim, 'whsec_geheim', 3_000)
  const rows = await env.DB.prepare('SELECT * FROM idempotency_keys').all()
  expect(rows.results).toHaveLength(1)
  expect(JSON.stringify(rows.results)).not.toContain('geheim')
})
