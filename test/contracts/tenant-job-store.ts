// The contract of TenantJobStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Ports } from '../../src/engine/ports/index.ts'
import { newId } from '../../src/primitives/ids.ts'
import { uuid } from './store-fixtures.ts'

type Stores = Pick<Ports, 'tenantJobs'>

/** `make` gives empty stores. */
export function tenantJobStoreContract(make: () => Promise<Stores>): void {
  describe('a store of tenants’ jobs', () => {
    let stores: Stores
    beforeEach(async () => {
      stores = await make()
    })
    const note = async (at: number, tenant = 1) => {
      const job = { id: newId(at), tenantId: uuid(tenant) }
      await stores.tenantJobs.note(job)
      return job
    }
    const list = (order: 'ascending' | 'descending', behind: string | null = null, limit = 2) =>
      stores.tenantJobs.list({ limit, behind, order })

    it('lists jobs of all tenants in order of time, and goes on behind one', async () => {
      const jobs = [await note(2, 1), await note(1, 2), await note(3, 2)] as const
      expect(await list('ascending')).toEqual([jobs[1], jobs[0]])
      expect(await list('ascending', jobs[0].id)).toEqual([jobs[2]])
      expect(await list('descending')).toEqual([jobs[2], jobs[0]])
      expect(await list('descending', jobs[0].id)).toEqual([jobs[1]])
    })

    it('keeps a job once that is noted twice', async () => {
      const job = await note(1)
      await stores.tenantJobs.note(job)
      expect(await list('ascending')).toEqual([job])
    })

    it('forgets what is older than a time', async () => {
      await note(1_000)
      const second = await note(2_000)
      expect(await stores.tenantJobs.prune(2_000)).toBe(1)
      expect(await list('ascending')).toEqual([second])
    })
  })
}
