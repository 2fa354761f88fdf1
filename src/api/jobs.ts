// Jobs: what goes on in the background. A key sees its tenant's, the administrator the deployment's.

import { mapPage, readIdPage } from '../http/pagination.ts'
import { type Asked, call } from './call.ts'
import { nothing, query } from './input.ts'
import { IdPageQuery, listOf } from './schema/fields.ts'
import { JobResponse, toJobResponse } from './schema/job.ts'

/** Whose jobs the caller means: a tenant's, or null for the deployment's. */
const ownerOf = ({ c }: Pick<Asked<string, unknown>, 'c'>): string | null =>
  c.get('principal')?.tenantId ?? null

export const jobCalls = [
  call({
    id: 'listJobs',
    method: 'get',
    path: '/jobs',
    summary: 'List jobs, newest first',
    access: { either: ['webhooks:read', 'webhooks:list'] },
    takes: query(IdPageQuery),
    status: 200,
    gives: listOf(JobResponse),
    handle: async (asked) => {
      const { limit, cursor: before = null } = asked.input
      const { jobs } = asked.c.env.engine
      const page = await readIdPage(limit, (limit) => jobs.list(ownerOf(asked), { limit, before }))
      return mapPage(page, toJobResponse)
    },
  }),
  call({
    id: 'getJob',
    method: 'get',
    path: '/jobs/{jobId}',
    summary: 'Read how far a job got',
    access: { either: ['webhooks:read'] },
    takes: nothing,
    status: 200,
    gives: JobResponse,
    handle: async (asked) =>
      toJobResponse(await asked.c.env.engine.jobs.get(ownerOf(asked), asked.id('jobId'))),
  }),
  call({
    id: 'cancelJob',
    method: 'delete',
    path: '/jobs/{jobId}',
    summary: 'Stop a job where it is; what it has done stays done',
    access: { either: ['webhooks:write'] },
    takes: nothing,
    status: 204,
    refusals: ['conflict'],
    handle: (asked) => asked.c.env.engine.jobs.cancel(ownerOf(asked), asked.id('jobId')),
  }),
]
