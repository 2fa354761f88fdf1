import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../../src/platform/d1/database.ts'
import { pruneDeduplicationKeys } from '../../../src/platform/d1/deduplication-pruning.ts'
import { makeD1Stores } from './stores.ts'

beforeEach(async () => {
  const { deduplication } = await makeD1Stores()
  // Ten keys in each of two tenants; every second one expires at 10, the rest at 100.
  for (const tenantId of ['t', 'u']) {
    for (const parity of [0, 1]) {
      const entries = [0, 2, 4, 6, 8].map((n) => ({
        key: String(n + parity),
        contentHash: 'h',
        answer: 'a',
      }))
      const times = { now: 1, expiresAt: parity === 0 ? 10 : 100 }
      await deduplication.claim(tenantId, entries, times)
    }
  }
})

async function left(): Promise<string> {
  const { results } = await env.DB.prepare(
    'SELECT tenant_id || key AS name FROM deduplication_keys ORDER BY tenant_id, key',
  ).all<{ name: string }>()
  return results.map(({ name }) => name).join(' ')
}

it.each([1, 3, 10, 20, 100])('removes what expired in steps of %i rows', async (stepRows) => {
  const removed = await pruneDeduplicationKeys(openDatabase(env.DB), {
    now: 10,
    limit: 99,
    stepRows,
  })
  expect(removed).toBe(10)
  expect(await left()).toBe('t1 t3 t5 t7 t9 u1 u3 u5 u7 u9')
})

it('stops at the limit, also in the middle of a step', async () => {
  const limits = { now: 10, limit: 4, stepRows: 5 }
  expect(await pruneDeduplicationKeys(openDatabase(env.DB), limits)).toBe(4)
  expect(await left()).toBe('t1 t3 t5 t7 t8 t9 u0 u1 u2 u3 u4 u5 u6 u7 u8 u9')
})
