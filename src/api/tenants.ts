// Tenants: the administrator's.

import { json, nothing, query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { mapPage, readIdPage } from '../http/pagination.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { idPageQuery, listOf } from './schema/fields.ts'
import { StartedJobResponse } from './schema/job.ts'
import { CreateTenant, TenantResponse, toTenantResponse } from './schema/tenant.ts'
import { toUsageResponse, UsageResponse } from './schema/usage.ts'

const access = 'administrator'

export const tenantOperations = [
  operation({
    id: 'createTenant',
    method: 'post',
    path: '/tenants',
    summary: 'Create a tenant',
    access,
    input: json(CreateTenant),
    status: 201,
    output: TenantResponse,
    errors: ['conflict'],
    handle: async ({ c, input: { name, id = null } }) =>
      toTenantResponse(await c.env.engine.administration.createTenant({ name, id })),
  }),
  operation({
    id: 'listTenants',
    method: 'get',
    path: '/tenants',
    summary: 'List tenants',
    description: 'Returns tenants in order of creation.',
    access,
    input: query(idPageQuery(CURSORS.tenants)),
    status: 200,
    output: listOf(TenantResponse),
    handle: async ({ c, input: { limit, cursor: after = null } }) => {
      const { administration } = c.env.engine
      const page = await readIdPage(CURSORS.tenants, limit, (limit) =>
        administration.listTenants({ limit, after }),
      )
      return mapPage(page, toTenantResponse)
    },
  }),
  operation({
    id: 'getTenant',
    method: 'get',
    path: '/tenants/{tenantId}',
    summary: 'Get a tenant',
    access,
    input: nothing,
    status: 200,
    output: TenantResponse,
    handle: async ({ c, id }) =>
      toTenantResponse(await c.env.engine.administration.getTenant(id('tenantId'))),
  }),
  operation({
    id: 'getTenantUsage',
    method: 'get',
    path: '/tenants/{tenantId}/usage',
    summary: 'Get the usage of a tenant by day',
    description: 'Returns what `GET /v1/usage` shows to the tenant.',
    access,
    input: nothing,
    status: 200,
    output: UsageResponse,
    handle: async ({ c, id }) =>
      toUsageResponse(await c.env.engine.administration.tenantUsage(id('tenantId'))),
  }),
  operation({
    id: 'deleteTenant',
    method: 'delete',
    path: '/tenants/{tenantId}',
    summary: 'Delete a tenant',
    description: 'Starts a job that deletes everything stored for the tenant.',
    access,
    input: nothing,
    status: 202,
    output: StartedJobResponse,
    handle: ({ c, id }) => c.env.engine.administration.deleteTenant(id('tenantId')),
  }),
]
