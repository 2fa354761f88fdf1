// Tenants: the administrator's.

import { mapPage, readIdPage } from '../http/pagination.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { call } from './call.ts'
import { json, nothing, query } from './input.ts'
import { idPageQuery, listOf } from './schema/fields.ts'
import { StartedJob } from './schema/job.ts'
import { CreateTenant, TenantResponse, toTenantResponse } from './schema/tenant.ts'

const access = 'administrator'

export const tenantCalls = [
  call({
    id: 'createTenant',
    method: 'post',
    path: '/tenants',
    summary: 'Create a tenant',
    access,
    takes: json(CreateTenant),
    status: 201,
    gives: TenantResponse,
    refusals: ['conflict'],
    handle: async ({ c, input: { name, id = null } }) =>
      toTenantResponse(await c.env.engine.administration.createTenant({ name, id })),
  }),
  call({
    id: 'listTenants',
    method: 'get',
    path: '/tenants',
    summary: 'List tenants',
    description: 'Returns tenants in order of creation.',
    access,
    takes: query(idPageQuery(CURSORS.tenants)),
    status: 200,
    gives: listOf(TenantResponse),
    handle: async ({ c, input: { limit, cursor: after = null } }) => {
      const { administration } = c.env.engine
      const page = await readIdPage(CURSORS.tenants, limit, (limit) =>
        administration.listTenants({ limit, after }),
      )
      return mapPage(page, toTenantResponse)
    },
  }),
  call({
    id: 'getTenant',
    method: 'get',
    path: '/tenants/{tenantId}',
    summary: 'Get a tenant',
    access,
    takes: nothing,
    status: 200,
    gives: TenantResponse,
    handle: async ({ c, id }) =>
      toTenantResponse(await c.env.engine.administration.getTenant(id('tenantId'))),
  }),
  call({
    id: 'deleteTenant',
    method: 'delete',
    path: '/tenants/{tenantId}',
    summary: 'Delete a tenant',
    description: 'Starts a job that deletes everything stored for the tenant.',
    access,
    takes: nothing,
    status: 202,
    gives: StartedJob,
    handle: ({ c, id }) => c.env.engine.administration.deleteTenant(id('tenantId')),
  }),
]
