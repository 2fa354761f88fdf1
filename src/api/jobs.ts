// Jobs: what goes on in the background. A key sees its tenant's, the administrator the deployment's.

import { nothing, query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { mapPage, readIdPage } from '../http/pagination.ts'
import { seen } from '../http/seen.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { idPageQuery, listOf } from './schema/fields.ts'
import { JobResponse, toJobResponse } from './schema/job.ts'

/** The jobs that the caller may know of. */
function jobsOf(c: SurfaceContext) {
  const { administration } = c.env.engine
  // Set only for a key: the administrator is no principal.
  const tenantId: string | undefined = c.get('principal')?.tenantId
  if (tenantId === undefined) {
    return {
      list: administration.listJobs,
      get: administration.getJob,
      cancel: administration.cancelJob,
    }
  }
  const { jobs } = seen(c)
  return {
    list: (page: Parameters<typeof administration.listJobs>[0]) => jobs.list(tenantId, page),
    get: (id: string) => jobs.get(tenantId, id),
    cancel: (id: string) => jobs.cancel(tenantId, id),
  }
}

export const jobOperations = [
  operation({
    id: 'listJobs',
    method: 'get',
    path: '/jobs',
    summary: 'List jobs',
    description:
      'Returns jobs, newest first. A key gets those of its tenant, the administrator token those of the deployment.',
    access: { either: ['webhooks:read', 'webhooks:list'] },
    input: query(idPageQuery(CURSORS.jobs)),
    status: 200,
    output: listOf(JobResponse),
    handle: async ({ c, input: { limit, cursor: before = null } }) => {
      const { list } = jobsOf(c)
      const page = await readIdPage(CURSORS.jobs, limit, (limit) => list({ limit, before }))
      return mapPage(page, toJobResponse)
    },
  }),
  operation({
    id: 'getJob',
    method: 'get',
    path: '/jobs/{jobId}',
    summary: 'Get a job',
    access: { either: ['webhooks:read'] },
    input: nothing,
    status: 200,
    output: JobResponse,
    handle: async ({ c, id }) => toJobResponse(await jobsOf(c).get(id('jobId'))),
  }),
  operation({
    id: 'cancelJob',
    method: 'delete',
    path: '/jobs/{jobId}',
    summary: 'Cancel a job',
    description:
      'Stops a job. What it has already done is not undone. The deletion of a tenant cannot be cancelled.',
    access: { either: ['webhooks:write'] },
    audit: ['job.cancelled'],
    input: nothing,
    status: 204,
    errors: ['conflict'],
    handle: ({ c, id }) => jobsOf(c).cancel(id('jobId')),
  }),
]
