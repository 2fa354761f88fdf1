// Which tenant has which job, in D1, for whoever looks at the jobs of all tenants. How a job fares is known where it runs.

import { asc, desc, gt, lt } from 'drizzle-orm'
import type { TenantJobStore } from '../../engine/ports/index.ts'
import { firstIdAt } from '../../primitives/ids.ts'
import type { Database } from './database.ts'
import { tenantJobs } from './schema.ts'

export function createTenantJobStore(db: Database): TenantJobStore {
  const { id } = tenantJobs
  return {
    async note(job) {
      await db.insert(tenantJobs).values(job).onConflictDoNothing()
    },

    async list({ limit, behind, order }) {
      const isAscending = order === 'ascending'
      const rest = isAscending ? gt(id, behind ?? '') : lt(id, behind ?? '')
      return await db
        .select()
        .from(tenantJobs)
        .where(behind === null ? undefined : rest)
        .orderBy(isAscending ? asc(id) : desc(id))
        .limit(limit)
    },

    async prune(before) {
      const { meta } = await db
        .delete(tenantJobs)
        .where(lt(id, firstIdAt(before)))
        .run()
      return meta.changes
    },
  }
}
