// The jobs of all tenants, for whoever runs Hookline: which there are is noted when they are started, how they fare is asked where
// they run.

import { EngineError } from '../../errors.ts'
import type { Administration, Jobs } from '../api.ts'
import type { Job } from '../model/index.ts'
import type { Ports, TenantJob } from '../ports/index.ts'

export function createTenantJobs(
  { tenantJobs }: Pick<Ports, 'tenantJobs'>,
  jobs: Pick<Jobs, 'get'>,
): Pick<Administration, 'listTenantJobs'> {
  /** Null once it, or its tenant, is gone, or where it was never begun. */
  const find = async ({ tenantId, id }: TenantJob): Promise<Job | null> => {
    try {
      return await jobs.get(tenantId, id)
    } catch (error) {
      if (error instanceof EngineError && error.code === 'not_found') return null
      throw error
    }
  }
  return {
    async listTenantJobs(page) {
      const noted = await tenantJobs.list(page)
      const found = await Promise.all(noted.map(find))
      const last = noted.length < page.limit ? null : (noted.at(-1) ?? null)
      return { items: found.filter((job) => job !== null), last }
    },
  }
}
